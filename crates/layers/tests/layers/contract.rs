//! Each layer, and all of them in the documented order, keeps the contract of the port.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_contract::Verdict;
use payment_credentials_contract::port::{self, GivenId, Scenario, Service, Staged};
use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort, Phase, PortError, SealedCredentials,
};
use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, Metrics, PauseUntil, RateLimit, Retry, Trace,
};
use payment_credentials_mock::failures;
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
use tokio::time::sleep;

use crate::fake::request;
use crate::traced::{Heard, merchant_id};

/// Fixtures with different cryptograms and codes.
const DIFFERENT: [Fixture; port::CALLS] = [
    Fixture::VisaV3,
    Fixture::VisaV2,
    Fixture::MastercardV3,
    Fixture::AmericanExpressV3,
];

/// A token id whose request is answered even by a service that is otherwise silent.
const ANSWERED: &str = "7020000000016241111";

/// A service in a scenario, and a port to that service.
#[derive(Debug)]
struct Backend {
    scenario: Scenario,
    bound: Option<Duration>,
    asked: AtomicUsize,
}

#[async_trait]
impl PaymentCredentialsPort for Backend {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let call = self.asked.fetch_add(1, Ordering::SeqCst);
        match self.scenario {
            Scenario::HangsUp => Err(failures::reset_after_send()),
            Scenario::Refuses => Err(failures::refused(404)),
            Scenario::Unreachable => Err(failures::connect()),
            Scenario::Silent if request.token_id().as_str() != ANSWERED => match self.bound {
                Some(bound) => {
                    sleep(bound).await;
                    Err(PortError::deadline(Phase::Headers))
                }
                None => pending().await,
            },
            Scenario::Silent | Scenario::Responds | _ => Ok(DIFFERENT[call].sealed()),
        }
    }
}

impl Service for Backend {
    fn asked(&self) -> usize {
        if self.scenario == Scenario::Unreachable {
            return 0;
        }
        self.asked.load(Ordering::SeqCst)
    }

    fn gave(&self) -> GivenId {
        let answered = self.asked.load(Ordering::SeqCst) - 1;
        match self.scenario {
            Scenario::Responds => {
                let head = DIFFERENT[answered].head();
                GivenId::Known(head.correlation_id().expect("an id").clone())
            }
            Scenario::Refuses => GivenId::Known(failures::CORRELATION.parse().expect("an id")),
            Scenario::HangsUp | Scenario::Silent | Scenario::Unreachable | _ => GivenId::None,
        }
    }
}

type Layered = Arc<dyn PaymentCredentialsPort>;

struct LayerStage {
    bound: Option<Duration>,
    layered: fn(Arc<Backend>) -> Layered,
    heard: Heard,
}

#[async_trait]
impl port::Stage for LayerStage {
    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        let backend = Arc::new(Backend {
            scenario,
            bound: self.bound,
            asked: AtomicUsize::default(),
        });
        let layered = (self.layered)(Arc::clone(&backend));
        let staged = Staged::new(layered, Arc::new(FixtureOpener), backend, request());
        let next = CredentialsRequest::new(ANSWERED.parse().expect("a token id"));
        Some(staged.with_next(next))
    }

    fn logged(&self) -> String {
        self.heard.text()
    }
}

async fn check(bound: Option<Duration>, layered: fn(Arc<Backend>) -> Layered) -> Heard {
    let heard = Heard::default();
    let _listening = heard.listen();
    let stage = LayerStage {
        bound,
        layered,
        heard: heard.clone(),
    };
    let report = port::run(&stage).await;
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 7, "{report}");
    heard
}

/// The time limit that an adapter sets for its calls.
const BOUND: Option<Duration> = Some(Duration::from_secs(5));

#[tokio::test(start_paused = true)]
async fn a_concurrency_limit_keeps_every_clause() {
    check(BOUND, |port| {
        Arc::new(ConcurrencyLimit::new(port, 1).expect("a limit"))
    })
    .await;
}

/// The deadline itself ends the calls of a port that never ends them.
#[tokio::test(start_paused = true)]
async fn a_deadline_keeps_every_clause() {
    check(None, |port| {
        Arc::new(Deadline::new(port, Duration::from_secs(5)))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn metrics_keep_every_clause() {
    check(BOUND, |port| Arc::new(Metrics::new(port))).await;
}

#[tokio::test(start_paused = true)]
async fn a_pause_keeps_every_clause() {
    check(BOUND, |port| Arc::new(PauseUntil::new(port))).await;
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_keeps_every_clause() {
    check(BOUND, |port| {
        Arc::new(RateLimit::new(port, 10).expect("a limit"))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_keeps_every_clause() {
    check(None, |port| Arc::new(Retry::new(port))).await;
}

#[tokio::test(start_paused = true)]
async fn a_trace_keeps_every_clause() {
    let heard = check(BOUND, |port| {
        Arc::new(Trace::new(port).with_merchant_id(merchant_id()))
    })
    .await;
    assert!(
        heard.text().contains("fixture-visa-v3"),
        "the suite's scan had something to read"
    );
}

#[tokio::test(start_paused = true)]
async fn all_layers_in_their_order_keep_every_clause() {
    check(None, |port| {
        let port = Deadline::new(port, Duration::from_secs(5));
        let port = PauseUntil::new(port);
        let port = ConcurrencyLimit::new(port, 1).expect("a limit");
        let port = RateLimit::new(port, 10).expect("a limit");
        Arc::new(Trace::new(Metrics::new(Retry::new(port))).with_merchant_id(merchant_id()))
    })
    .await;
}
