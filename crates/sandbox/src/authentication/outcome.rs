use std::fmt;

use super::check::{AuthenticationCheck, AuthenticationScheme};
use crate::masking::{shown, shown_key_id};
use crate::reading::Tolerated;

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
    pub(super) failure: Option<AuthenticationFailure>,
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

    /// Why the caller was refused; `None` if the caller was accepted.
    #[must_use]
    pub const fn failure(&self) -> Option<&AuthenticationFailure> {
        self.failure.as_ref()
    }

    /// Deviations that were tolerated.
    #[must_use]
    pub fn tolerated(&self) -> &[Tolerated] {
        &self.tolerated
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
            .field("failure", &self.failure)
            .finish()
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

impl fmt::Display for AuthenticationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (check, expected, got) = (self.check, shown(&self.expected), shown(&self.got));
        write!(f, "{check}: expected {expected}, got {got}")
    }
}

impl fmt::Debug for AuthenticationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationFailure")
            .field("check", &self.check)
            .field("expected", &shown(&self.expected))
            .field("got", &shown(&self.got))
            .finish_non_exhaustive()
    }
}
