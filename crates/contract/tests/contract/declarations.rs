//! No scenario is skipped without being reported.

use async_trait::async_trait;
use payment_credentials_contract::{Verdict, opener, port, transport};
use pollster::block_on;

use crate::ports::ToyStage;

/// A stage that declares that it can stage nothing.
pub(crate) struct NothingAtAll;

const WHY: &str = "it is nothing at all";

#[async_trait]
impl port::Stage for NothingAtAll {
    fn cannot(&self) -> &[(port::Scenario, &'static str)] {
        const ALL: [(port::Scenario, &str); 5] = [
            (port::Scenario::Responds, WHY),
            (port::Scenario::HangsUp, WHY),
            (port::Scenario::Refuses, WHY),
            (port::Scenario::Silent, WHY),
            (port::Scenario::Unreachable, WHY),
        ];
        &ALL
    }

    async fn stage(&self, _scenario: port::Scenario) -> Option<port::Staged> {
        None
    }
}

#[async_trait]
impl opener::Stage for NothingAtAll {
    fn cannot(&self) -> &[(opener::Scenario, &'static str)] {
        const ALL: [(opener::Scenario, &str); 5] = [
            (opener::Scenario::KeyServiceDown, WHY),
            (opener::Scenario::NotCredentials, WHY),
            (opener::Scenario::Opens, WHY),
            (opener::Scenario::OtherKey, WHY),
            (opener::Scenario::ReadsHeaders, WHY),
        ];
        &ALL
    }

    async fn stage(&self, _scenario: opener::Scenario) -> Option<opener::Staged> {
        None
    }
}

#[async_trait]
impl transport::Stage for NothingAtAll {
    fn cannot(&self) -> &[(transport::Scenario, &'static str)] {
        const ALL: [(transport::Scenario, &str); 7] = [
            (transport::Scenario::Connected, WHY),
            (transport::Scenario::Dropped, WHY),
            (transport::Scenario::Process, WHY),
            (transport::Scenario::Tls12, WHY),
            (transport::Scenario::Tls13, WHY),
            (transport::Scenario::Unsolicited, WHY),
            (transport::Scenario::Unreachable, WHY),
        ];
        &ALL
    }

    async fn stage(
        &self,
        _scenario: transport::Scenario,
        _peer: &transport::Peer,
    ) -> Option<transport::Staged> {
        None
    }
}

#[test]
fn what_stages_nothing_and_says_so_is_reported_as_not_staged() {
    for report in [
        block_on(port::run(&NothingAtAll)),
        block_on(opener::run(&NothingAtAll)),
        block_on(transport::run(&NothingAtAll)),
    ] {
        report.assert_kept();
        let not_staged = report.clauses_with(Verdict::NotStaged).len();
        assert_eq!(not_staged, report.clauses().count());
        assert!(report.to_string().contains(WHY), "{report}");
    }
}

/// Declares one scenario as impossible and leaves out another.
struct Misdeclares(Option<port::Scenario>);

#[async_trait]
impl port::Stage for Misdeclares {
    fn cannot(&self) -> &[(port::Scenario, &'static str)] {
        &[(port::Scenario::HangsUp, "so it says")]
    }

    async fn stage(&self, scenario: port::Scenario) -> Option<port::Staged> {
        if self.0 == Some(scenario) {
            return None;
        }
        ToyStage::good().stage(scenario).await
    }
}

#[test]
fn a_declaration_that_is_wrong_fails() {
    let report = block_on(port::run(&Misdeclares(None)));
    let wrong = ["HangsUp is declared in `cannot`, but staged; remove it there"];
    assert_eq!(report.misdeclared(), wrong);
    assert!(!report.is_kept());

    let report = block_on(port::run(&Misdeclares(Some(port::Scenario::Refuses))));
    let also = "Refuses is neither staged nor declared; stage it, or declare it in `cannot`";
    assert_eq!(report.misdeclared(), [wrong[0], also]);
    assert!(report.to_string().contains(also), "{report}");
}
