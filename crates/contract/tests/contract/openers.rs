//! A correct opener, and one that breaks each clause.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use payment_credentials_contract::opener::{
    self, KeyUses, NOT_CREDENTIALS, Scenario, Stage, Staged,
};
use payment_credentials_contract::{Report, Verdict};
use payment_credentials_core::{
    CredentialsOpener, Delivery, PaymentCredentials, Phase, PortError, PortErrorKind,
    Repeatability, ResponseHead, SealedContent, SealedCredentials,
};
use pollster::block_on;

use crate::toy::{SealedFor, ToyService, Unopened, seal, unseal, validate_header};

/// What an opener does wrong, if anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    CallsEveryFlawAFailureToDecrypt,
    LosesTheHead,
    None,
    RepeatsThePlaintext,
    SaysItWasNotSent,
    TellsWhatWasWrong,
    TriesTheKeyFirst,
}

#[derive(Debug, Default)]
struct Keys(AtomicUsize);

impl KeyUses for Keys {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
pub(crate) struct ToyOpener {
    flaw: Flaw,
    is_down: bool,
    keys: Arc<Keys>,
}

impl ToyOpener {
    pub(crate) fn good() -> Self {
        Self {
            flaw: Flaw::None,
            is_down: false,
            keys: Arc::default(),
        }
    }

    fn error(&self, kind: PortErrorKind, sealed: &SealedCredentials) -> PortError {
        let delivery = match self.flaw {
            Flaw::SaysItWasNotSent => Delivery::NotSent,
            _ => Delivery::Answered,
        };
        let error = PortError::new(kind, delivery, Phase::OpenCredentials, Repeatability::Never);
        match self.flaw {
            Flaw::LosesTheHead => error,
            _ => error.with_head(sealed.head().clone()),
        }
    }

    fn unopened(&self, unopened: Unopened, sealed: &SealedCredentials) -> PortError {
        let kind = match (unopened, self.flaw) {
            (Unopened::Header, Flaw::CallsEveryFlawAFailureToDecrypt) => PortErrorKind::Decrypt,
            (Unopened::Header, _) => PortErrorKind::Jwe,
            (_, _) => PortErrorKind::Decrypt,
        };
        let error = self.error(kind, sealed);
        match self.flaw {
            Flaw::TellsWhatWasWrong => error.with_source(format!("{unopened:?}")),
            _ => error,
        }
    }

    fn plaintext(&self, sealed: &SealedCredentials) -> Result<Vec<u8>, PortError> {
        let SealedContent::Jwe(jwe) = sealed.content() else {
            return Err(self.error(PortErrorKind::Jwe, sealed));
        };
        let use_key = || self.keys.0.fetch_add(1, Ordering::SeqCst);
        if self.flaw == Flaw::TriesTheKeyFirst {
            use_key();
        }
        validate_header(jwe.parts()).map_err(|unopened| self.unopened(unopened, sealed))?;
        use_key();
        if self.is_down {
            return Err(self.error(PortErrorKind::KeyService, sealed));
        }
        unseal(jwe.parts()).map_err(|unopened| self.unopened(unopened, sealed))
    }
}

#[async_trait]
impl CredentialsOpener for ToyOpener {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let plaintext = self.plaintext(sealed)?;
        PaymentCredentials::from_plaintext(&plaintext).map_err(|_not_credentials| {
            let error = self.error(PortErrorKind::Payload, sealed);
            match self.flaw {
                Flaw::RepeatsThePlaintext => error.with_source(String::from_utf8_lossy(&plaintext)),
                _ => error,
            }
        })
    }
}

struct ToyStage(Flaw);

#[async_trait]
impl Stage for ToyStage {
    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        let keys = Arc::new(Keys::default());
        let opener = ToyOpener {
            flaw: self.0,
            is_down: scenario == Scenario::KeyServiceDown,
            keys: Arc::clone(&keys),
        };
        let good = Arc::new(ToyService::default()).mint();
        let head = || ResponseHead::new(201).with_correlation_id("77".parse().expect("an id"));
        let sealed = match scenario {
            Scenario::KeyServiceDown | Scenario::Opens | Scenario::ReadsHeaders => good,
            Scenario::NotCredentials => seal(NOT_CREDENTIALS, SealedFor::Us, head()),
            Scenario::OtherKey => seal("{}", SealedFor::Another, head()),
            _ => return None,
        };
        Some(Staged::new(Arc::new(opener), sealed, keys))
    }
}

fn report(flaw: Flaw) -> Report {
    payment_credentials_test_limit::start();
    block_on(opener::run(&ToyStage(flaw)))
}

#[test]
fn a_good_opener_keeps_every_clause() {
    let report = report(Flaw::None);
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 4, "{report}");
}

#[track_caller]
fn catches(flaw: Flaw, clause: &str) {
    let report = report(flaw);
    assert_eq!(
        report.clauses_with(Verdict::Broken),
        [clause],
        "{flaw:?}\n{report}"
    );
}

#[test]
fn catches_a_failure_that_is_not_uniform() {
    catches(Flaw::TellsWhatWasWrong, "one uniform failure");
}

#[test]
fn catches_a_key_that_is_used_before_the_header_is_judged() {
    catches(Flaw::TriesTheKeyFirst, "the header is validated first");
    catches(
        Flaw::CallsEveryFlawAFailureToDecrypt,
        "the header is validated first",
    );
}

#[test]
fn catches_an_error_that_does_not_say_answered() {
    catches(Flaw::SaysItWasNotSent, "answered");
    catches(Flaw::LosesTheHead, "answered");
}

#[test]
fn catches_a_plaintext_that_gets_out() {
    catches(Flaw::RepeatsThePlaintext, "secrets stay inside");
}
