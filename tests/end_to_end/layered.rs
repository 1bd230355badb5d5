//! All layers in their order, over the adapter, against the sandbox.

use std::time::Duration;

use payment_credentials::request::RequestBody;
use payment_credentials::seam::Unauthenticated;
use payment_credentials::service::CredentialsGenerator;
use payment_credentials::{ApiVersion, Delivery, PaymentCredentialsPort, PortErrorKind, Refusal};
use payment_credentials_layers::{ConcurrencyLimit, Metrics, RateLimit, Repeat, Retry, Trace};
use payment_credentials_sandbox::{Sandbox, vault};

use crate::stage::{opener, port, request, sandbox};

#[path = "../../examples/resilience.rs"]
#[expect(dead_code, reason = "the example's main isn't called")]
mod example;

fn layered(sandbox: &Sandbox) -> impl PaymentCredentialsPort {
    let port = port(sandbox, ApiVersion::V3, Unauthenticated)
        .build()
        .expect("a port");
    let port = ConcurrencyLimit::new(port, 100).expect("a limit");
    let port = RateLimit::new(port, 1_000).expect("a limit");
    let port = Retry::new(port)
        .repeat(Repeat::UnknownDelivery)
        .backoff(Duration::ZERO, Duration::ZERO);
    Trace::new(
        Metrics::new(port),
        "testrest".parse().expect("a merchant id"),
    )
}

#[tokio::test]
async fn credentials_come_through_every_layer_and_open() {
    let sandbox = sandbox().await;
    let generator = CredentialsGenerator::new(layered(&sandbox), opener(&sandbox));
    let request = request(vault::VISA, RequestBody::default());
    let generated = generator.generate(&request).await.expect("credentials");
    assert!(generated.head.correlation_id().is_some());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn the_service_sees_each_attempt_and_the_error_counts_it() {
    let sandbox = sandbox().await;
    let layered = layered(&sandbox);
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
async fn the_example_shows_what_becomes_of_each_fault() {
    let sandbox = sandbox().await;
    sandbox.faults().add_json(example::RULES).expect("rules");
    let lines = example::run(&sandbox).await.expect("a run");
    let unknown = "delivery Unknown";
    for (line, told) in lines.iter().zip([
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
        assert!(line.contains(told[0]) && line.ends_with(told[1]), "{line}");
    }
    assert_eq!(lines.len(), 8);
}
