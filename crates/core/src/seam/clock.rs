use std::fmt;
use std::time::{Duration, SystemTime};

/// The resolution of tokio's timers: 1 millisecond.
///
/// A shorter deadline would end only at the next tick, after the request was sent. So whoever bounds a call
/// ends it by a shorter deadline before it starts.
pub const TIMER_RESOLUTION: Duration = Duration::from_millis(1);

/// Supplies the time to sign with.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of the wall clock, which may jump.
    fn now(&self) -> SystemTime;
}

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the time"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
