//! All layers in their order, over the adapter, against the sandbox.

use std::time::Duration;

use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::request::RequestBody;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{ApiVersion, Delivery, PaymentCredentialsPort, PortErrorKind, Refusal};
use payment_credentials_layers::{
    ConcurrencyLimit, Metrics, OnUnknownDelivery, RateLimit, Retry, RetryPolicy, Trace,
};
use payment_credentials_sandbox::faults::{Fault, FaultPhase, FaultRule};
use payment_credentials_sandbox::{Sandbox, vault};

use crate::stage::{opener, port, request, sandbox};

// Nothing can depend on an example, and its file isn't below this crate's root.
#[path = "../../examples/resilience.rs"]
#[expect(dead_code, reason = "the example's main isn't called")]
mod example;

fn layered(sandbox: &Sandbox, repeat: OnUnknownDelivery) -> impl PaymentCredentialsPort {
    let port = port(sandbox, ApiVersion::V3, Unauthenticated)
        .build()
        .expect("a port");
    let port = ConcurrencyLimit::new(port, 100).expect("a limit");
    let port = RateLimit::new(port, 1_000).expect("a limit");
    let port = Retry::with_policy(
        port,
        &RetryPolicy::default()
            .on_unknown_delivery(repeat)
            .backoff(Duration::ZERO, Duration::ZERO),
    );
    Trace::new(Metrics::new(port)).with_merchant_id("testrest".parse().expect("a merchant id"))
}

#[tokio::test]
async fn credentials_come_through_every_layer_and_open() {
    let sandbox = sandbox().await;
    let generator = CredentialsGenerator::new(
        layered(&sandbox, OnUnknownDelivery::Report),
        opener(&sandbox),
    );
    let request = request(vault::VISA, RequestBody::default());
    let generated = generator.generate(&request).await.expect("credentials");
    assert!(generated.head.correlation_id().is_some());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn the_service_sees_each_attempt_and_the_error_counts_it() {
    let sandbox = sandbox().await;
    let layered = layered(&sandbox, OnUnknownDelivery::Repeat);
    for (token_id, kind, delivery, attempts) in [
        (
            vault::NOT_FOUND,
            PortErrorKind::Refused(Refusal::NotFound),
            Delivery::Answered,
            1,
        ),
        (
            vault::INTERNAL_ERROR,
            PortErrorKind::Refused(Refusal::Upstream),
            Delivery::Unknown,
            3,
        ),
        (vault::CLOSES, PortErrorKind::Reset, Delivery::Unknown, 3),
    ] {
        let before = sandbox.requests().len();
        let request = request(token_id, RequestBody::default());
        let error = layered.generate(&request).await.expect_err("refused");
        assert_eq!((error.kind(), error.delivery()), (kind, delivery));
        assert_eq!(error.attempts(), attempts);
        assert_eq!(sandbox.requests().len() - before, attempts as usize);
    }
}

#[tokio::test]
async fn the_example_shows_the_outcome_of_each_fault() {
    let sandbox = sandbox().await;
    sandbox.faults().add_json(example::RULES).expect("rules");
    let lines = example::run(&sandbox).await.expect("a run");
    let unknown = "delivery Unknown";
    for (line, expected) in lines.iter().zip([
        ["Reset in Tls", "credentials all the same"],
        ["Status(503) in Headers", "credentials all the same"],
        [
            "Reset in Headers",
            &format!("{unknown}, retry MayRepeat, attempts 1"),
        ],
        [
            "Silence in Body",
            &format!("{unknown}, retry Never, attempts 1"),
        ],
        [
            "FlipBit in Decrypt",
            "delivery Answered, retry Never, attempts 1",
        ],
        [
            "Unencrypted in Body",
            "delivery Answered, retry Never, attempts 1",
        ],
        ["7  ", "  credentials"],
        ["8  ", "  credentials"],
    ]) {
        assert!(
            line.contains(expected[0]) && line.ends_with(expected[1]),
            "{line}"
        );
    }
    assert_eq!(lines.len(), 8);
}

/// Row E1: two connections fail, and the third works.
#[tokio::test]
async fn the_third_connection_gets_the_credentials() {
    let sandbox = sandbox().await;
    let broken = FaultRule::at(FaultPhase::Connect)
        .fault(Fault::Reset)
        .times(2);
    sandbox.faults().add(broken).expect("a rule");
    let request = request(vault::VISA, RequestBody::default());
    let sealed = layered(&sandbox, OnUnknownDelivery::Report)
        .generate(&request)
        .await;
    sealed.expect("credentials");
    assert_eq!((sandbox.connections(), sandbox.minted()), (3, 1));
    assert_eq!(sandbox.requests().len(), 1);
}

/// Row E2: a single reset after the whole request was written.
#[tokio::test]
async fn what_the_service_has_acted_on_is_repeated_only_by_opt_in() {
    let sandbox = sandbox().await;
    let request = request(vault::VISA, RequestBody::default());
    for (repeat, attempts) in [
        (OnUnknownDelivery::Report, 1),
        (OnUnknownDelivery::Repeat, 2),
    ] {
        let before = sandbox.minted();
        let reset = FaultRule::at(FaultPhase::Headers).fault(Fault::Reset);
        sandbox.faults().add(reset).expect("a rule");
        let outcome = layered(&sandbox, repeat).generate(&request).await;
        assert_eq!(sandbox.minted() - before, attempts, "{repeat:?}");
        let Err(error) = outcome else {
            assert_eq!(attempts, 2, "{repeat:?}");
            continue;
        };
        let reported = (error.kind(), error.delivery(), error.attempts());
        assert_eq!(reported, (PortErrorKind::Reset, Delivery::Unknown, 1));
    }
}
