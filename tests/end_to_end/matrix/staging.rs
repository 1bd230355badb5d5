//! Stages one cell, and checks the conditions that must be true afterwards.

use std::error::Error as _;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::{HyperPort, HyperTransport};
use payment_credentials::{
    ApiVersion, Delivery, Endpoint, Environment, Gateway, PortError, PortErrorKind,
    UnexpectedResponse,
};
use payment_credentials_sandbox::faults::{Fault, FaultPhase, FaultRule};
use payment_credentials_sandbox::{Sandbox, vault};
use tokio::time::timeout;

use crate::leaks::canaries::Signer;
use crate::leaks::scan::Scan;
use crate::stage::{Generator, ask, opener};

use super::cell::Expected;
use super::counts::{Counts, check};
use super::dialling::{FirstDial, Sips};
use super::table::{Column, Dial, Stage};

/// Far more than an undisturbed call takes.
const LONG: Duration = Duration::from_secs(20);
/// Far less than the delays here, and more than a call on an idle machine needs to reach them.
const SHORT: Duration = Duration::from_millis(700);
/// More than a call needs on a busy machine, and still far less than the delays.
const NOT_SO_SHORT: Duration = Duration::from_secs(5);

/// One way to stage a cell.
#[derive(Clone, Copy, Debug)]
pub(super) enum Staged {
    Dialled(Dial),
    Dropped(FaultPhase),
    Faulty(FaultPhase, Fault, Connection),
    Vault(&'static str),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Connection {
    /// A connection that has served a call before.
    Kept,
    New,
}

/// The ways to stage a row in a column.
pub(super) fn of(stage: Stage, column: Column) -> Vec<Staged> {
    let phase = match column {
        Column::Connect => FaultPhase::Connect,
        Column::Tls => FaultPhase::Tls,
        Column::Write => FaultPhase::Write,
        Column::Headers => FaultPhase::Headers,
        Column::Body => FaultPhase::Body,
        Column::Decrypt => FaultPhase::Decrypt,
        Column::Parse => FaultPhase::Parse,
    };
    let each = |faults: &[Fault], on| {
        faults
            .iter()
            .filter(|fault| fault.occurs_in(phase))
            .map(|&fault| Staged::Faulty(phase, fault, on))
            .collect()
    };
    match stage {
        Stage::DeadlinePasses => each(&[Fault::Delay(LONG)], Connection::New),
        Stage::Dropped => vec![Staged::Dropped(phase)],
        Stage::Faults(faults) => each(faults, Connection::New),
        Stage::Kept(faults) => each(faults, Connection::Kept),
        Stage::NotHere(_) => Vec::new(),
        Stage::Vault(token_id) => vec![Staged::Vault(token_id)],
    }
}

impl Staged {
    fn is_on_a_kept_connection(self) -> bool {
        matches!(self, Self::Faulty(_, _, Connection::Kept))
    }

    fn rule(self) -> Option<FaultRule> {
        match self {
            Self::Faulty(phase, fault, _) => Some(FaultRule::at(phase).fault(fault)),
            Self::Dropped(phase) => Some(FaultRule::at(phase).fault(Fault::Silence)),
            Self::Dialled(_) | Self::Vault(_) => None,
        }
    }

    /// Whether the call only ends when a limit passes.
    fn is_late(self, expected: &Expected) -> bool {
        let may_be =
            matches!(expected, Expected::Error { kinds, .. } if kinds.contains(&"Deadline"));
        may_be && !matches!(self, Self::Dialled(Dial::Fails(_) | Dial::Refused))
    }

    /// The limits of a phase and of the call; the one that must pass is short.
    fn limits(self, expected: &Expected, short: Duration) -> (Duration, Duration) {
        let has_own_limit = match self {
            Self::Dialled(_) => true,
            Self::Faulty(phase, fault, _) => {
                matches!(phase, FaultPhase::Connect | FaultPhase::Tls)
                    && fault != Fault::Delay(LONG)
            }
            Self::Dropped(_) | Self::Vault(_) => false,
        };
        match (self.is_late(expected), has_own_limit) {
            (false, _) => (LONG, LONG),
            (true, true) => (short, LONG),
            (true, false) => (LONG, short),
        }
    }

    /// The phase that the client must report, if the client can know it: where the connection was
    /// broken.
    fn reported_phase(self, kind: PortErrorKind) -> Option<payment_credentials::Phase> {
        use PortErrorKind::{Deadline, Framing, Reset, Tls};
        use payment_credentials::Phase;
        match self {
            Self::Faulty(phase, _, _) if matches!(kind, Deadline | Framing | Reset | Tls) => {
                match phase {
                    // The client's connection is established before the sandbox can do anything to
                    // it.
                    FaultPhase::Connect | FaultPhase::Tls => Some(Phase::Tls),
                    // The request is written at once, before the sandbox has read any of it.
                    FaultPhase::Write | FaultPhase::Headers => Some(Phase::Headers),
                    FaultPhase::Body => Some(Phase::Body),
                    _ => None,
                }
            }
            Self::Faulty(..) | Self::Dialled(_) | Self::Dropped(_) | Self::Vault(_) => None,
        }
    }

    /// How many requests the sandbox processes.
    fn requests(self) -> usize {
        let reaches = match self {
            Self::Dialled(_)
            | Self::Dropped(FaultPhase::Connect | FaultPhase::Tls | FaultPhase::Write)
            | Self::Faulty(FaultPhase::Connect | FaultPhase::Tls, Fault::Reset, _) => false,
            Self::Faulty(FaultPhase::Connect | FaultPhase::Tls | FaultPhase::Write, fault, _) => {
                matches!(fault, Fault::OneByteSegments)
                    || matches!(fault, Fault::Delay(time) if time < SHORT)
            }
            Self::Dropped(_) | Self::Faulty(..) | Self::Vault(_) => true,
        };
        usize::from(reaches)
    }

    /// How many connections that call and the next one use.
    fn connections(self, outcome: Option<&Result<(), PortError>>) -> u64 {
        let leaves_bytes = matches!(
            self,
            Self::Faulty(_, Fault::SecondResponse | Fault::EarlyResponse(_), _)
        );
        let is_sound = !leaves_bytes
            && match outcome {
                Some(Ok(())) => true,
                Some(Err(error)) => is_about_a_whole_response(error.kind()),
                None => false,
            };
        match self {
            Self::Dialled(_) => 1,
            _ if is_sound => 1,
            _ => 2,
        }
    }
}

fn is_about_a_whole_response(kind: PortErrorKind) -> bool {
    use PortErrorKind::{Decrypt, Jwe, Payload, Refused, Unexpected};
    match kind {
        Unexpected(what) => what != UnexpectedResponse::TooLarge,
        Refused(_) | Jwe | Decrypt | Payload => true,
        _ => false,
    }
}

/// What all cells share.
pub(super) struct Staging {
    signer: Signer,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    errors: Vec<PortError>,
    keys: Vec<String>,
}

/// Two callers of one pool: one whose call meets the fault, and one that checks the pool before and after.
struct Callers {
    hurried: Generator,
    patient: Generator,
}

impl Staging {
    pub(super) fn new(scan: &mut Scan) -> Self {
        let (signer, seen) = (Signer::new(scan), Mutex::default());
        Self { signer, seen }
    }

    /// Registers the private key as a secret to search for.
    pub(super) fn keep(&self, sandbox: &Sandbox) {
        let key = sandbox.merchant().opening_key_pem().to_owned();
        self.seen.lock().expect("unpoisoned").keys.push(key);
    }

    /// Adds the errors to the texts that are searched for secrets.
    pub(super) fn show(&self, scan: &mut Scan) {
        let seen = self.seen.lock().expect("unpoisoned");
        for key in &seen.keys {
            // One line proves as much as all lines, and is found in less time.
            scan.keep("private key", key.lines().nth(5).expect("a line"));
        }
        assert!(!seen.errors.is_empty(), "nothing to look through");
        for error in &seen.errors {
            scan.error("the matrix", error);
        }
    }

    /// Stages the cell twice, and checks that both errors have the same text. If a short limit has to pass,
    /// a machine that is too busy to get that far in time gets a longer limit.
    pub(super) async fn run_twice(
        &self,
        sandbox: &Sandbox,
        staged: Staged,
        expected: &Expected,
    ) -> Result<(), String> {
        let mut short = SHORT;
        loop {
            let twice = self.run_and_compare(sandbox, staged, expected, short).await;
            if twice.is_ok() || !staged.is_late(expected) || short >= NOT_SO_SHORT {
                return twice;
            }
            short *= 3;
            sandbox.faults().clear();
        }
    }

    async fn run_and_compare(
        &self,
        sandbox: &Sandbox,
        staged: Staged,
        expected: &Expected,
        short: Duration,
    ) -> Result<(), String> {
        let first = self.run(sandbox, staged, expected, short).await?;
        let second = self.run(sandbox, staged, expected, short).await?;
        if first == second {
            return Ok(());
        }
        Err(format!("first {first:?}, then {second:?}"))
    }

    /// Stages the cell, and returns the text of the error, if there was one; `Err` describes a condition
    /// that was not met.
    async fn run(
        &self,
        sandbox: &Sandbox,
        staged: Staged,
        expected: &Expected,
        short: Duration,
    ) -> Result<Option<String>, String> {
        let callers = self.callers(sandbox, staged, staged.limits(expected, short));
        let before = Counts::of(sandbox);
        if staged.is_on_a_kept_connection() {
            let first = ask(&callers.patient, vault::VISA).await;
            first.map_err(|error| format!("the call before: {error:?}"))?;
        }
        let started = Counts::of(sandbox);
        let outcome = fail(sandbox, staged, &callers.hurried).await?;
        sandbox.faults().clear();
        let failed = Counts::of(sandbox);

        let faults = usize::from(staged.rule().is_some());
        check("faults applied", failed.faults - started.faults, faults)?;
        let requests = failed.requests - started.requests;
        check("requests acted upon", requests, staged.requests())?;
        if let Some(outcome) = &outcome
            && !expected.fits(outcome.as_ref().copied())
        {
            return Err(format!("wanted {expected:?}, got {outcome:?}"));
        }
        if let Some(Err(error)) = &outcome {
            check("attempts", error.attempts(), 1)?;
            if let Some(phase) = staged.reported_phase(error.kind()) {
                check("phase", error.phase(), phase)?;
            }
            if error.delivery() == Delivery::NotSent {
                check("minted, not sent", failed.minted, started.minted)?;
            }
        }

        let next = timeout(LONG, ask(&callers.patient, vault::VISA)).await;
        if !matches!(next, Ok(Ok(_))) {
            return Err(format!("the next call: {next:?}"));
        }
        let after = Counts::of(sandbox);
        check(
            "requests of the next call",
            after.requests - failed.requests,
            1,
        )?;
        let connections = after.connections - before.connections;
        check(
            "connections",
            connections,
            staged.connections(outcome.as_ref()),
        )?;
        let Some(Err(error)) = outcome else {
            return Ok(None);
        };
        let text = words(&error);
        self.seen.lock().expect("unpoisoned").errors.push(error);
        Ok(Some(text))
    }

    fn callers(
        &self,
        sandbox: &Sandbox,
        staged: Staged,
        (phase_limit, call_deadline): (Duration, Duration),
    ) -> Callers {
        let mut transport = HyperTransport::builder()
            .extra_root(sandbox.root_certificate_der())
            .connect_deadline(phase_limit)
            .tls_deadline(phase_limit);
        match staged {
            Staged::Dialled(dial) => transport = transport.dialer(Arc::new(FirstDial::new(dial))),
            Staged::Faulty(_, Fault::FlipBit, _) => transport = transport.dialer(Arc::new(Sips)),
            Staged::Dropped(_) | Staged::Faulty(..) | Staged::Vault(_) => {}
        }
        let transport = Arc::new(transport.build().expect("a transport"));
        let endpoint = Endpoint::new(Environment::Test)
            .with_version(ApiVersion::V3)
            .with_connect_to(sandbox.address().into())
            .expect("an endpoint");
        let gateway = Gateway::builder(endpoint, Arc::new(self.signer.clone()));
        let gateway = gateway.build(transport).expect("a gateway");
        let caller = |deadline| {
            let port = HyperPort::over(gateway.clone(), deadline);
            CredentialsGenerator::new(port, opener(sandbox))
        };
        Callers {
            hurried: caller(call_deadline),
            patient: caller(LONG),
        }
    }
}

/// Makes the one call that meets the fault; returns no outcome if the call was dropped.
async fn fail(
    sandbox: &Sandbox,
    staged: Staged,
    caller: &Generator,
) -> Result<Option<Result<(), PortError>>, String> {
    let token_id = match staged {
        Staged::Vault(token_id) => token_id,
        Staged::Dialled(_) | Staged::Dropped(_) | Staged::Faulty(..) => vault::VISA,
    };
    let before = Counts::of(sandbox);
    if let Some(rule) = staged.rule() {
        sandbox.faults().add(rule).expect("a rule");
    }
    let call = async { ask(caller, token_id).await.map(drop) };
    if !matches!(staged, Staged::Dropped(_)) {
        let outcome = timeout(LONG * 2, call).await;
        return outcome.map(Some).map_err(|_late| "it hangs".to_owned());
    }
    // The call is dropped as soon as the sandbox has reached the point where it stops responding.
    let is_there = || {
        let now = Counts::of(sandbox);
        now.faults > before.faults && now.requests >= before.requests + staged.requests()
    };
    let there = poll_fn(|cx| {
        if is_there() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    tokio::select! {
        outcome = call => Err(format!("it ended before it was dropped: {outcome:?}")),
        () = there => Ok(None),
    }
}

/// The text of an error and its causes, without the ids that differ in each response.
fn words(error: &PortError) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    match error.correlation_id() {
        Some(id) => words.replace(id.as_str(), "ID"),
        None => words,
    }
}
