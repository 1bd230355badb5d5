//! What each layer adds to a call that it passes on, over a port that answers at once.
//!
//! The cost of a subscriber or a recorder is its own; those here do nothing.
#![expect(
    clippy::expect_used,
    reason = "a benchmark ends where its input is wrong"
)]

use std::time::Duration;

use async_trait::async_trait;
use metrics::NoopRecorder;
use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::{
    CredentialsRequest, MerchantId, PaymentCredentialsPort, PortError, ResponseHead,
    SealedCredentials,
};
use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, Metrics, PauseUntil, RateLimit, Retry, Trace,
};
use tokio::runtime::Runtime;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const ROUNDS: usize = 1000;

/// Answers at once.
#[derive(Debug)]
struct Ready;

#[async_trait]
impl PaymentCredentialsPort for Ready {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let jwe = "eyJ9.a.b.c.d".parse().expect("a JWE");
        Ok(SealedCredentials::new(jwe, ResponseHead::new(201)))
    }
}

/// A subscriber that enables everything and does nothing.
struct Listens;

impl Subscriber for Listens {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A port that is called again and again.
struct Calls<'a> {
    runtime: &'a Runtime,
    request: &'a CredentialsRequest,
}

impl Calls<'_> {
    fn to<'a>(&'a self, port: impl PaymentCredentialsPort + 'a) -> impl FnMut() + 'a {
        move || {
            let answer = self.runtime.block_on(port.generate(self.request));
            answer.expect("sealed");
        }
    }
}

fn merchant_id() -> MerchantId {
    "testrest".parse().expect("a merchant id")
}

fn all_layers() -> impl PaymentCredentialsPort {
    let port = ConcurrencyLimit::new(PauseUntil::new(Ready), 100).expect("a limit");
    let port = RateLimit::new(port, u32::MAX).expect("a limit");
    Trace::new(Metrics::new(Retry::new(port))).with_merchant_id(merchant_id())
}

fn main() {
    if !is_wanted() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
    let calls = Calls {
        runtime: &runtime,
        request: &request,
    };
    Race::new("one call, nobody listens")
        .with("the port alone", calls.to(Ready))
        .with(
            "ConcurrencyLimit",
            calls.to(ConcurrencyLimit::new(Ready, 100).expect("a limit")),
        )
        .with("PauseUntil", calls.to(PauseUntil::new(Ready)))
        .with(
            "RateLimit",
            calls.to(RateLimit::new(Ready, u32::MAX).expect("a limit")),
        )
        .with(
            "Deadline",
            calls.to(Deadline::new(Ready, Duration::from_secs(8))),
        )
        .with("Retry", calls.to(Retry::new(Ready)))
        .with("Metrics", calls.to(Metrics::new(Ready)))
        .with(
            "Trace",
            calls.to(Trace::new(Ready).with_merchant_id(merchant_id())),
        )
        .with("all but Deadline", calls.to(all_layers()))
        .run(ROUNDS);
    tracing::subscriber::set_global_default(Listens).expect("the only subscriber");
    metrics::set_global_recorder(NoopRecorder).expect("the only recorder");
    Race::new("one call, a subscriber and a recorder that do nothing listen")
        .with("the port alone", calls.to(Ready))
        .with("Metrics", calls.to(Metrics::new(Ready)))
        .with(
            "Trace",
            calls.to(Trace::new(Ready).with_merchant_id(merchant_id())),
        )
        .with("all but Deadline", calls.to(all_layers()))
        .run(ROUNDS);
}
