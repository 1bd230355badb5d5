//! A correct port, and one that breaks each clause.

use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_contract::port::{self, Scenario, Service, Stage, Staged};
use payment_credentials_contract::{Report, Verdict};
use payment_credentials_core::{
    CredentialsRequest, Delivery, Jwe, PaymentCredentialsPort, Phase, PortError, PortErrorKind,
    Refusal, Repeatability, SealedContent, SealedCredentials,
};
use pollster::block_on;

use crate::openers::ToyOpener;
use crate::toy::ToyService;

/// What a port does wrong, if anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    Caches,
    KeepsItsLockWhenDropped,
    LosesTheCorrelationId,
    MintsAhead,
    NeverEnds,
    None,
    SaysNotSentWheneverItFails,
    ShowsTheRequest,
    StartsBeforeItIsAwaited,
}

struct ToyPort {
    flaw: Flaw,
    scenario: Scenario,
    service: Arc<ToyService>,
    kept: Mutex<Option<Jwe>>,
    busy: AtomicBool,
}

impl std::fmt::Debug for ToyPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ToyPort")
    }
}

impl ToyPort {
    fn answer(&self) -> SealedCredentials {
        if self.flaw == Flaw::MintsAhead && self.scenario == Scenario::Responds {
            self.service.take();
        }
        let minted = self.service.mint();
        let mut kept = self.kept.lock().expect("unpoisoned");
        match (self.flaw, kept.as_ref()) {
            (Flaw::Caches, Some(jwe)) => SealedCredentials::new(jwe.clone(), minted.head().clone()),
            (Flaw::Caches, None) => {
                *kept = jwe_of(&minted);
                minted
            }
            (_, _) => minted,
        }
    }

    fn error(&self, kind: PortErrorKind, phase: Phase, request: &CredentialsRequest) -> PortError {
        let delivery = match (self.flaw, phase) {
            (Flaw::SaysNotSentWheneverItFails, _) | (_, Phase::Connect) => Delivery::NotSent,
            (_, Phase::Decode) => Delivery::Answered,
            (_, _) => Delivery::Unknown,
        };
        let error = PortError::new(kind, delivery, phase, Repeatability::Never);
        match self.flaw {
            Flaw::ShowsTheRequest => {
                let body = request.encoded_body();
                error.with_source(String::from_utf8_lossy(body))
            }
            _ => error,
        }
    }

    async fn silence(&self, request: &CredentialsRequest) -> PortError {
        if self.flaw != Flaw::StartsBeforeItIsAwaited {
            self.service.take();
        }
        if self.flaw == Flaw::KeepsItsLockWhenDropped {
            self.busy.store(true, Ordering::SeqCst);
        }
        // The call can be dropped during these turns; afterwards it ends, as at a deadline.
        for _ in 0..1000 {
            tick().await;
        }
        if self.flaw == Flaw::NeverEnds {
            pending::<()>().await;
        }
        self.busy.store(false, Ordering::SeqCst);
        self.error(PortErrorKind::Deadline, Phase::Headers, request)
    }
}

/// Gives the executor a turn.
pub(crate) async fn tick() {
    let mut ticked = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut ticked, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn jwe_of(sealed: &SealedCredentials) -> Option<Jwe> {
    match sealed.content() {
        SealedContent::Jwe(jwe) => Some(jwe.clone()),
        _ => None,
    }
}

#[async_trait]
impl PaymentCredentialsPort for ToyPort {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let fails = |kind, phase| Err(self.error(kind, phase, request));
        if self.busy.load(Ordering::SeqCst) {
            return fails(PortErrorKind::KeyService, Phase::Start);
        }
        let is_next = request.token_id().as_str() == NEXT;
        match self.scenario {
            Scenario::Responds => Ok(self.answer()),
            Scenario::Silent if is_next => Ok(self.answer()),
            Scenario::Silent => Err(self.silence(request).await),
            Scenario::HangsUp => {
                self.service.take();
                fails(PortErrorKind::Reset, Phase::Headers)
            }
            Scenario::Refuses => {
                self.service.take();
                let kind = PortErrorKind::Refused(Refusal::NotFound);
                let error = self.error(kind, Phase::Decode, request);
                match self.flaw {
                    Flaw::LosesTheCorrelationId => Err(error),
                    _ => Err(error.with_head(self.service.head(404))),
                }
            }
            _ => fails(PortErrorKind::Connect, Phase::Connect),
        }
    }
}

/// Starts each call even before the future is awaited.
#[derive(Debug)]
struct Eager(ToyPort);

impl PaymentCredentialsPort for Eager {
    fn generate<'port, 'request, 'call>(
        &'port self,
        request: &'request CredentialsRequest,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<SealedCredentials, PortError>> + Send + 'call>>
    where
        'port: 'call,
        'request: 'call,
        Self: 'call,
    {
        if self.0.scenario == Scenario::Silent && request.token_id().as_str() != NEXT {
            self.0.service.take();
        }
        self.0.generate(request)
    }
}

const NEXT: &str = "7040890000006625091";

/// Stages ports with a flaw, or correct ones.
pub(crate) struct ToyStage(Flaw);

impl ToyStage {
    pub(crate) fn good() -> Self {
        Self(Flaw::None)
    }
}

#[async_trait]
impl Stage for ToyStage {
    async fn stage(&self, scenario: Scenario) -> Option<Staged> {
        let ask = |id: &str| CredentialsRequest::new(id.parse().expect("a token id"));
        let service = Arc::new(ToyService::default());
        let port = ToyPort {
            flaw: self.0,
            scenario,
            service: Arc::clone(&service),
            kept: Mutex::default(),
            busy: AtomicBool::new(false),
        };
        let port: Arc<dyn PaymentCredentialsPort> = match self.0 {
            Flaw::StartsBeforeItIsAwaited => Arc::new(Eager(port)),
            _ => Arc::new(port),
        };
        let service = service as Arc<dyn Service>;
        let opener = Arc::new(ToyOpener::good());
        let staged = Staged::new(port, opener, service, ask("7010000000016241111"));
        Some(staged.with_next(ask(NEXT)))
    }

    fn patience(&self) -> Duration {
        match self.0 {
            // The port never ends, so any patience is long enough.
            Flaw::NeverEnds => Duration::from_millis(50),
            _ => Duration::from_secs(10),
        }
    }
}

fn report(flaw: Flaw) -> Report {
    payment_credentials_test_limit::start();
    block_on(port::run(&ToyStage(flaw)))
}

#[test]
fn a_good_port_keeps_every_clause() {
    let report = report(Flaw::None);
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 7, "{report}");
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
fn catches_a_cache() {
    catches(Flaw::Caches, "fresh each time");
}

#[test]
fn catches_a_port_that_mints_ahead() {
    catches(Flaw::MintsAhead, "not idempotent");
}

#[test]
fn catches_a_call_that_leaves_a_lock_behind_or_starts_by_itself() {
    catches(Flaw::KeepsItsLockWhenDropped, "dropping is not undoing");
    catches(Flaw::StartsBeforeItIsAwaited, "dropping is not undoing");
}

#[test]
fn catches_a_call_that_never_ends() {
    catches(Flaw::NeverEnds, "ends by itself");
}

#[test]
fn catches_not_sent_where_it_was_sent() {
    catches(
        Flaw::SaysNotSentWheneverItFails,
        "errors say how far it got",
    );
}

#[test]
fn catches_a_correlation_id_that_got_lost() {
    catches(Flaw::LosesTheCorrelationId, "answered means traceable");
}

#[test]
fn catches_personal_data_in_an_error() {
    catches(Flaw::ShowsTheRequest, "secrets stay inside");
}
