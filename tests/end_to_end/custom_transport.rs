//! The example's transport keeps the contract, as far as it declares.

use async_trait::async_trait;
use payment_credentials_contract::Verdict;
use payment_credentials_contract::transport::{self, Case, Peer, Scenario, Stage, Staged};
use payment_credentials_sandbox::{Authentication, Sandbox};

// Nothing can depend on an example, and its file isn't below this crate's root.
#[path = "../../examples/custom_transport.rs"]
#[expect(dead_code, reason = "the example's main isn't called")]
mod example;

struct ExampleStage(Sandbox);

#[async_trait]
impl Stage for ExampleStage {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[
            (
                Scenario::Dropped,
                "a thread waits for the response all the same",
            ),
            (Scenario::Process, "its agent is configured without a proxy"),
            (Scenario::Tls12, "it is staged without TLS"),
            (Scenario::Tls13, "it is staged without TLS"),
        ]
    }

    fn differs(&self) -> &[(Case, &'static str)] {
        &[
            (Case::Chunks, "its client takes a size with a sign"),
            (Case::Informational, "its client skips them uncounted"),
        ]
    }

    async fn stage(&self, scenario: Scenario, _peer: &Peer) -> Option<Staged> {
        match scenario {
            Scenario::Connected | Scenario::Unsolicited | Scenario::Unreachable => {
                let root = self.0.root_certificate_der();
                Some(Staged::transport(example::UreqTransport::trusting(root)))
            }
            _ => None,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_over_ureq_keeps_the_contract() {
    let sandbox = Sandbox::start(Authentication::NotRequired).await;
    let report = transport::run(&ExampleStage(sandbox.expect("a sandbox"))).await;
    report.assert_kept();
    assert!(report.clauses_with(Verdict::Kept).len() >= 4, "{report}");
}
