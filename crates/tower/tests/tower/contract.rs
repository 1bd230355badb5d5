//! The contract of a transport, kept by a client of hyper-util that sends each request at most
//! once.

use std::error::Error as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use payment_credentials_contract::Verdict;
use payment_credentials_contract::transport::{self, Case, Peer, Scenario, Stage, Staged};
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsRequest, Delivery, Endpoint, Gateway, PaymentCredentialsPort as _,
};
use payment_credentials_tower::TowerTransport;
use tower::ServiceBuilder;

type Http = Client<HttpConnector, Full<Bytes>>;

fn client() -> Http {
    payment_credentials_test_limit::start();
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .retry_canceled_requests(false)
        .build_http()
}

fn once() -> TowerTransport<Http> {
    TowerTransport::sending_at_most_once(client(), |error| {
        error.downcast_ref().is_some_and(Error::is_connect)
    })
}

struct TowerStage;

const SKIPPED: &str = "the client below skips them unseen";

const NO_TLS: &str = "TLS is the client's below, and this one speaks none";

#[async_trait]
impl Stage for TowerStage {
    fn differs(&self) -> &[(Case, &'static str)] {
        &[(Case::Informational, SKIPPED)]
    }

    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[(Scenario::Tls12, NO_TLS), (Scenario::Tls13, NO_TLS)]
    }

    async fn stage(&self, scenario: Scenario, _peer: &Peer) -> Option<Staged> {
        match scenario {
            Scenario::Connected
            | Scenario::Dropped
            | Scenario::Unsolicited
            | Scenario::Unreachable => Some(Staged::transport(once())),
            Scenario::Process => {
                let mut this = Command::new(std::env::current_exe().expect("a path"));
                this.args(["--ignored", "--exact", "contract::a_call_from_a_process"]);
                Some(Staged::Process(this))
            }
            Scenario::Tls12 | Scenario::Tls13 | _ => None,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g7_a_client_that_sends_at_most_once_keeps_every_clause() {
    let report = transport::run(&TowerStage).await;
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 8, "{report}");
}

#[tokio::test]
async fn a_client_that_sends_at_most_once_keeps_every_clause_on_one_thread() {
    transport::run(&TowerStage).await.assert_kept();
}

/// Row G19.
#[tokio::test]
async fn g19_a_failed_connection_names_host_and_port_and_no_path() {
    let endpoint = Endpoint::custom("http://127.0.0.1:1".parse().expect("an address"));
    let gateway = Gateway::builder(endpoint, Arc::new(Unauthenticated));
    let gateway = gateway.build(Arc::new(once())).expect("a gateway");
    let request = CredentialsRequest::new("7010".parse().expect("a token id"));
    let error = gateway.generate(&request).await.expect_err("no listener");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let cause = error.source().expect("a cause").to_string();
    assert_eq!(cause, "can't connect to 127.0.0.1, port 1");
}

/// Layers of tower around the client, for which no guarantee is declared.
struct Layered;

#[async_trait]
impl Stage for Layered {
    fn differs(&self) -> &[(Case, &'static str)] {
        &[(Case::Informational, SKIPPED)]
    }

    async fn stage(&self, scenario: Scenario, _peer: &Peer) -> Option<Staged> {
        let stack = ServiceBuilder::new()
            .buffer(8)
            .load_shed()
            .concurrency_limit(8)
            .timeout(Duration::from_secs(30))
            .service(client());
        let transport: TowerTransport<_> = TowerTransport::new(stack);
        let is_staged = self.cannot().iter().all(|(other, _)| *other != scenario);
        is_staged.then(|| Staged::transport(transport))
    }

    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[
            (
                Scenario::Unreachable,
                "nothing is vouched for, so a failure to connect is Unknown",
            ),
            (Scenario::Process, "the other stage has it"),
            (Scenario::Tls12, NO_TLS),
            (Scenario::Tls13, NO_TLS),
        ]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_of_layers_keeps_every_clause_that_it_can() {
    transport::run(&Layered).await.assert_kept();
}

#[tokio::test]
#[ignore = "run by the suite, in a process with hostile variables"]
async fn a_call_from_a_process() {
    transport::send_from_process(once()).await;
}
