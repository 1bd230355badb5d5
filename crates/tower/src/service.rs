use std::pin::Pin;
use std::task::{Context, Poll};

use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort, PortError, SealedCredentials,
};
use tower_service::Service;

/// A port as a tower service, for tower's layers around whole calls.
///
/// It is always ready: a port bounds and queues its calls by itself. [`ServicePort`](crate::ServicePort)
/// leads back to a port. The call's [`Progress`](payment_credentials_core::seam::Progress) doesn't pass
/// through a service, so a call that a layer drops counts as `Unknown`.
///
/// ```
/// use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort, PortError};
/// use payment_credentials_tower::PortService;
/// use tower::ServiceExt;
///
/// async fn generate(port: impl PaymentCredentialsPort + Clone + 'static) -> Result<(), PortError> {
///     let token_id = "7010000000016241111".parse().expect("a token id");
///     let request = CredentialsRequest::new(token_id);
///     let _sealed = PortService::new(port).oneshot(request).await?;
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct PortService<P> {
    port: P,
}

impl<P> PortService<P> {
    /// Wraps a port, which may be an `Arc<dyn PaymentCredentialsPort>`.
    pub fn new(port: P) -> Self {
        Self { port }
    }
}

impl<P> Service<CredentialsRequest> for PortService<P>
where
    P: PaymentCredentialsPort + Clone + 'static,
{
    type Response = SealedCredentials;
    type Error = PortError;
    type Future = Pin<Box<dyn Future<Output = Result<SealedCredentials, PortError>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), PortError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: CredentialsRequest) -> Self::Future {
        let port = self.port.clone();
        Box::pin(async move { port.generate(&request).await })
    }
}
