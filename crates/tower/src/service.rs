use std::pin::Pin;
use std::task::{Context, Poll};

use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort, PortError, SealedCredentials,
};
use tower_service::Service;

/// Uses a port as a tower service, to put tower's layers around whole calls.
///
/// The service is always ready, since a port limits and queues its calls itself.
/// [`ServicePort`](crate::ServicePort) turns the service with its layers into a port again. A service
/// can't pass on the call's [`Progress`](payment_credentials_core::seam::Progress), so the delivery of a
/// call that a layer drops is `Unknown`.
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
    /// Wraps a port, such as an `Arc<dyn PaymentCredentialsPort>`.
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
