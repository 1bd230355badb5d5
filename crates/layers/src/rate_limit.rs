use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    BuildError, CredentialsRequest, PaymentCredentialsPort, PortError, SealedCredentials,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use crate::runtime;

/// Limits the calls a second; further calls wait in order of arrival.
///
/// Calls that weren't made are made up for by a [`burst`](Self::burst), and no more: in any second
/// at most the rate and one burst begin.
///
/// A wait has no bound of its own: put a [`Retry`](crate::Retry) or a [`Deadline`](crate::Deadline)
/// around it, whose time then counts the wait too, and which says `NotSent` if it passes there. A
/// call that is dropped while it waits uses up nothing.
///
/// Its place in the [order](crate#the-order) is inside of `Retry` and outside of
/// [`ConcurrencyLimit`](crate::ConcurrencyLimit).
#[derive(Debug)]
pub struct RateLimit<P> {
    inner: P,
    turns: Turns,
}

impl<P> RateLimit<P> {
    /// Limits how many calls a second a port has to make.
    ///
    /// A burst is a tenth of a second's worth, unless [set](Self::burst).
    ///
    /// # Errors
    ///
    /// [`BuildError`] for zero.
    ///
    /// ```
    /// use payment_credentials_layers::RateLimit;
    ///
    /// let error = RateLimit::new("a port", 0).expect_err("no call could ever be made");
    /// assert_eq!(error.to_string(), "rate limit is zero; allow at least one call a second");
    /// ```
    pub fn new(inner: P, calls_a_second: u32) -> Result<Self, BuildError> {
        let Some(interval) = Duration::from_secs(1).checked_div(calls_a_second) else {
            let rule = "is zero; allow at least one call a second";
            return Err(BuildError::new("rate limit", rule));
        };
        Ok(Self {
            inner,
            turns: Turns {
                interval,
                burst: calls_a_second / 10,
                next: Mutex::new(None),
            },
        })
    }

    /// Allows a burst of this many calls after a quiet time; zero counts as one.
    ///
    /// Timers are exact to a millisecond, so a burst that is worth less than that lowers the rate.
    #[must_use]
    pub fn burst(mut self, calls: u32) -> Self {
        self.turns.burst = calls;
        self
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for RateLimit<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        self.turns.take().await?;
        self.inner.generate_with(request, progress).await
    }
}

/// A token bucket that is kept as the time at which the next call is due.
#[derive(Debug)]
struct Turns {
    interval: Duration,
    burst: u32,
    /// The call that waits for this time holds the lock; the others wait for the lock, in their order.
    next: Mutex<Option<Instant>>,
}

impl Turns {
    /// Waits for the turn of one call, and takes it.
    async fn take(&self) -> Result<(), PortError> {
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let quiet = self.interval.saturating_mul(self.burst.saturating_sub(1));
        let oldest = now.checked_sub(quiet).unwrap_or(now);
        let due = next.map_or(oldest, |next| next.max(oldest));
        if due > now {
            runtime::require()?;
            sleep_until(due).await;
        }
        // Only now, so that a call that is dropped before takes nothing.
        *next = due.checked_add(self.interval);
        Ok(())
    }
}
