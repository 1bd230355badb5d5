use std::fmt;

use bytes::Bytes;

use super::check::MleCheck;
use crate::reading::Tolerated;

/// How a request used message-level encryption, and whether the sandbox accepted it.
///
/// Key ids are set only if there are such keys.
#[derive(Clone, Default)]
pub struct MleOutcome {
    pub(super) request_key_id: Option<String>,
    pub(super) opened_body: Option<Bytes>,
    pub(super) response_key_id: Option<String>,
    pub(super) tolerated: Vec<Tolerated>,
    pub(super) failure: Option<MleFailure>,
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

    /// Why the request was refused because of its encryption; `None` if it wasn't.
    #[must_use]
    pub const fn failure(&self) -> Option<&MleFailure> {
        self.failure.as_ref()
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
            .field("failure", &self.failure)
            .finish()
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
        let (check, expected, got) = (self.check, &self.expected, &self.got);
        write!(f, "{check}: expected {expected}, got {got}")
    }
}
