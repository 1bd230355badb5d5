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
/// After a quiet time a [burst](LocalAllowance::burst) may begin at once, and no more: in any second
/// at most the rate and one burst begin.
///
/// A wait has no bound of its own: put a [`Retry`](crate::Retry) or a [`Deadline`](crate::Deadline)
/// around it, whose time then counts the wait too, and which says `NotSent` if it passes there. A
/// call that is dropped while it waits uses up nothing. The waits are
/// [measured](crate::Metrics), with the label `limit="rate"`.
///
/// Its place in the [order](crate#the-order) is inside of `Retry` and outside of
/// [`ConcurrencyLimit`](crate::ConcurrencyLimit).
#[derive(Debug)]
pub struct RateLimit<P> {
    inner: P,
    allowance: Arc<dyn Allowance>,
}

impl<P> RateLimit<P> {
    /// Limits how many calls per second a port has to make, by an allowance of its own.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for zero.
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

    /// Limits the calls by an allowance that other layers share, or one with a burst of its own.
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
