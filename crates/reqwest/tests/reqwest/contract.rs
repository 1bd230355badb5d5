//! The contract of a transport, against the suite's own peer.

use std::process::Command;

use async_trait::async_trait;
use payment_credentials_contract::Verdict;
use payment_credentials_contract::transport::{self, Case, Peer, Scenario, Stage, Staged};
use payment_credentials_peer_tls::tls;
use payment_credentials_reqwest::{ReqwestTransport, Roots};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

fn reqwest_transport() -> ReqwestTransport {
    let transport = ReqwestTransport::builder().roots(Roots::Bundled).build();
    transport.expect("a transport")
}

fn over(version: &'static SupportedProtocolVersion) -> Staged {
    let (tls, root) = tls(version);
    let transport = ReqwestTransport::builder()
        .roots(Roots::ExtraOnly)
        .extra_root(root)
        .build();
    Staged::tls(transport.expect("a transport"), tls)
}

struct ReqwestStage;

#[async_trait]
impl Stage for ReqwestStage {
    fn differs(&self) -> &[(Case, &'static str)] {
        &[
            (
                Case::Greetings,
                "reqwest doesn't tell whether a byte has left",
            ),
            (
                Case::Informational,
                "reqwest skips them unseen, up to the deadline",
            ),
        ]
    }

    async fn stage(&self, scenario: Scenario, _peer: &Peer) -> Option<Staged> {
        match scenario {
            Scenario::Connected
            | Scenario::Dropped
            | Scenario::Unsolicited
            | Scenario::Unreachable => Some(Staged::transport(reqwest_transport())),
            Scenario::Process => {
                let mut this = Command::new(std::env::current_exe().expect("a path"));
                this.args(["--ignored", "--exact", "contract::a_call_from_a_process"]);
                Some(Staged::Process(this))
            }
            Scenario::Tls12 => Some(over(&TLS12)),
            Scenario::Tls13 => Some(over(&TLS13)),
            _ => None,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g7_the_transport_keeps_every_clause() {
    let report = transport::run(&ReqwestStage).await;
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 8, "{report}");
}

#[tokio::test]
async fn the_transport_keeps_every_clause_on_one_thread() {
    transport::run(&ReqwestStage).await.assert_kept();
}

#[tokio::test]
#[ignore = "run by the suite, in a process with hostile variables"]
async fn a_call_from_a_process() {
    transport::send_from_process(reqwest_transport()).await;
}
