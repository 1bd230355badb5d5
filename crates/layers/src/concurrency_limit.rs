use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    BuildError, CredentialsRequest, MerchantId, PaymentCredentialsPort, PortError,
    SealedCredentials,
};
use tokio::sync::Semaphore;

use crate::wait;

/// Limits concurrent calls; further calls wait in order of arrival.
///
/// A wait has no bound of its own: put a [`Retry`](crate::Retry) or a [`Deadline`](crate::Deadline) around
/// this layer. The time limit of that layer then includes the wait, and if it passes during the wait, the
/// error's delivery is `NotSent`. A call that is dropped leaves its place, or the queue, at once. The
/// [metrics](crate::Metrics) measure the waits with the label `limit="concurrency"`.
///
/// In the [order](crate#the-order) of layers, this one is next to the port.
#[derive(Debug)]
pub struct ConcurrencyLimit<P> {
    inner: P,
    places: Semaphore,
}

impl<P> ConcurrencyLimit<P> {
    /// Limits the number of calls that a port makes at the same time.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if `calls` is zero.
    ///
    /// ```
    /// use payment_credentials_layers::ConcurrencyLimit;
    ///
    /// let error = ConcurrencyLimit::new("a port", 0).expect_err("no call could ever be made");
    /// assert_eq!(error.to_string(), "concurrency limit is zero; allow at least one call");
    /// ```
    pub fn new(inner: P, calls: usize) -> Result<Self, BuildError> {
        if calls == 0 {
            let rule = "is zero; allow at least one call";
            return Err(BuildError::new("concurrency limit", rule));
        }
        let places = Semaphore::new(calls.min(Semaphore::MAX_PERMITS));
        Ok(Self { inner, places })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for ConcurrencyLimit<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        // An error would mean that the semaphore was closed; no code closes it.
        let _place = wait::measured("concurrency", self.places.acquire()).await;
        self.inner.generate_with(request, progress).await
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}
