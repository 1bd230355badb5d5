//! Requests of the vendor's SDKs, as `tests/interop` captured them.

#![expect(clippy::disallowed_methods, reason = "the vectors are files")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_sandbox::{Policy, ReceivedRequest, Sandbox};

use super::client::Call;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/captured");

/// The vendor's published test key.
const MERCHANT: &str = "testrest";
const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";
const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

struct Captured {
    folder: PathBuf,
    outcome: String,
}

impl Captured {
    fn read(folder: PathBuf) -> Self {
        let outcome = fs::read_to_string(folder.join("outcome")).unwrap();
        Self { folder, outcome }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// The value of a line of the recorded outcome.
    fn recorded(&self, what: &str) -> &str {
        let line = |line| str::strip_prefix(line, what)?.strip_prefix(": ");
        self.outcome.lines().find_map(line).unwrap()
    }

    fn is_tolerated(&self) -> bool {
        self.outcome.contains("tolerated: ")
    }

    /// A sandbox that knows the key, and whose clock is this many seconds after the capture.
    fn sandbox(&self, policy: Policy, later: u64) -> Sandbox {
        let captured: u64 = self.text("received-at").trim().parse().unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(captured + later);
        let policy = policy
            .with_clock(move || now)
            .with_shared_secret(MERCHANT, KEY_ID, SECRET)
            .unwrap();
        let policy = match fs::read_to_string(self.folder.join("certificate")) {
            Ok(certificate) => {
                let der = STANDARD.decode(certificate.trim()).unwrap();
                let (owner, key_id) = (self.recorded("key owner"), self.recorded("key id"));
                policy.with_certificate(owner, key_id, &der).unwrap()
            }
            Err(_signed_with_the_secret) => policy,
        };
        Sandbox::start_blocking(policy.into()).unwrap()
    }

    fn call(&self) -> Call {
        let head = self.text("head");
        let mut lines = head.lines();
        let path = lines.next().unwrap().strip_prefix("POST ").unwrap();
        let bare = ["Host", "Content-Type", "Accept"]
            .into_iter()
            .fold(Call::to(path), Call::without);
        lines
            .map(|line| line.split_once(": ").unwrap())
            .filter(|(name, _)| *name != "content-length")
            .fold(bare, |call, (name, value)| call.with(name, value))
            .body(fs::read(self.folder.join("body")).unwrap())
    }
}

/// The recorded outcome in the format of the capture.
fn outcome_of(received: &ReceivedRequest) -> String {
    let outcome = received.authentication().unwrap();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let mut lines = vec![
        format!("key id: {}", text(outcome.key_id())),
        format!("key owner: {}", text(outcome.key_owner())),
        format!("merchant id: {}", text(outcome.merchant_id())),
    ];
    let noted = outcome.tolerated().iter();
    lines.extend(noted.map(|tolerated| format!("tolerated: {tolerated:?}")));
    lines.join("\n") + "\n"
}

#[tokio::test]
async fn lets_the_vendors_sdks_in_and_notes_how_they_spell() {
    let mut cases = 0;
    for entry in fs::read_dir(Path::new(FOLDER)).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let captured = Captured::read(folder);
        let sandbox = captured.sandbox(Policy::tolerant(), 0);
        let answer = captured.call().answer(&sandbox).await;
        let what = captured.folder.display();
        assert_eq!(answer.status, 201, "{what}");
        assert_eq!(
            outcome_of(&sandbox.requests()[0]),
            captured.outcome,
            "{what}"
        );

        let sandbox = captured.sandbox(Policy::strict(), 0);
        let answer = captured.call().answer(&sandbox).await;
        assert_eq!(answer.status == 201, !captured.is_tolerated(), "{what}");
        cases += 1;
    }
    // Two SDKs, each with an HTTP Signature, a shared secret, a certificate and a MetaKey.
    assert_eq!(cases, 8);
}

#[tokio::test]
async fn a_captured_request_is_good_for_its_bytes_and_its_time_alone() {
    for scheme in ["http-signature", "jwt-certificate"] {
        let folder = Path::new(FOLDER).join(format!("python-{scheme}"));
        let captured = Captured::read(folder);
        let sandbox = captured.sandbox(Policy::tolerant(), 0);
        let other = captured.call().body("{}");
        assert_eq!(other.answer(&sandbox).await.status, 401);
        let later = captured.sandbox(Policy::tolerant(), 301);
        assert_eq!(captured.call().answer(&later).await.status, 401);
    }
}
