use std::fmt::Debug;
use std::sync::{Mutex as BlockingMutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{BuildError, PortError};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::runtime;

/// Limits or pauses the calls of each [`RateLimit`](crate::RateLimit) and [`PauseUntil`](crate::PauseUntil)
/// that holds it.
///
/// All layers that hold one allowance share it, such as the layers around the ports of all merchants of a
/// MetaKey, or around ports with different keys that one limit of the vendor applies to. A
/// [`LocalAllowance`] is shared within a process, by runtimes that keep running: a call that has the next turn
/// delays all others until it is polled or dropped. Implement this trait for an allowance that several
/// processes share.
#[async_trait]
pub trait Allowance: Debug + Send + Sync {
    /// Waits for the turn of one call, and takes it.
    ///
    /// If the future is dropped while it waits, it must take nothing.
    ///
    /// # Errors
    ///
    /// [`PortError`] with the delivery `NotSent` if the call may not be made.
    async fn take(&self) -> Result<(), PortError>;

    /// Waits while calls are [paused](Self::pause), and takes nothing.
    ///
    /// # Errors
    ///
    /// As for [`take`](Self::take).
    async fn resumed(&self) -> Result<(), PortError>;

    /// Lets no call begin during the next `wait`. If a pause is in force that ends later, it stays
    /// unchanged.
    fn pause(&self, wait: Duration);
}

const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An allowance within this process: a number of calls per second, in order of arrival.
///
/// ```
/// use std::sync::Arc;
/// use payment_credentials_core::{BuildError, PaymentCredentialsPort};
/// use payment_credentials_layers::{LocalAllowance, RateLimit};
///
/// /// Two merchants' ports behind one limit.
/// fn limited<P: PaymentCredentialsPort>(ports: [P; 2]) -> Result<[RateLimit<P>; 2], BuildError> {
///     let allowance = Arc::new(LocalAllowance::new(50)?);
///     Ok(ports.map(|port| RateLimit::sharing(port, allowance.clone())))
/// }
/// ```
#[derive(Debug)]
pub struct LocalAllowance {
    /// `None` if only pauses delay calls.
    interval: Option<Duration>,
    burst: u32,
    /// The call that waits until this time holds the lock; all other calls wait for the lock, in order of
    /// arrival.
    next: Mutex<Option<Instant>>,
    paused_until: BlockingMutex<Option<Instant>>,
}

impl LocalAllowance {
    /// Allows this many calls per second.
    ///
    /// A burst is a tenth of that number of calls, unless [`burst`](Self::burst) sets another.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if `calls_per_second` is zero.
    pub fn new(calls_per_second: u32) -> Result<Self, BuildError> {
        let Some(interval) = Duration::from_secs(1).checked_div(calls_per_second) else {
            let rule = "is zero; allow at least one call per second";
            return Err(BuildError::new("rate limit", rule));
        };
        Ok(Self {
            interval: Some(interval),
            burst: calls_per_second / 10,
            ..Self::unlimited()
        })
    }

    /// Allows any number of calls; only pauses delay them.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            interval: None,
            burst: 0,
            next: Mutex::new(None),
            paused_until: BlockingMutex::new(None),
        }
    }

    /// Allows a burst of this many calls after a time without calls; zero counts as one.
    ///
    /// Timers are exact to a millisecond. If the rate allows more calls in a millisecond than the burst
    /// holds, fewer calls begin than the rate allows.
    #[must_use]
    pub fn burst(mut self, calls: u32) -> Self {
        self.burst = calls;
        self
    }

    fn paused_until(&self) -> Option<Instant> {
        *self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Allowance for LocalAllowance {
    async fn take(&self) -> Result<(), PortError> {
        let Some(interval) = self.interval else {
            return self.resumed().await;
        };
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let quiet = interval.saturating_mul(self.burst.saturating_sub(1));
        let oldest = now.checked_sub(quiet).unwrap_or(now);
        let due = next.map_or(oldest, |next| next.max(oldest));
        wait_until(due).await?;
        // This call keeps the lock during a pause, so that calls begin at the rate again after the pause.
        self.resumed().await?;
        let due = due.max(Instant::now().checked_sub(quiet).unwrap_or(due));
        // Set only after the waits, so that a call that is dropped while it waits takes nothing.
        *next = due.checked_add(interval);
        Ok(())
    }

    async fn resumed(&self) -> Result<(), PortError> {
        // Read again after each wait, since a pause can be prolonged.
        while let Some(end) = self.paused_until().filter(|end| *end > Instant::now()) {
            wait_until(end).await?;
        }
        Ok(())
    }

    fn pause(&self, wait: Duration) {
        let now = Instant::now();
        // A wait that no clock can hold ends after a century.
        let end = now.checked_add(wait).or_else(|| now.checked_add(CENTURY));
        let mut paused_until = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *paused_until = end.max(*paused_until);
    }
}

async fn wait_until(due: Instant) -> Result<(), PortError> {
    if due > Instant::now() {
        runtime::timer(|| sleep_until(due))?.await;
    }
    Ok(())
}
