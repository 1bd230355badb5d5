use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    BuildError, CredentialsRequest, MerchantId, PaymentCredentialsPort, PortError,
    SealedCredentials,
};

use crate::allowance::{Allowance, LocalAllowance};
use crate::wait;

/// Limits the calls per second; further calls wait in order of arrival.
///
/// After a time without calls, one [burst](LocalAllowance::burst) may begin at once: in any second, at most
/// as many calls begin as the rate and one burst allow together.
///
/// A wait has no bound of its own: put a [`Retry`](crate::Retry) or a [`Deadline`](crate::Deadline) around
/// this layer. The time limit of that layer then includes the wait, and if it passes during the wait, the
/// error's delivery is `NotSent`. A call that is dropped while it waits takes nothing from the allowance.
/// The [metrics](crate::Metrics) measure the waits with the label `limit="rate"`.
///
/// In the [order](crate#the-order) of layers, this one is inside of `Retry` and outside of
/// [`ConcurrencyLimit`](crate::ConcurrencyLimit).
#[derive(Debug)]
pub struct RateLimit<P> {
    inner: P,
    allowance: Arc<dyn Allowance>,
}

impl<P> RateLimit<P> {
    /// Limits the number of calls per second that a port makes, by an allowance of its own.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if `calls_per_second` is zero.
    ///
    /// ```
    /// use payment_credentials_layers::RateLimit;
    ///
    /// let error = RateLimit::new("a port", 0).expect_err("no call could ever be made");
    /// assert_eq!(error.to_string(), "rate limit is zero; allow at least one call per second");
    /// ```
    pub fn new(inner: P, calls_per_second: u32) -> Result<Self, BuildError> {
        let allowance = LocalAllowance::new(calls_per_second)?;
        Ok(Self::sharing(inner, Arc::new(allowance)))
    }

    /// Limits the calls by the given allowance: one that other layers share, or one with a [burst] of its own.
    ///
    /// [burst]: LocalAllowance::burst
    pub fn sharing(inner: P, allowance: Arc<dyn Allowance>) -> Self {
        Self { inner, allowance }
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
        wait::measured("rate", self.allowance.take()).await?;
        self.inner.generate_with(request, progress).await
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}
