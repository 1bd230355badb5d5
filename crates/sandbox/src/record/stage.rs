use std::fmt;

use crate::masking::shown;

/// The stages that a request passes, in order. The first that objects refuses the request.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Stage {
    /// The TLS handshake. No request has arrived yet.
    Tls,
    /// HTTP itself: a head that can be read, and a body that arrives whole.
    Http,
    /// The path, the method and the headers.
    Head,
    /// The credentials: [`AuthenticationCheck`](crate::AuthenticationCheck) lists the checks.
    Credentials,
    /// Message-level encryption: [`MleCheck`](crate::MleCheck) lists the checks.
    Encryption,
    /// The profile, the size of the body, its JSON and its members.
    Body,
    /// The vault's own response for the token id, such as the 404 of an id that the vault doesn't list.
    Vault,
}

impl Stage {
    /// The name of the stage, such as `credentials`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Head => "head",
            Self::Credentials => "credentials",
            Self::Encryption => "encryption",
            Self::Body => "body",
            Self::Vault => "vault",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A check that a request failed, with the expected value and the received one.
///
/// It is a record, so it says so even where the response doesn't explain. It never holds a credential or a valid
/// signature. `Debug` and `Display` mask what looks like a card number.
#[derive(Clone, Eq, PartialEq)]
pub struct Objection {
    pub(super) stage: Stage,
    pub(super) check: String,
    pub(super) expected: String,
    pub(super) got: String,
}

impl Objection {
    pub(crate) fn new(
        stage: Stage,
        check: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self {
            stage,
            check: check.into(),
            expected: expected.into(),
            got: got.into(),
        }
    }

    /// An objection of which there is one sentence: "… must be …, got …".
    ///
    /// The sandbox's own words come first, so the first ", got " divides the two.
    pub(crate) fn worded(stage: Stage, check: impl Into<String>, sentence: &str) -> Self {
        let (expected, got) = sentence.split_once(", got ").unwrap_or((sentence, ""));
        Self::new(stage, check, expected, got)
    }

    /// The stage whose check failed.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The check: the name of an [`AuthenticationCheck`](crate::AuthenticationCheck) or an
    /// [`MleCheck`](crate::MleCheck), the name of a header or member, or the vendor's type of the error.
    #[must_use]
    pub fn check(&self) -> &str {
        &self.check
    }

    /// The expected value.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The received value; empty where the expectation says it all.
    #[must_use]
    pub fn got(&self) -> &str {
        &self.got
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, check) = (self.stage, shown(&self.check));
        write!(f, "{stage}, {check}: expected {}", shown(&self.expected))?;
        if self.got.is_empty() {
            return Ok(());
        }
        write!(f, ", got {}", shown(&self.got))
    }
}

impl fmt::Debug for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objection")
            .field("stage", &self.stage)
            .field("check", &shown(&self.check))
            .field("expected", &shown(&self.expected))
            .field("got", &shown(&self.got))
            .finish()
    }
}
