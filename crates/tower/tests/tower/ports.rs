//! Ports as services, and services as ports.

use std::future::{pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsRequest, Delivery, PaymentCredentialsPort, Phase, PortError, PortErrorKind, Refusal,
    Repeatability, SealedCredentials,
};
use payment_credentials_mock::failures;
use payment_credentials_mock::fixtures::Fixture;
use payment_credentials_tower::{PortService, ServicePort};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt as _};

fn request() -> CredentialsRequest {
    payment_credentials_test_limit::start();
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

/// A port with one behaviour.
#[derive(Clone, Copy, Debug)]
enum Port {
    Gives,
    IsRefused,
    Hangs,
}

#[async_trait]
impl PaymentCredentialsPort for Port {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        match self {
            Self::Gives => Ok(Fixture::MastercardV3.sealed()),
            Self::IsRefused => Err(failures::refused(404)),
            Self::Hangs => pending().await,
        }
    }
}

#[tokio::test]
async fn a_port_is_a_service_and_a_service_is_a_port() {
    let port: Arc<dyn PaymentCredentialsPort> = Arc::new(Port::Gives);
    let sealed = PortService::new(Arc::clone(&port)).oneshot(request()).await;
    assert!(sealed.is_ok());
    let stack = ServiceBuilder::new().service(PortService::new(port));
    assert!(ServicePort::new(stack).generate(&request()).await.is_ok());
}

#[tokio::test]
async fn an_error_of_the_port_passes_through_every_layer_as_it_is() {
    let stack = ServiceBuilder::new()
        .buffer(4)
        .load_shed()
        .concurrency_limit(4)
        .timeout(Duration::from_secs(10))
        .service(PortService::new(Port::IsRefused));
    let error = ServicePort::new(stack)
        .generate(&request())
        .await
        .expect_err("a refusal");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_around_a_port_leaves_the_delivery_open() {
    let stack = ServiceBuilder::new()
        .timeout(Duration::from_secs(1))
        .service(PortService::new(Port::Hangs));
    let error = ServicePort::new(stack)
        .generate(&request())
        .await
        .expect_err("late");
    assert_eq!(error.kind(), PortErrorKind::Deadline);
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.repeatability(), Repeatability::MayRepeat);
}

#[tokio::test]
async fn a_call_that_a_stack_sheds_was_not_sent() {
    let stack = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(1)
        .service(PortService::new(Port::Hangs));
    let port = ServicePort::new(stack);
    let first = request();
    let mut first = pin!(port.generate(&first));
    poll_fn(|cx| {
        assert!(first.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    let error = port.generate(&request()).await.expect_err("shed");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.repeatability(), Repeatability::Safe);
}

/// What a service does before and after it is called.
#[derive(Clone, Copy)]
enum Stub {
    NeverReady,
    FailsToBecomeReady,
    FailsWhenCalled,
    HangsWhenCalled,
}

impl Service<CredentialsRequest> for Stub {
    type Response = SealedCredentials;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<SealedCredentials, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::NeverReady => Poll::Pending,
            Self::FailsToBecomeReady => Poll::Ready(Err("worn out".into())),
            Self::FailsWhenCalled | Self::HangsWhenCalled => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _: CredentialsRequest) -> Self::Future {
        match self {
            Self::FailsWhenCalled => Box::pin(ready(Err("broken".into()))),
            Self::NeverReady | Self::FailsToBecomeReady | Self::HangsWhenCalled => {
                Box::pin(pending())
            }
        }
    }
}

/// The delivery of a call that is dropped after one poll.
async fn given_up(stub: Stub) -> Delivery {
    let (port, progress) = (ServicePort::new(stub), Progress::default());
    {
        let request = request();
        let mut call = pin!(port.generate_with(&request, &progress));
        poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    progress.give_up()
}

#[tokio::test]
async fn a_call_that_waits_for_readiness_was_not_sent_and_one_that_was_made_may_have_been() {
    assert_eq!(given_up(Stub::NeverReady).await, Delivery::NotSent);
    assert_eq!(given_up(Stub::HangsWhenCalled).await, Delivery::Unknown);
}

#[tokio::test]
async fn a_failure_to_become_ready_is_not_sent_and_any_later_one_is_unknown() {
    for (stub, delivery, phase) in [
        (Stub::FailsToBecomeReady, Delivery::NotSent, Phase::Connect),
        (Stub::FailsWhenCalled, Delivery::Unknown, Phase::Transport),
    ] {
        let (port, progress) = (ServicePort::new(stub), Progress::default());
        let error = port
            .generate_with(&request(), &progress)
            .await
            .expect_err("a failure");
        assert_eq!((error.delivery(), error.phase()), (delivery, phase));
        assert_eq!(progress.delivery(), delivery);
    }
}

#[tokio::test]
async fn nothing_is_called_for_a_call_that_was_given_up() {
    let (port, progress) = (ServicePort::new(Stub::FailsWhenCalled), Progress::default());
    assert_eq!(progress.give_up(), Delivery::NotSent);
    let error = port.generate_with(&request(), &progress).await;
    assert_eq!(error.expect_err("given up").delivery(), Delivery::NotSent);
}
