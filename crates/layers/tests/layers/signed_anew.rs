//! Row E7: each attempt passes through the whole gateway, which signs it with the current time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{HeaderMap, Response};
use payment_credentials_core::seam::{Clock, RequestAuthenticator, UnsignedRequest};
use payment_credentials_core::{
    AuthError, ConfiguredKey, Delivery, Endpoint, Environment, Gateway, MerchantId, OnClockSkew,
    Phase, Repeatability, TransportError, TransportErrorKind,
};
use payment_credentials_layers::{Metrics, Retry, RetryPolicy, Trace};
use payment_credentials_mock::MockTransport;
use payment_credentials_mock::fixtures::Fixture;
use tokio::time::Instant;

use crate::fake::{call, failed};
use crate::traced::Heard;

/// A clock that follows tokio's.
#[derive(Debug)]
struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.0.elapsed()
    }
}

/// Signs nothing, and records when it was called.
#[derive(Clone, Debug, Default)]
struct Signer(Arc<Mutex<Vec<SystemTime>>>);

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _: &MerchantId) -> bool {
        true
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        self.0.lock().unwrap().push(now);
        Ok(HeaderMap::new())
    }
}

/// Row E7: each attempt is signed with the time at which it is made.
#[tokio::test(start_paused = true)]
async fn e7_every_attempt_is_signed_for_its_own_time() {
    let mut transport = MockTransport::new();
    transport.expect_send().times(3).returning(|_| {
        let (fault, phase) = (TransportErrorKind::Connect, Phase::Connect);
        Err(TransportError::new(
            fault,
            Delivery::NotSent,
            phase,
            Repeatability::Safe,
        ))
    });
    let signer = Signer::default();
    let endpoint = Endpoint::new(Environment::Test);
    let gateway = Gateway::builder(endpoint, Arc::new(signer.clone()))
        .clock(Arc::new(PausedClock(Instant::now())))
        .build(Arc::new(transport))
        .expect("a gateway");
    let minutes = Duration::from_secs(200);
    let retry = Retry::with_policy(
        gateway,
        &RetryPolicy::default()
            .deadline(Duration::MAX)
            .seed(1)
            .backoff(minutes, 2 * minutes),
    );
    let (error, _) = failed(&retry).await;
    assert_eq!(error.attempts(), 3);
    let times = signer.0.lock().unwrap().clone();
    assert_eq!(times.len(), 3);
    assert!(times[0] < times[1] && times[1] < times[2], "{times:?}");
}

/// Row G12: a gateway that signs again by the service's time succeeds, at the price of two requests for each
/// call. An operator sees by how much the clock is off, and that this call wasn't merely repeated.
#[tokio::test(start_paused = true)]
async fn g12_a_gateway_that_signs_again_tells_the_skew_although_it_succeeds() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let mut transport = MockTransport::new();
    transport.expect_send().once().returning(|_| {
        let refused = Response::builder().status(401);
        let refused = refused.header("date", "Thu, 01 Jan 1970 00:05:00 GMT");
        Ok(refused.body("".into()).expect("a response"))
    });
    transport.expect_send().once().returning(|_| {
        let created = Response::builder().status(201);
        let created = created.header("v-c-correlation-id", "6612345");
        Ok(created
            .body(Fixture::VisaV3.compact().into())
            .expect("a response"))
    });
    let signer = Signer::default();
    let gateway = Gateway::builder(Endpoint::new(Environment::Test), Arc::new(signer.clone()))
        .clock(Arc::new(PausedClock(Instant::now())))
        .on_clock_skew(OnClockSkew::SignAgain)
        .build(Arc::new(transport))
        .expect("a gateway");
    let port = Trace::new(Metrics::new(Retry::new(gateway)));
    call(&port).await.expect("credentials");
    let fields = heard.fields();
    for (field, value) in [
        ("outcome", "ok"),
        ("attempts", "2"),
        ("clock_skew_seconds", "300"),
        ("correlation_id", "6612345"),
    ] {
        assert_eq!(fields[field], value, "{field}");
    }
    assert!(!fields.contains_key("phase"), "{fields:?}");
    assert_eq!(heard.warnings(), ["ok"]);
}
