use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::PortError;

use crate::draw::draw;

type MakeError = Arc<dyn Fn() -> PortError + Send + Sync>;
type Sleeping = Pin<Box<dyn Future<Output = ()> + Send>>;
type Sleep = Arc<dyn Fn(Duration) -> Sleeping + Send + Sync>;

/// What goes wrong in a call.
#[derive(Clone)]
pub struct Fault(Kind);

#[derive(Clone)]
enum Kind {
    Afterwards(MakeError),
    Hang,
    Instead(MakeError),
    None,
    Slow(Duration, Sleep),
    SlowUpTo(Duration, Sleep),
}

/// What a fault does to one call.
pub(super) enum Effect {
    Afterwards(MakeError),
    Hang,
    Instead(MakeError),
    None,
    Slow(Box<dyn FnOnce() -> Sleeping + Send>),
}

impl Fault {
    /// The call isn't made, and fails with this error, such as [`failures::connect`](crate::failures::connect).
    pub fn instead(error: impl Fn() -> PortError + Send + Sync + 'static) -> Self {
        Self(Kind::Instead(Arc::new(error)))
    }

    /// The call is made, but the caller gets this error in place of its result, such as
    /// [`failures::reset_after_send`](crate::failures::reset_after_send): a cryptogram may be lost.
    pub fn afterwards(error: impl Fn() -> PortError + Send + Sync + 'static) -> Self {
        Self(Kind::Afterwards(Arc::new(error)))
    }

    /// No response comes, and the call never ends by itself: the code under test needs a deadline.
    #[must_use]
    pub fn hang() -> Self {
        Self(Kind::Hang)
    }

    /// The call goes well.
    #[must_use]
    pub fn none() -> Self {
        Self(Kind::None)
    }

    /// The response comes later by this time. `sleep` is a function of your runtime, such as
    /// `tokio::time::sleep`; with a paused clock the test waits for nothing.
    pub fn slow<S>(by: Duration, sleep: impl Fn(Duration) -> S + Send + Sync + 'static) -> Self
    where
        S: Future<Output = ()> + Send + 'static,
    {
        Self(Kind::Slow(by, sleeping(sleep)))
    }

    /// The response comes later by a time up to this one; with a seed, that time repeats with the seed.
    pub fn slow_up_to<S>(
        most: Duration,
        sleep: impl Fn(Duration) -> S + Send + Sync + 'static,
    ) -> Self
    where
        S: Future<Output = ()> + Send + 'static,
    {
        Self(Kind::SlowUpTo(most, sleeping(sleep)))
    }

    fn effect(&self, drawn: u64) -> Effect {
        let slow = |by: Duration, sleep: &Sleep| {
            let sleep = Arc::clone(sleep);
            Effect::Slow(Box::new(move || sleep(by)))
        };
        match &self.0 {
            Kind::Afterwards(error) => Effect::Afterwards(Arc::clone(error)),
            Kind::Hang => Effect::Hang,
            Kind::Instead(error) => Effect::Instead(Arc::clone(error)),
            Kind::None => Effect::None,
            Kind::Slow(by, sleep) => slow(*by, sleep),
            Kind::SlowUpTo(most, sleep) => {
                let thousandths = u32::try_from(drawn % 1001).unwrap_or(1000);
                slow(most.saturating_mul(thousandths) / 1000, sleep)
            }
        }
    }
}

fn sleeping<S>(sleep: impl Fn(Duration) -> S + Send + Sync + 'static) -> Sleep
where
    S: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |by| Box::pin(sleep(by)))
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Afterwards(error) => write!(f, "afterwards: {}", error()),
            Kind::Hang => f.write_str("hang"),
            Kind::Instead(error) => write!(f, "instead: {}", error()),
            Kind::None => f.write_str("none"),
            Kind::Slow(by, _) => write!(f, "slow by {by:?}"),
            Kind::SlowUpTo(most, _) => write!(f, "slow by up to {most:?}"),
        }
    }
}

/// Which calls have which fault.
#[derive(Clone, Debug)]
pub struct Faults(Plan);

#[derive(Clone, Debug)]
enum Plan {
    Each(Fault),
    Script(Vec<Fault>),
    Seeded {
        seed: u64,
        ratios: Vec<(u32, Fault)>,
    },
}

impl Faults {
    /// Each call has this fault.
    #[must_use]
    pub fn each(fault: Fault) -> Self {
        Self(Plan::Each(fault))
    }

    /// The first call has the first fault, and so on; the calls after the last fault go well.
    #[must_use]
    pub fn script(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self(Plan::Script(faults.into_iter().collect()))
    }

    /// Of a hundred calls, so many have this fault; a seed decides which. The other calls go well, and
    /// [`and`](Self::and) adds other faults for a part of them.
    ///
    /// ```
    /// use payment_credentials_mock::failures;
    /// use payment_credentials_mock::faults::{Fault, Faults};
    ///
    /// let faults = Faults::seeded(7, 10, Fault::instead(failures::connect)).and(5, Fault::hang());
    /// ```
    ///
    /// # Panics
    ///
    /// If the faults are for more than a hundred calls of a hundred.
    #[must_use]
    #[track_caller]
    pub fn seeded(seed: u64, percent: u32, fault: Fault) -> Self {
        let ratios = Vec::new();
        Self(Plan::Seeded { seed, ratios }).and(percent, fault)
    }

    /// Adds a fault for so many of a hundred calls, to those of [`seeded`](Self::seeded).
    ///
    /// # Panics
    ///
    /// If the faults are for more than a hundred calls of a hundred, or aren't seeded.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "it is how a test fails")]
    pub fn and(self, percent: u32, fault: Fault) -> Self {
        let Plan::Seeded { seed, mut ratios } = self.0 else {
            panic!(
                "`Faults::and` adds to `Faults::seeded` alone: a script already says which call has which fault"
            );
        };
        ratios.push((percent, fault));
        let sum = ratios
            .iter()
            .map(|(percent, _)| u64::from(*percent))
            .sum::<u64>();
        assert!(
            sum <= 100,
            "the faults are for {sum} calls of a hundred; take at most 100 in all"
        );
        Self(Plan::Seeded { seed, ratios })
    }

    pub(super) fn seed(&self) -> Option<u64> {
        match self.0 {
            Plan::Seeded { seed, .. } => Some(seed),
            Plan::Each(_) | Plan::Script(_) => None,
        }
    }

    /// What happens to the call of this number, counted from zero.
    pub(super) fn effect(&self, call: u64) -> Effect {
        let fault = match &self.0 {
            Plan::Each(fault) => Some(fault),
            Plan::Script(faults) => usize::try_from(call).ok().and_then(|at| faults.get(at)),
            Plan::Seeded { seed, ratios } => {
                let mut drawn = draw(*seed, call) % 100;
                ratios.iter().find_map(|(percent, fault)| {
                    let percent = u64::from(*percent);
                    let is_it = drawn < percent;
                    drawn = drawn.saturating_sub(percent);
                    is_it.then_some(fault)
                })
            }
        };
        let seed = self.seed().unwrap_or_default();
        fault.map_or(Effect::None, |fault| fault.effect(draw(!seed, call)))
    }
}
