use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsRequest, MerchantId, PaymentCredentialsPort, PortError, PortErrorKind, Refusal,
    SealedCredentials,
};

use crate::allowance::{Allowance, LocalAllowance};
use crate::requested_wait::requested_wait;
use crate::wait;

/// Delays all calls for as long as the service asks one of them to wait.
///
/// A 429 or a 503 with `Retry-After` pauses the calls that have not begun, in every layer that shares the
/// [`Allowance`]. [`Retry`](crate::Retry) alone delays only the call that got the response. Calls that have
/// begun continue. If `Retry-After` is a date, the pause counts from the response's own `Date`, and from the local
/// clock only if there is none; in any case it is at most as long as the [longest](Self::longest).
///
/// A wait has no bound of its own: put a [`Retry`](crate::Retry) or a [`Deadline`](crate::Deadline) around
/// this layer. The time limit of that layer then includes the wait, and if it passes during the wait, the
/// error's delivery is `NotSent`. The [metrics](crate::Metrics) measure the waits with the label
/// `limit="pause"`.
///
/// In the [order](crate#the-order) of layers, this one is right around the port, inside of the limits: a call
/// that waits for its turn there hasn't begun, and is delayed too. If a [`RateLimit`](crate::RateLimit) shares
/// the allowance, no call gets a turn in a pause, and calls begin at the rate again afterwards.
#[derive(Debug)]
pub struct PauseUntil<P> {
    inner: P,
    allowance: Arc<dyn Allowance>,
    longest: Duration,
}

impl<P> PauseUntil<P> {
    /// Pauses the calls of this port only, for at most a minute each time.
    pub fn new(inner: P) -> Self {
        Self::sharing(inner, Arc::new(LocalAllowance::unlimited()))
    }

    /// Pauses the calls of all layers that share the allowance.
    pub fn sharing(inner: P, allowance: Arc<dyn Allowance>) -> Self {
        Self {
            inner,
            allowance,
            longest: Duration::from_secs(60),
        }
    }

    /// Sets the longest pause, in case the service asks for an unreasonable wait.
    #[must_use]
    pub fn longest(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// Pauses calls if the error asks for it.
    fn heed(&self, error: &PortError) {
        let PortErrorKind::Refused(Refusal::Throttled | Refusal::Unavailable) = error.kind() else {
            return;
        };
        if let Some(wait) = requested_wait(error) {
            self.allowance.pause(wait.min(self.longest));
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for PauseUntil<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        wait::measured("pause", self.allowance.resumed()).await?;
        let generated = self.inner.generate_with(request, progress).await;
        generated.inspect_err(|error| self.heed(error))
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}
