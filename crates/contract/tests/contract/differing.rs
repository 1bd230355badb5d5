//! A transport may differ only where it declares the difference.

use async_trait::async_trait;
use payment_credentials_contract::Verdict;
use payment_credentials_contract::transport::{self, Case, Peer, Scenario, Stage, Staged};
use pollster::block_on;

use crate::transports::{Flaw, PIPES, ToyStage, Way};

/// A lax transport that declares differences.
struct Declares {
    lax: Case,
    declared: &'static [(Case, &'static str)],
}

#[async_trait]
impl Stage for Declares {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &PIPES
    }

    fn differs(&self) -> &[(Case, &'static str)] {
        self.declared
    }

    async fn stage(&self, scenario: Scenario, peer: &Peer) -> Option<Staged> {
        let staged = ToyStage(Flaw::IsLax(self.lax), Way::Pipe);
        staged.stage(scenario, peer).await
    }
}

#[test]
fn a_transport_may_differ_where_it_declares_that() {
    let declared = &[(Case::Informational, "its library counts none")];
    let lax = Case::Informational;
    let report = block_on(transport::run(&Declares { lax, declared }));
    report.assert_kept();
    let shown = "(except Informational: its library counts none)";
    assert!(report.to_string().contains(shown), "{report}");
}

#[test]
fn a_difference_that_is_declared_and_not_there_fails() {
    let declared = &[
        (Case::Informational, "its library counts none"),
        (Case::Lengths, "so it says"),
    ];
    let lax = Case::Informational;
    let report = block_on(transport::run(&Declares { lax, declared }));
    let wrong = ["Lengths is declared in `differs`, but doesn't differ; remove it there"];
    assert_eq!(report.misdeclared(), wrong);
    assert!(!report.is_kept());
}

#[test]
fn no_declaration_lets_a_part_pass_for_the_whole() {
    let declared = &[(Case::TransferCodings, "it reads to the end")];
    let lax = Case::TransferCodings;
    let report = block_on(transport::run(&Declares { lax, declared }));
    let broken = report.clauses_with(Verdict::Broken);
    assert_eq!(broken, ["strict about framing"], "{report}");
}
