//! Recorded once and played again, at both ports.

mod damaged;
mod matched;
mod scrubbed;

use std::fs;
use std::path::{Path, PathBuf};

use payment_credentials_core::request::{PaymentCredentialType, RequestBody};
use payment_credentials_core::{ApiVersion, PortError};
use payment_credentials_mock::cassette::{Cassette, CassetteErrorKind, Mode, Recorder, Session};
use payment_credentials_mock::{fails, refuses};

use super::*;

const GOLD: &str = "47CA8267360FD3EAE063AF598E0A5792";
const OTHER: &str = "7010000000016241111";

type Generator<T> = CredentialsGenerator<T, T>;

/// A file of one test.
fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cassettes")
        .join(name);
    let _ = fs::remove_file(&path);
    path
}

#[expect(clippy::disallowed_methods, reason = "a cassette is a file")]
fn text_of(path: &Path) -> String {
    fs::read_to_string(path).expect("a text")
}

/// A cassette that may also be recorded where the project's own tests run.
fn cassette(path: &Path) -> Cassette {
    Cassette::at(path, ApiVersion::V3)
        .card("gold visa", GOLD.parse().expect("an id"))
        .card("other card", OTHER.parse().expect("an id"))
        .even_in_ci()
}

fn request_of(token_id: &str) -> CredentialsRequest {
    CredentialsRequest::new(token_id.parse().expect("an id"))
}

fn typed(token_id: &str, named: PaymentCredentialType) -> CredentialsRequest {
    let body = RequestBody::default().with_payment_credential_type(named);
    request_of(token_id).with_body(body).expect("a request")
}

/// What an application decides by.
fn outcome<P, O>(generator: &CredentialsGenerator<P, O>, request: &CredentialsRequest) -> String
where
    P: PaymentCredentialsPort,
    O: CredentialsOpener,
{
    match block_on(generator.generate(request)) {
        Ok(generated) => {
            let credentials = &generated.credentials;
            format!(
                "{} {} {:?} {:?} {:?}",
                generated.head.status(),
                generated.correlation_id().is_some(),
                credentials.account(),
                credentials.card_behind(),
                credentials.confirms(request.token_id()),
            )
        }
        Err(error) => reported(error.port_error()),
    }
}

fn reported(error: &PortError) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {} {:?} {:?} {:?} {:?}",
        error.kind(),
        error.delivery(),
        error.phase(),
        error.repeatability(),
        error.attempts(),
        error.status(),
        error.reason(),
        error.retry_after(),
        error.suspected_refusal(),
    )
}

fn recorder(path: &Path, port: ScriptedPort) -> Recorder<ScriptedPort, FixtureOpener> {
    cassette(path)
        .record(port, FixtureOpener)
        .expect("a recorder")
}

fn generator<T: Clone + PaymentCredentialsPort + CredentialsOpener>(both: &T) -> Generator<T> {
    CredentialsGenerator::new(both.clone(), both.clone())
}

#[test]
fn every_fixture_and_every_error_is_replayed_to_the_same_decision() {
    let path = file("everything.cassette");
    let port = Fixture::ALL
        .iter()
        .map(|fixture| answers(*fixture))
        .chain(PortErrorKind::all().map(|kind| fails(move || failures::of_kind(kind))))
        .chain([
            fails(|| failures::throttled(Duration::from_secs(7))),
            fails(|| failures::connect().with_attempts(3)),
            fails(failures::connect_timed_out),
        ])
        .reduce(ScriptedPort::then)
        .expect("a port");
    let script = port.script();
    let both = recorder(&path, port);
    let request = request_of(GOLD);
    let calls = Fixture::ALL.len() + PortErrorKind::all().count() + 3;
    let live = generator(&both);
    let recorded: Vec<_> = (0..calls).map(|_| outcome(&live, &request)).collect();
    assert_eq!(script.calls().len(), calls);
    assert_eq!(both.save().expect("saved").calls, calls);

    let replay = cassette(&path).replay().expect("a replay");
    let played = generator(&replay);
    for (number, recorded) in recorded.iter().enumerate() {
        assert_eq!(&outcome(&played, &request), recorded, "call {number}");
    }
    replay.finish().expect("every entry was used");
}

/// The page shows this text.
#[test]
fn a_cassette_is_a_text_that_stays_the_same_when_it_is_recorded_again() {
    let record = |name: &str, order: [usize; 3]| {
        let path = file(name);
        let [visa, throttled, other] = [
            (
                typed(GOLD, PaymentCredentialType::Cryptogram),
                answers(Fixture::VisaV3),
            ),
            (
                request_of(GOLD),
                fails(|| failures::throttled(Duration::from_secs(2))),
            ),
            (request_of(OTHER), answers(Fixture::CardMaskedV3)),
        ];
        let mut calls = [Some(visa), Some(throttled), Some(other)];
        let calls: Vec<_> = order
            .iter()
            .map(|at| calls[*at].take().expect("once"))
            .collect();
        let (requests, ports): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let port = ports
            .into_iter()
            .reduce(ScriptedPort::then)
            .expect("a port");
        let recorder = recorder(&path, port);
        let live = generator(&recorder);
        for request in &requests {
            let _ = outcome(&live, request);
        }
        recorder.save().expect("saved");
        text_of(&path)
    };
    let text = record("stable.cassette", [0, 1, 2]);
    assert_eq!(text, record("stable.cassette", [2, 1, 0]));
    let example = include_str!("../../src/cassette/example.cassette");
    assert_eq!(text, example, "{text}");
    assert!(include_str!("../../src/cassette/cassette.md").contains(example));
}

#[test]
fn numbers_are_published_ones_of_the_same_brand_and_each_cryptogram_is_fresh() {
    use payment_credentials_core::credentials::Account;

    let path = file("fresh.cassette");
    let port = answers(Fixture::VisaV2)
        .times(2)
        .then(answers(Fixture::MastercardV3));
    let recorder = recorder(&path, port);
    let live = generator(&recorder);
    for _ in 0..3 {
        outcome(&live, &request_of(GOLD));
    }
    recorder.save().expect("saved");
    let play = || {
        let replay = cassette(&path).replay().expect("a replay");
        let played = generator(&replay);
        [(); 3].map(|()| {
            let generated = block_on(played.generate(&request_of(GOLD))).expect("credentials");
            let Account::NetworkToken(token) = generated.credentials.account() else {
                panic!("a network token")
            };
            let cryptogram = token
                .cryptogram()
                .expect("a cryptogram")
                .expose()
                .to_owned();
            let id = generated
                .correlation_id()
                .expect("an id")
                .as_str()
                .to_owned();
            (
                token.number().expect("a number").expose().to_owned(),
                cryptogram,
                id,
            )
        })
    };
    let played = play();
    let numbers = played.each_ref().map(|(number, ..)| number.as_str());
    assert_eq!(
        numbers,
        ["4323126880354068", "4323126880354068", "5204240250197840"]
    );
    let [first, second, third] = played.each_ref().map(|(_, cryptogram, _)| cryptogram);
    assert!(first != second && second != third && first != third);
    for cryptogram in [first, second, third] {
        assert_eq!(cryptogram.len(), 28);
        assert!(cryptogram.ends_with('='));
        assert!(!Fixture::VisaV2.plaintext().contains(cryptogram.as_str()));
    }
    assert_eq!(played[2].2, "replayed-gold-visa-3");
    // The same each time, since nothing is drawn by chance.
    assert_eq!(play(), played);
}

#[test]
fn a_session_does_what_its_mode_says() {
    let path = file("session.cassette");
    let run = |mode: Mode, live: fn() -> ScriptedPort| {
        let session = cassette(&path).session(mode, || (live(), FixtureOpener));
        let session: Session<_, _> = session.expect("a session");
        let said = outcome(&generator(&session), &request_of(GOLD));
        (said, session.finish())
    };
    let (recorded, finished) = run(Mode::Record, || answers(Fixture::VisaV3));
    assert_eq!(finished, Ok(()));
    let (replayed, finished) = run(Mode::Replay, || panic!("a replay needs no port"));
    assert_eq!((replayed, finished), (recorded, Ok(())));
    let (_, finished) = run(Mode::Verify, || answers(Fixture::VisaV3));
    assert_eq!(finished, Ok(()));
    let (_, finished) = run(Mode::Verify, || answers(Fixture::SuspendedV3));
    let error = finished.expect_err("it differs");
    assert_eq!(error.kind(), CassetteErrorKind::Differs);
}

/// The child of the next test, where `CI` is set.
#[test]
#[ignore = "the next test runs it"]
fn child_that_records_in_ci() {
    let path = file("ci.cassette");
    let cassette = Cassette::at(&path, ApiVersion::V3);
    let refused = cassette
        .record(refuses(429).always(), FixtureOpener)
        .expect_err("refused");
    assert_eq!(refused.kind(), CassetteErrorKind::Ci);
    let refused = cassette
        .record_errors(refuses(429).always())
        .expect_err("refused");
    assert_eq!(refused.kind(), CassetteErrorKind::Ci);
    let mode = Mode::from_environment().expect("a mode");
    assert_eq!(mode, Mode::Record);
    let refused = cassette.session(mode, || (refuses(429).always(), FixtureOpener));
    assert_eq!(refused.expect_err("refused").kind(), CassetteErrorKind::Ci);
    cassette
        .session(Mode::RecordInCi, || (refuses(429).always(), FixtureOpener))
        .expect("forced");
}

#[test]
fn nothing_is_recorded_in_ci_unless_it_is_forced() {
    let this = std::env::current_exe().expect("this program");
    let child = ["--ignored", "--exact", "cassette::child_that_records_in_ci"];
    let mut command = std::process::Command::new(this);
    let command = command
        .args(child)
        .env("CI", "true")
        .env("PAYMENT_CREDENTIALS_CASSETTE", "record");
    let output = command.output().expect("a child");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}
