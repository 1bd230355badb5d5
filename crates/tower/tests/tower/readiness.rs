//! Readiness belongs to one clone of a service, and a call can be dropped before and after the
//! service is ready.

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use payment_credentials_core::seam::{Progress, Unauthenticated};
use payment_credentials_core::{
    CredentialsRequest, Delivery, Endpoint, Environment, Gateway, PaymentCredentialsPort, Phase,
    PortErrorKind,
};
use payment_credentials_tower::TowerTransport;
use tower::{BoxError, Service};

type Exchange = Pin<Box<dyn Future<Output = Result<Response<Full<Bytes>>, BoxError>> + Send>>;

/// A service that is ready only after it was polled, and only as the clone that was polled.
struct Particular {
    is_ready: bool,
    after: Option<usize>,
    calls: Arc<AtomicUsize>,
}

impl Particular {
    fn ready_after(polls: Option<usize>) -> Self {
        Self {
            is_ready: false,
            after: polls,
            calls: Arc::default(),
        }
    }
}

impl Clone for Particular {
    fn clone(&self) -> Self {
        Self {
            is_ready: false,
            after: self.after,
            calls: Arc::clone(&self.calls),
        }
    }
}

impl Service<Request<Full<Bytes>>> for Particular {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Exchange;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match &mut self.after {
            None => Poll::Pending,
            Some(0) => {
                self.is_ready = true;
                Poll::Ready(Ok(()))
            }
            Some(polls) => {
                *polls -= 1;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Exchange {
        assert!(self.is_ready, "it was called before it was ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(pending())
    }
}

fn gateway(service: Particular) -> Gateway {
    let endpoint = Endpoint::new(Environment::Test);
    let transport: TowerTransport<_> = TowerTransport::new(service);
    Gateway::builder(endpoint, Arc::new(Unauthenticated))
        .build(Arc::new(transport))
        .expect("a gateway")
}

fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

/// The delivery of a call that is dropped after some polls, and how often the service was called.
async fn dropped(service: Particular, polls: usize) -> (Delivery, usize) {
    let calls = Arc::clone(&service.calls);
    let (port, progress) = (gateway(service), Progress::default());
    {
        let request = request();
        let mut call = pin!(port.generate_with(&request, &progress));
        for _ in 0..polls {
            poll_fn(|cx| {
                assert!(call.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        }
    }
    (progress.give_up(), calls.load(Ordering::Relaxed))
}

#[tokio::test]
async fn the_clone_that_became_ready_is_the_one_that_is_called() {
    let (delivery, calls) = dropped(Particular::ready_after(Some(3)), 5).await;
    assert_eq!((delivery, calls), (Delivery::Unknown, 1));
}

#[tokio::test]
async fn a_call_that_is_dropped_before_the_service_is_ready_was_not_sent() {
    let (delivery, calls) = dropped(Particular::ready_after(None), 5).await;
    assert_eq!((delivery, calls), (Delivery::NotSent, 0));
    let (delivery, calls) = dropped(Particular::ready_after(Some(3)), 2).await;
    assert_eq!((delivery, calls), (Delivery::NotSent, 0));
}

#[tokio::test]
async fn an_endpoint_that_is_dialled_elsewhere_is_rejected_before_the_service_is_asked() {
    let service = Particular::ready_after(Some(0));
    let calls = Arc::clone(&service.calls);
    let elsewhere = "127.0.0.1:9".parse().expect("an address");
    let endpoint = Endpoint::new(Environment::Test)
        .with_connect_to(elsewhere)
        .expect("an endpoint");
    let transport: TowerTransport<_> = TowerTransport::new(service);
    let port = Gateway::builder(endpoint, Arc::new(Unauthenticated))
        .build(Arc::new(transport))
        .expect("a gateway");
    let error = port.generate(&request()).await.expect_err("rejected");
    assert_eq!(error.kind(), PortErrorKind::Connect);
    assert_eq!(
        (error.delivery(), error.phase()),
        (Delivery::NotSent, Phase::Connect)
    );
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}
