use std::fmt;

use super::check::{AuthenticationCheck, AuthenticationScheme};
use crate::checked::{Checked, Stage, Verdict};
use crate::masking::{expectation, shown_key_id, shown_line, shown_lines, without_controls};
use crate::reading::Tolerated;
use crate::secrets::Secrets;

/// The caller's identity as the request states it, and whether the sandbox accepted it.
///
/// The outcome never holds a credential, a secret or a signature. Key id and merchants are set only if
/// they are enrolled.
#[derive(Clone, Default)]
pub struct AuthenticationOutcome {
    pub(super) scheme: Option<AuthenticationScheme>,
    pub(super) key_id: Option<String>,
    pub(super) key_owner: Option<String>,
    pub(super) merchant_id: Option<String>,
    /// The value of `v-c-response-mle-kid`, whether or not there is such a key.
    pub(super) response_key_id: Option<String>,
    pub(super) tolerated: Vec<Tolerated>,
    pub(super) checks: Vec<Checked>,
    pub(super) failures: Vec<AuthenticationFailure>,
}

impl AuthenticationOutcome {
    /// The scheme; `None` if the request had no credentials of a known scheme.
    #[must_use]
    pub const fn scheme(&self) -> Option<AuthenticationScheme> {
        self.scheme
    }

    /// The id of the key, if it is enrolled.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The owner of the key: the merchant, or the portfolio that acts for it.
    #[must_use]
    pub fn key_owner(&self) -> Option<&str> {
        self.key_owner.as_deref()
    }

    /// The transacting merchant, if it is known.
    #[must_use]
    pub fn merchant_id(&self) -> Option<&str> {
        self.merchant_id.as_deref()
    }

    /// The key id for which an encrypted response was requested, as it was received.
    pub(crate) fn response_key_id(&self) -> Option<&str> {
        self.response_key_id.as_deref()
    }

    /// Why the caller was refused: the first check that failed; `None` if the caller was accepted.
    #[must_use]
    pub fn failure(&self) -> Option<&AuthenticationFailure> {
        self.failures.first()
    }

    /// All checks that failed, in order.
    #[must_use]
    pub fn failures(&self) -> &[AuthenticationFailure] {
        &self.failures
    }

    /// Every check that was made, in order. A check that depends on one that failed is not made.
    #[must_use]
    pub fn checks(&self) -> &[Checked] {
        &self.checks
    }

    /// Deviations that were tolerated, in the credentials and in the headers.
    #[must_use]
    pub fn tolerated(&self) -> &[Tolerated] {
        &self.tolerated
    }

    /// Adds the deviations that another stage tolerated.
    pub(crate) fn add_tolerated(&mut self, tolerated: &[Tolerated]) {
        self.tolerated.extend_from_slice(tolerated);
    }

    /// Hides secrets; the checks are the same, with these hidden.
    pub(crate) fn hide(&mut self, secrets: &Secrets, checks: Vec<Checked>) {
        self.checks = checks;
        for failure in &mut self.failures {
            let texts = [
                &mut failure.message,
                &mut failure.expected,
                &mut failure.got,
            ];
            for text in texts {
                secrets.hide_in(text, failure.check == AuthenticationCheck::Digest);
                without_controls(text);
            }
        }
    }

    pub(super) fn note(&mut self, verdict: Verdict, check: &AuthenticationFailure) {
        let (name, expected, got) = (check.check.name(), check.expected(), check.got());
        let noted = Checked::new(Stage::Authentication, name, verdict, expected, got);
        self.checks.push(noted);
    }
}

impl fmt::Debug for AuthenticationOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let response_key_id = self.response_key_id().map(shown_key_id);
        f.debug_struct("AuthenticationOutcome")
            .field("scheme", &self.scheme)
            .field("key_id", &self.key_id)
            .field("key_owner", &self.key_owner)
            .field("merchant_id", &self.merchant_id)
            .field("response_key_id", &response_key_id)
            .field("tolerated", &self.tolerated)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// Why a request was rejected: the check that failed, with the expected value and the received one.
///
/// Both texts are exact, so that they can be compared: the path that was signed keeps its digits,
/// even where they look like a card number. `Debug` and `Display` mask such digits. Neither text ever holds a
/// credential or a valid signature.
#[derive(Clone)]
pub struct AuthenticationFailure {
    pub(super) check: AuthenticationCheck,
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) got: String,
}

impl AuthenticationFailure {
    /// The check that failed.
    #[must_use]
    pub const fn check(&self) -> AuthenticationCheck {
        self.check
    }

    /// The value that the check expected. For the check [`Signature`](AuthenticationCheck::Signature) of an
    /// HTTP signature: the string that the client should have signed, never the signature.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The received value.
    #[must_use]
    pub fn got(&self) -> &str {
        &self.got
    }
}

pub(super) fn fail(
    check: AuthenticationCheck,
    expected: impl Into<String>,
    got: impl Into<String>,
) -> AuthenticationFailure {
    AuthenticationFailure {
        check,
        // The front end says this for every failure.
        message: "Authentication Failed".to_owned(),
        expected: expected.into(),
        got: got.into(),
    }
}

/// The string to sign follows in lines of its own.
impl fmt::Display for AuthenticationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = expectation(&self.expected, &self.got);
        write!(f, "{}: {text}", self.check)
    }
}

impl fmt::Debug for AuthenticationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationFailure")
            .field("check", &self.check)
            .field("expected", &shown_lines(&self.expected))
            .field("got", &shown_line(&self.got))
            .finish_non_exhaustive()
    }
}
