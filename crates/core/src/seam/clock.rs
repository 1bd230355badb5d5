use std::fmt;
use std::time::SystemTime;

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
