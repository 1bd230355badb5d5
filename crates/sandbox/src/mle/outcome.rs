use std::fmt;

use bytes::Bytes;

use super::check::MleCheck;
use crate::reading::Tolerated;

/// What a request's message-level encryption was, and whether it was sound.
///
/// Key ids are there once they are known to be those of keys.
#[derive(Clone, Default)]
pub struct MleOutcome {
    pub(super) request_key_id: Option<String>,
    pub(super) opened_body: Option<Bytes>,
    pub(super) response_key_id: Option<String>,
    pub(super) tolerated: Vec<Tolerated>,
    pub(super) failure: Option<MleFailure>,
}

impl MleOutcome {
    /// The service's key that the request was encrypted for; `None` if it came in the clear.
    #[must_use]
    pub fn request_key_id(&self) -> Option<&str> {
        self.request_key_id.as_deref()
    }

    /// The body behind the encryption; `None` if there was none, or it could not be opened.
    #[must_use]
    pub fn opened_body(&self) -> Option<&[u8]> {
        self.opened_body.as_deref()
    }

    /// The key that the response is encrypted for; `None` if it is not encrypted.
    ///
    /// Refusals are encrypted too, but for those that precede it: see
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

    /// Why the request was refused for its encryption; `None` if it wasn't.
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

/// The check that a request's encryption failed, with what was wanted and what was got.
#[derive(Clone, Debug)]
pub struct MleFailure {
    check: MleCheck,
    expected: String,
    got: String,
}

impl MleFailure {
    /// Which check it was.
    #[must_use]
    pub const fn check(&self) -> MleCheck {
        self.check
    }

    /// What was wanted.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What was got instead; it never repeats what was encrypted, nor a card number.
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
