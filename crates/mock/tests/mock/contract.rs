//! The mocks keep the contracts that they implement, as far as the contracts apply to mocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use payment_credentials_contract::opener::{self, KeyUses};
use payment_credentials_contract::port::{self, GivenId, Scenario, Service, Staged};
use payment_credentials_contract::{Report, Verdict};
use payment_credentials_core::{
    ApiVersion, CorrelationId, PaymentCredentialsPort, PortError, ResponseHead, SealedCredentials,
};
use payment_credentials_mock::cassette::Cassette;
use payment_credentials_mock::faults::{Fault, Faults, Faulty};
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
use payment_credentials_mock::{
    MockPaymentCredentialsPort, Script, ScriptedPort, block_on, failures, scripted,
};

/// Fixtures with different cryptograms and codes.
const DIFFERENT: [Fixture; port::CALLS] = [
    Fixture::VisaV3,
    Fixture::VisaV2,
    Fixture::MastercardV3,
    Fixture::AmericanExpressV3,
];

/// The service's response in a scenario, call by call; `None` if the scenario doesn't apply to
/// mocks.
fn answer(scenario: Scenario, call: usize) -> Option<Result<SealedCredentials, PortError>> {
    match scenario {
        Scenario::Responds => Some(Ok(DIFFERENT.get(call)?.sealed())),
        Scenario::HangsUp => Some(Err(failures::reset_after_send())),
        Scenario::Refuses => Some(Err(failures::refused(404))),
        Scenario::Unreachable => Some(Err(failures::connect())),
        Scenario::Silent | _ => None,
    }
}

/// The service that the staged responses claim to come from.
#[derive(Debug)]
struct Imagined<Calls> {
    scenario: Scenario,
    calls: Calls,
}

trait Counted: std::fmt::Debug + Send + Sync {
    fn count(&self) -> usize;
}

impl Counted for Script {
    fn count(&self) -> usize {
        self.calls().len()
    }
}

impl Counted for Arc<AtomicUsize> {
    fn count(&self) -> usize {
        self.load(Ordering::SeqCst)
    }
}

impl<Calls: Counted> Service for Imagined<Calls> {
    /// All calls reach the service, unless the scenario makes it unreachable.
    fn asked(&self) -> usize {
        if self.scenario == Scenario::Unreachable {
            return 0;
        }
        self.calls.count()
    }

    fn gave(&self) -> GivenId {
        let answer = answer(self.scenario, self.calls.count() - 1);
        let head = match &answer {
            Some(Ok(sealed)) => Some(sealed.head()),
            Some(Err(error)) => error.head(),
            None => None,
        };
        let id: Option<CorrelationId> = head.and_then(ResponseHead::correlation_id).cloned();
        id.map_or(GivenId::None, GivenId::Known)
    }
}

fn staged(port: impl PaymentCredentialsPort + 'static, service: impl Service + 'static) -> Staged {
    let opener = Arc::new(FixtureOpener);
    Staged::new(Arc::new(port), opener, Arc::new(service), super::request())
}

const AT_ONCE: [(Scenario, &str); 1] = [(Scenario::Silent, "a mock answers at once")];

struct ScriptedStage;

#[async_trait]
impl port::Stage for ScriptedStage {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &AT_ONCE
    }

    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        let (port, calls) = scripted();
        // Some clauses make fewer calls.
        calls.allow_unused();
        for call in 0..port::CALLS {
            calls.will_return(answer(scenario, call)?);
        }
        Some(staged(port, Imagined { scenario, calls }))
    }
}

struct MockedStage;

#[async_trait]
impl port::Stage for MockedStage {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &AT_ONCE
    }

    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        if scenario == Scenario::Silent {
            return None;
        }
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let mut port = MockPaymentCredentialsPort::new();
        port.expect_generate().returning(move |_| {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            answer(scenario, call).expect("no more calls than the suite makes")
        });
        Some(staged(port, Imagined { scenario, calls }))
    }
}

/// A port around the scripted fake.
struct WrappedStage(fn(ScriptedPort) -> Arc<dyn PaymentCredentialsPort>);

#[async_trait]
impl port::Stage for WrappedStage {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &AT_ONCE
    }

    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        let (port, calls) = scripted();
        calls.allow_unused();
        for call in 0..port::CALLS {
            calls.will_return(answer(scenario, call)?);
        }
        Some(staged((self.0)(port), Imagined { scenario, calls }))
    }
}

#[track_caller]
fn check(report: &Report) {
    report.assert_kept();
    let not_staged = ["dropping is not undoing", "ends by itself"];
    assert_eq!(
        report.clauses_with(Verdict::NotStaged),
        not_staged,
        "{report}"
    );
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 5, "{report}");
}

#[test]
fn the_scripted_fake_keeps_what_can_be_staged() {
    check(&block_on(port::run(&ScriptedStage)));
}

#[test]
fn faults_and_a_recorder_keep_what_the_port_below_keeps() {
    let faulty = WrappedStage(|port| Arc::new(Faulty::new(port, Faults::each(Fault::none()))));
    check(&block_on(port::run(&faulty)));
    let recorder = WrappedStage(|port| {
        let id = super::request().token_id().clone();
        let cassette = Cassette::at("never saved", ApiVersion::V3).card("gold visa", id);
        Arc::new(
            cassette
                .even_in_ci()
                .record_errors(port)
                .expect("a recorder"),
        )
    });
    check(&block_on(port::run(&recorder)));
}

#[test]
fn the_mockall_mock_keeps_what_can_be_staged() {
    check(&block_on(port::run(&MockedStage)));
}

/// An opener for the fixtures, which has no key to use.
#[derive(Debug)]
struct NoKeys;

impl KeyUses for NoKeys {
    fn count(&self) -> usize {
        0
    }
}

struct FixtureStage;

#[async_trait]
impl opener::Stage for FixtureStage {
    fn cannot(&self) -> &[(opener::Scenario, &'static str)] {
        const BY_HEART: &str = "it knows the fixtures by heart, and nothing else";
        &[
            (opener::Scenario::KeyServiceDown, "it has no key"),
            (opener::Scenario::NotCredentials, BY_HEART),
            (opener::Scenario::ReadsHeaders, BY_HEART),
        ]
    }

    async fn stage(&self, scenario: opener::Scenario) -> Option<opener::Staged> {
        let sealed = match scenario {
            opener::Scenario::Opens => Fixture::VisaV3.sealed(),
            opener::Scenario::OtherKey => {
                let jwe = "eyJ9.a.b.c.d".parse().expect("a JWE");
                SealedCredentials::new(jwe, Fixture::VisaV3.head())
            }
            opener::Scenario::KeyServiceDown
            | opener::Scenario::NotCredentials
            | opener::Scenario::ReadsHeaders
            | _ => return None,
        };
        let (opener, keys) = (Arc::new(FixtureOpener), Arc::new(NoKeys));
        Some(opener::Staged::new(opener, sealed, keys))
    }
}

#[test]
fn the_fixture_opener_keeps_what_can_be_staged() {
    let report = block_on(opener::run(&FixtureStage));
    report.assert_kept();
    let not_staged = ["the header is validated first"];
    assert_eq!(
        report.clauses_with(Verdict::NotStaged),
        not_staged,
        "{report}"
    );
}
