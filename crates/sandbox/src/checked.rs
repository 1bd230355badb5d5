use std::fmt;

use crate::masking;
use crate::reading::Tolerated;
use crate::secrets::Secrets;

/// The stages of a request's examination, in order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Stage {
    /// The sandbox's own proxy, which connects to the vendor's hosts alone.
    Proxy,
    /// The TLS handshake. No request has arrived yet.
    Tls,
    /// HTTP itself: a head that can be read, and a body that arrives whole.
    Http,
    /// The request line and the headers.
    Head,
    /// The credentials.
    Authentication,
    /// Message-level encryption.
    Encryption,
    /// The body, decrypted if it was encrypted.
    Body,
    /// The vault's own response for the token id, such as the 404 of an id that the vault doesn't list.
    Vault,
}

impl Stage {
    /// The name of the stage, such as `head`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Head => "head",
            Self::Authentication => "authentication",
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

/// The result of one check.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// The request has what the check expects.
    Passed,
    /// The request deviates in a form that is tolerated.
    Tolerated(Tolerated),
    /// The request is refused.
    Refused,
}

/// One check that a request went through, with the expected value and the received one.
///
/// Both texts are exact, so that they can be compared; `Debug` and `Display` mask digits that look like a card
/// number. Neither text ever holds a credential, a valid signature or decrypted content.
#[derive(Clone)]
pub struct Checked {
    stage: Stage,
    name: String,
    verdict: Verdict,
    expected: String,
    got: String,
}

impl Checked {
    pub(crate) fn new(
        stage: Stage,
        name: impl Into<String>,
        verdict: Verdict,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self {
            stage,
            name: name.into(),
            verdict,
            expected: expected.into(),
            got: got.into(),
        }
    }

    pub(crate) fn hide(&mut self, secrets: &Secrets) {
        let is_about_digest = self.name.eq_ignore_ascii_case("digest");
        for text in [&mut self.name, &mut self.expected, &mut self.got] {
            secrets.hide_in(text, is_about_digest);
            masking::without_controls(text);
        }
    }

    /// The bytes of its texts.
    pub(crate) fn bytes(&self) -> usize {
        self.name.len() + self.expected.len() + self.got.len()
    }

    /// The stage that the check belongs to.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The name of the check: that of an [`AuthenticationCheck`](crate::AuthenticationCheck) or an
    /// [`MleCheck`](crate::MleCheck), or the name of a header, a member or a part of the path.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The result.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The expected value.
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

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, name) = (self.stage, masking::shown(&self.name));
        match self.verdict {
            Verdict::Passed => write!(f, "{stage} {name} passed: ")?,
            Verdict::Tolerated(form) => write!(f, "{stage} {name} tolerated ({form}): ")?,
            Verdict::Refused => write!(f, "{stage} {name} refused: ")?,
        }
        f.write_str(&masking::expectation(&self.expected, &self.got))
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked")
            .field("stage", &self.stage)
            .field("name", &masking::shown(&self.name))
            .field("verdict", &self.verdict)
            .field("expected", &masking::shown_lines(&self.expected))
            .field("got", &masking::shown_line(&self.got))
            .finish()
    }
}
