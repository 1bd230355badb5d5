use std::fmt;

use bytes::Bytes;

use super::check::MleCheck;
use crate::checked::{Checked, Stage, Verdict};
use crate::masking::{expectation, without_controls};
use crate::reading::Tolerated;
use crate::secrets::Secrets;

/// How a request used message-level encryption, and whether the sandbox accepted it.
///
/// Key ids are set only if there are such keys.
#[derive(Clone, Default)]
pub struct MleOutcome {
    pub(super) request_key_id: Option<String>,
    pub(super) is_encrypted: bool,
    pub(super) opened_body: Option<Bytes>,
    pub(super) response_key_id: Option<String>,
    pub(super) tolerated: Vec<Tolerated>,
    pub(super) checks: Vec<Checked>,
    pub(super) failures: Vec<MleFailure>,
}

impl MleOutcome {
    /// The service's key for which the request was encrypted; `None` if the request came in the clear.
    #[must_use]
    pub fn request_key_id(&self) -> Option<&str> {
        self.request_key_id.as_deref()
    }

    /// The decrypted body; `None` if the body wasn't encrypted, or could not be opened.
    #[must_use]
    pub fn opened_body(&self) -> Option<&[u8]> {
        self.opened_body.as_deref()
    }

    /// The request's content: the decrypted body, or the body that came in the clear. None if an encrypted body
    /// could not be opened.
    pub(crate) fn content<'a>(&'a self, received: &'a [u8]) -> Option<&'a [u8]> {
        if self.is_encrypted {
            self.opened_body()
        } else {
            Some(received)
        }
    }

    /// The key for which the response is encrypted; `None` if the response isn't encrypted.
    ///
    /// Refusals are encrypted too, except those before the response key is validated: see
    /// [`failure`](Self::failure).
    #[must_use]
    pub fn response_key_id(&self) -> Option<&str> {
        self.response_key_id.as_deref()
    }

    /// Deviations that were tolerated.
    #[must_use]
    pub fn tolerated(&self) -> &[Tolerated] {
        &self.tolerated
    }

    /// Why the request was refused because of its encryption: the first check that failed; `None` if none did.
    #[must_use]
    pub fn failure(&self) -> Option<&MleFailure> {
        self.failures.first()
    }

    /// All checks that failed, in order.
    #[must_use]
    pub fn failures(&self) -> &[MleFailure] {
        &self.failures
    }

    /// Every check that was made, in order. A check that depends on one that failed is not made.
    #[must_use]
    pub fn checks(&self) -> &[Checked] {
        &self.checks
    }

    /// Hides secrets; the checks are the same, with these hidden.
    pub(crate) fn hide(&mut self, secrets: &Secrets, checks: Vec<Checked>) {
        self.checks = checks;
        for failure in &mut self.failures {
            for text in [&mut failure.expected, &mut failure.got] {
                secrets.hide(text);
                without_controls(text);
            }
        }
    }

    /// Notes a check that passed.
    pub(super) fn pass(&mut self, check: MleCheck, expected: &str, got: &str) {
        self.note(Verdict::Passed, &fail(check, expected, got));
    }

    /// Notes a check that failed.
    pub(super) fn object(&mut self, failure: MleFailure) {
        self.note(Verdict::Refused, &failure);
        self.failures.push(failure);
    }

    /// Notes a check, whose failure is given, and whether it passed.
    pub(super) fn require(&mut self, holds: bool, failure: MleFailure) -> bool {
        if holds {
            self.note(Verdict::Passed, &failure);
        } else {
            self.object(failure);
        }
        holds
    }

    pub(super) fn note(&mut self, verdict: Verdict, check: &MleFailure) {
        let name = check.check.name();
        let noted = Checked::new(
            Stage::Encryption,
            name,
            verdict,
            &check.expected,
            &check.got,
        );
        self.checks.push(noted);
    }
}

impl fmt::Debug for MleOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.opened_body.as_ref().map(Bytes::len);
        f.debug_struct("MleOutcome")
            .field("request_key_id", &self.request_key_id)
            .field("opened_body_length", &length)
            .field("response_key_id", &self.response_key_id)
            .field("tolerated", &self.tolerated)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// The check that a request's encryption failed, with the expected value and the received one.
#[derive(Clone, Debug)]
pub struct MleFailure {
    check: MleCheck,
    expected: String,
    got: String,
}

impl MleFailure {
    /// The check that failed.
    #[must_use]
    pub const fn check(&self) -> MleCheck {
        self.check
    }

    /// The expected value.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The received value. It never repeats encrypted content or a card number.
    #[must_use]
    pub fn got(&self) -> &str {
        &self.got
    }
}

pub(super) fn fail(
    check: MleCheck,
    expected: impl Into<String>,
    got: impl Into<String>,
) -> MleFailure {
    MleFailure {
        check,
        expected: expected.into(),
        got: got.into(),
    }
}

impl fmt::Display for MleFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = expectation(&self.expected, &self.got);
        write!(f, "{}: {text}", self.check)
    }
}
