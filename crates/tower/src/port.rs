use std::fmt;
use std::future::poll_fn;

use async_trait::async_trait;
use payment_credentials_core::seam::{Attempt, Progress};
use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort, Phase, PortError, SealedCredentials,
};
use tower::BoxError;
use tower_service::Service;

use crate::failure;

/// Uses a tower service as a port, such as a [`PortService`](crate::PortService) with layers around it.
///
/// Each call clones the service, waits until the clone is ready, and calls that clone. A
/// [`PortError`] is returned unchanged. Errors of tower's layers are converted:
///
/// - A failure to become ready and `Overloaded` (from `load_shed`) are `NotSent` and `Safe`.
/// - `Elapsed` (from `timeout`) is `Deadline` and `Unknown`, if the service had been called.
/// - Any other error is `Unknown`, since a service doesn't report whether it called the port.
#[derive(Clone)]
pub struct ServicePort<S> {
    service: S,
}

impl<S> ServicePort<S> {
    /// Wraps a service, which each call clones. Clones share whatever state its layers share.
    pub fn new(service: S) -> Self {
        Self { service }
    }
}

impl<S> fmt::Debug for ServicePort<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServicePort").finish_non_exhaustive()
    }
}

impl<S> ServicePort<S>
where
    S: Service<CredentialsRequest, Response = SealedCredentials> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    async fn make(
        &self,
        request: &CredentialsRequest,
        attempt: &Attempt,
    ) -> Result<SealedCredentials, PortError> {
        let mut service = self.service.clone();
        attempt.reached(Phase::Connect);
        let ready = poll_fn(|cx| service.poll_ready(cx)).await;
        ready.map_err(|error| failure::port_not_sent(error.into()))?;
        if !attempt.may_leave() {
            return Err(failure::given_up().into());
        }
        attempt.reached(Phase::Transport);
        let sealed = service.call(request.clone()).await;
        sealed.map_err(|error| failure::port_after_the_call(error.into()))
    }
}

#[async_trait]
impl<S> PaymentCredentialsPort for ServicePort<S>
where
    S: Service<CredentialsRequest, Response = SealedCredentials> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.make(request, &Attempt::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let attempt = progress.begin_attempt();
        let made = self.make(request, &attempt).await;
        made.inspect_err(|error| attempt.ended(error))
    }
}
