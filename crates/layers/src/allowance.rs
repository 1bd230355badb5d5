use std::fmt::Debug;
use std::sync::{Mutex as BlockingMutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{BuildError, PortError};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::runtime;

/// Where [`RateLimit`](crate::RateLimit) and [`PauseUntil`](crate::PauseUntil) take their allowance from.
///
/// The layers that hold one allowance share it: all ports of the merchants of a MetaKey, or ports with keys of
/// their own behind one limit of the vendor's. [`LocalAllowance`] is shared within a process; implement this trait
/// for an allowance that several processes share.
#[async_trait]
pub trait Allowance: Debug + Send + Sync {
    /// Waits for the turn of one call, and takes it.
    ///
    /// A future that is dropped while it waits must take nothing.
    ///
    /// # Errors
    ///
    /// [`PortError`] with the delivery `NotSent` where the call may not be made.
    async fn take(&self) -> Result<(), PortError>;

    /// Waits while calls are [paused](Self::pause), and takes nothing.
    ///
    /// # Errors
    ///
    /// As for [`take`](Self::take).
    async fn resumed(&self) -> Result<(), PortError>;

    /// Lets no call begin for so long from now. A pause that ends later already stays as it is.
    fn pause(&self, wait: Duration);
}

/// An allowance of this process: so many calls per second, in order of arrival.
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
    /// None where only pauses hold calls back.
    interval: Option<Duration>,
    burst: u32,
    /// The call that waits for this time holds the lock; the others wait for the lock, in their order.
    next: Mutex<Option<Instant>>,
    paused_until: BlockingMutex<Option<Instant>>,
}

impl LocalAllowance {
    /// Allows so many calls per second.
    ///
    /// A burst is a tenth of a second's worth, unless [set](Self::burst).
    ///
    /// # Errors
    ///
    /// [`BuildError`] for zero.
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

    /// Allows any number of calls, but for pauses.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            interval: None,
            burst: 0,
            next: Mutex::new(None),
            paused_until: BlockingMutex::new(None),
        }
    }

    /// Allows a burst of this many calls after a quiet time; zero counts as one.
    ///
    /// Timers are exact to a millisecond, so a burst that is worth less than that lowers the rate.
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
        // The turn holds the lock meanwhile: after a pause, calls begin at the rate again.
        let resumed = self.resumed().await;
        let due = due.max(Instant::now().checked_sub(quiet).unwrap_or(due));
        // Only now, so that a call that is dropped before takes nothing.
        *next = due.checked_add(interval);
        resumed
    }

    async fn resumed(&self) -> Result<(), PortError> {
        // Asked again after each wait, since a pause can be prolonged.
        while let Some(end) = self.paused_until().filter(|end| *end > Instant::now()) {
            wait_until(end).await?;
        }
        Ok(())
    }

    fn pause(&self, wait: Duration) {
        let end = Instant::now().checked_add(wait);
        let mut paused_until = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *paused_until = end.max(*paused_until);
    }
}

async fn wait_until(due: Instant) -> Result<(), PortError> {
    if due > Instant::now() {
        runtime::require()?;
        sleep_until(due).await;
    }
    Ok(())
}
