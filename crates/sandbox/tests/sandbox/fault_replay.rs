//! Runs that are repeated from their log, for every fault.

use std::io::ErrorKind;
use std::time::Duration;

use payment_credentials_sandbox::faults::{Fault, FaultPhase, FaultRule, Faults};
use payment_credentials_sandbox::{Policy, ReceivedRequest, Sandbox, vault};
use tokio::io::AsyncReadExt as _;

use super::client::{Call, connect, start};
use super::mle_sealing::{Sealed, signed};
use super::signer::{self, Jwt};

/// What a client sees of one call.
#[derive(Debug, Eq, PartialEq)]
enum Seen {
    /// The connection failed without a response.
    Nothing(ErrorKind),
    /// How many bytes were received. The number is left out after an RST, which may overtake bytes,
    /// and after a corrupted record, which may discard bytes that are read together with it.
    Bytes(Option<usize>, Option<ErrorKind>),
}

async fn seen(sandbox: &Sandbox, call: &Call) -> Seen {
    let mut stream = match connect(sandbox).await {
        Ok(stream) => stream,
        Err(error) => return Seen::Nothing(error.kind()),
    };
    let call = call.clone().with("Connection", "close");
    let mut all = Vec::new();
    let ended = match call.write(&mut stream).await {
        Ok(()) => stream.read_to_end(&mut all).await.map(drop),
        Err(error) => Err(error),
    };
    let ended = ended.err().map(|error| error.kind());
    let overtakes = [ErrorKind::ConnectionReset, ErrorKind::InvalidData];
    let is_overtaken = ended.is_some_and(|ended| overtakes.contains(&ended));
    let length = (!is_overtaken).then_some(all.len());
    Seen::Bytes(length, ended)
}

/// Every fault except `Silence`, which never ends, and `Trickle`, which is a slow `OneByteSegments`.
const FAULTS: [Fault; 20] = [
    Fault::Close,
    Fault::Contradiction,
    Fault::Cut,
    Fault::CutAt(17),
    Fault::Delay(Duration::from_millis(1)),
    Fault::EarlyResponse(401),
    Fault::ErrorBody,
    Fault::FlipBit,
    Fault::Garbage,
    Fault::Informational(32),
    Fault::OldVersion,
    Fault::OneByteSegments,
    Fault::Oversize,
    Fault::Redirect,
    Fault::Reset,
    Fault::SecondResponse,
    Fault::Status(503),
    Fault::Unencrypted,
    Fault::WrongIdentity,
    Fault::WrongKey,
];

/// A rule for each fault in each of these phases.
fn break_everything(faults: &Faults, phases: &[FaultPhase]) -> usize {
    let mut rules = 0;
    for phase in phases {
        for fault in FAULTS.iter().filter(|fault| fault.occurs_in(*phase)) {
            rules += 1;
            let rule = FaultRule::at(*phase).fault(*fault).seeded(rules);
            faults.add(rule).unwrap();
        }
    }
    usize::try_from(rules).unwrap()
}

/// Makes `calls` calls, one after the other.
async fn run(sandbox: &Sandbox, calls: usize, call: impl Fn(&Sandbox) -> Call) -> Vec<Seen> {
    let mut run = Vec::new();
    for _ in 0..calls {
        run.push(seen(sandbox, &call(sandbox)).await);
    }
    run
}

/// Plays the log of a run on a new sandbox, which must break the same calls at the same bytes.
async fn replayed(
    phases: &[FaultPhase],
    start: impl Fn() -> Sandbox,
    call: impl Fn(&Sandbox) -> Call + Copy,
) -> Vec<Seen> {
    let sandbox = start();
    let calls = break_everything(sandbox.faults(), phases) + 1;
    let first = run(&sandbox, calls, call).await;
    assert_eq!(sandbox.faults().log().len(), calls - 1);

    let again = start();
    let script = sandbox.faults().log_json();
    again.faults().add_json(&script).unwrap();
    assert_eq!(run(&again, calls, call).await, first, "{script}");
    assert_eq!(again.faults().log(), sandbox.faults().log());
    assert_eq!(again.minted(), sandbox.minted());
    assert_eq!(again.requests().len(), sandbox.requests().len());
    let statuses = |sandbox: &Sandbox| -> Vec<_> {
        let requests = sandbox.requests();
        requests.iter().map(ReceivedRequest::status).collect()
    };
    assert_eq!(statuses(&again), statuses(&sandbox));
    first
}

const OF_REQUESTS: [FaultPhase; 5] = [
    FaultPhase::Write,
    FaultPhase::Headers,
    FaultPhase::Body,
    FaultPhase::Decrypt,
    FaultPhase::Parse,
];

#[tokio::test]
async fn every_fault_of_a_request_is_had_again_at_the_same_byte() {
    let call = |_: &Sandbox| Call::v3(vault::VISA);
    let seen = replayed(&OF_REQUESTS, start, call).await;
    let cut = seen
        .iter()
        .filter(|seen| matches!(seen, Seen::Bytes(Some(bytes), None) if *bytes > 0));
    assert!(cut.count() > 30, "{seen:?}");
}

/// Request and response are encrypted, and the fault is inside of the encryption or outside.
#[tokio::test]
async fn so_is_every_fault_where_messages_are_encrypted_both_ways() {
    let start = || {
        let sandbox = signer::start(Policy::strict());
        // The keys are created here, so that no call waits for them.
        sandbox.merchant().response_key_pem().unwrap();
        sandbox
    };
    let call = |sandbox: &Sandbox| {
        let key_id = sandbox.merchant().response_key_id();
        let jwt = Jwt::of(sandbox).claim("v-c-response-mle-kid", key_id);
        signed(sandbox, jwt, &Sealed::of(sandbox).body())
    };
    let seen = replayed(&OF_REQUESTS, start, call).await;
    let last = seen.last().unwrap();
    assert!(matches!(last, Seen::Bytes(Some(2_000..), None)), "{last:?}");
}

/// These faults don't depend on the length of a certificate's signature, which varies.
#[tokio::test]
async fn so_is_every_fault_of_a_connection() {
    let call = |_: &Sandbox| Call::v3(vault::VISA);
    replayed(&[FaultPhase::Connect, FaultPhase::Tls], start, call).await;
}

/// The log names the connection or the request that was broken, for every kind of rule.
#[tokio::test]
async fn a_log_names_what_was_hit_by_its_number() {
    let sandbox = start();
    let text = format!(
        r#"[
            {{"on": {{"token_id": "{}"}}, "phase": "headers", "fault": {{"status": 410}}}},
            {{"on": {{"connection": 3}}, "phase": "headers", "fault": {{"status": 409}}}},
            {{"on": {{"connection": 4}}, "phase": "tls", "fault": "one_byte_segments"}}
        ]"#,
        vault::MASTERCARD
    );
    sandbox.faults().add_json(&text).unwrap();
    for token_id in [vault::VISA, vault::MASTERCARD, vault::VISA, vault::VISA] {
        Call::v3(token_id).answer(&sandbox).await;
    }
    let script = sandbox.faults().log_json();
    let lines: Vec<_> = script.lines().collect();
    assert_eq!(lines.len(), 2 + 3, "{script}");
    for (line, on) in [
        (lines[1], r#""on":{"request":2}"#),
        (lines[2], r#""on":{"request":3}"#),
        (lines[3], r#""on":{"connection":4}"#),
    ] {
        assert!(line.contains(on), "{line}");
    }
    assert!(!script.contains(vault::MASTERCARD), "{script}");
}
