//! The response's content before an opener has read it: a JWE, or the plaintext if the caller allowed it.

use std::fmt;
use std::str::FromStr;

use crate::response_head::ResponseHead;
use crate::secret::SecretBytes;
use crate::text::{Alphabet, ParseValueError, TextRule, first_other};

/// A text in the form of a compact JWE: five parts of base64url, at most 64 KiB.
///
/// The type guarantees no more than this form. A [`CredentialsOpener`](crate::CredentialsOpener) determines
/// whether the algorithms are acceptable and whether the JWE opens. The content is encrypted, so it isn't
/// wiped; still, `Debug` shows only its length.
#[derive(Clone)]
pub struct Jwe(Box<str>);

impl Jwe {
    /// The service's responses have about 2 KiB; this limit bounds the work of every reader.
    const MAX: usize = 64 * 1024;

    const RULE: TextRule = TextRule {
        field: "JWE",
        // Four dots and a header of at least one character.
        min: 5,
        max: Self::MAX,
        alphabet: Alphabet {
            name: "the base64url alphabet and the dot",
            first_other: |text| {
                first_other(text, |byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
                })
            },
        },
    };

    /// The five parts: header, encrypted key, initialisation vector, ciphertext and tag.
    #[must_use]
    pub fn parts(&self) -> [&str; 5] {
        let mut parts = self.0.split('.');
        [(); 5].map(|()| parts.next().unwrap_or_default())
    }

    /// The compact serialization.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Jwe {
    type Err = ParseJweError;

    /// Parses the compact serialization, without any text around it.
    fn from_str(text: &str) -> Result<Self, ParseJweError> {
        Self::RULE.check(text).map_err(ParseJweError::Text)?;
        // Bounded, so that a text of many dots causes no more work than any other.
        match text.split('.').take(6).count() {
            5 => Ok(Self(text.into())),
            _ => Err(ParseJweError::Parts),
        }
    }
}

impl fmt::Debug for Jwe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwe({} bytes)", self.0.len())
    }
}

/// A text that isn't a compact JWE.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseJweError {
    /// The text doesn't have five parts; a JWS, for example, has three.
    #[error("a compact JWE has five parts between dots")]
    Parts,
    /// The text has invalid characters, or is too short or too long.
    #[error(transparent)]
    Text(ParseValueError),
}

/// Payment credentials that are still sealed, with the head of the response.
///
/// Pass it to a [`CredentialsOpener`](crate::CredentialsOpener), in this trust zone or in another.
#[derive(Debug)]
pub struct SealedCredentials {
    head: ResponseHead,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Jwe(Jwe),
    Plaintext(SecretBytes),
}

/// The content for an opener to open; `Debug` shows only its length.
#[non_exhaustive]
pub enum SealedContent<'a> {
    /// The service's JWE.
    Jwe(&'a Jwe),
    /// Plain JSON from response message-level encryption. That outer layer has authenticated it; pass it to
    /// [`PaymentCredentials::from_plaintext`](crate::PaymentCredentials::from_plaintext).
    Plaintext(&'a [u8]),
}

impl fmt::Debug for SealedContent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jwe(jwe) => jwe.fmt(f),
            Self::Plaintext(plaintext) => write!(f, "Plaintext({} bytes)", plaintext.len()),
        }
    }
}

impl SealedCredentials {
    /// Makes sealed credentials from a JWE and the response's head.
    #[must_use]
    pub fn new(jwe: Jwe, head: ResponseHead) -> Self {
        Self {
            head,
            content: Content::Jwe(jwe),
        }
    }

    /// Only the codec makes these, and only after authenticated decryption.
    pub(crate) fn in_plaintext(plaintext: SecretBytes, head: ResponseHead) -> Self {
        Self {
            head,
            content: Content::Plaintext(plaintext),
        }
    }

    /// The status, ids and kept headers of the response.
    #[must_use]
    pub fn head(&self) -> &ResponseHead {
        &self.head
    }

    /// The content to open; for openers.
    #[must_use]
    pub fn content(&self) -> SealedContent<'_> {
        match &self.content {
            Content::Jwe(jwe) => SealedContent::Jwe(jwe),
            Content::Plaintext(plaintext) => SealedContent::Plaintext(plaintext.expose()),
        }
    }

    pub(crate) fn into_head(self) -> ResponseHead {
        self.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_five_parts_of_base64url() {
        let jwe: Jwe = "eyJ9.a-_.b..Z".parse().expect("a JWE");
        assert_eq!(jwe.parts(), ["eyJ9", "a-_", "b", "", "Z"]);
        assert_eq!(format!("{jwe:?}"), "Jwe(13 bytes)");
    }

    #[test]
    fn refuses_every_other_shape() {
        let dots = ".".repeat(64 * 1024);
        let flood = ".".repeat(10 * 1024 * 1024);
        for text in [
            "",
            "eyJ9",
            "a.b.c",
            "a.b.c.d",
            "a.b.c.d.e.f",
            &dots,
            &flood,
            "a.b.c.d.e=",
            "a.b.c.d.+",
            "a.b.c.d./",
            "a.b.c.d. ",
            "a.b.c.d.e\n",
            "a.b.c.d.\0",
            "a.b.c.d.é",
        ] {
            assert!(text.parse::<Jwe>().is_err());
        }
    }

    #[test]
    fn debug_of_a_content_is_its_length() {
        let content = SealedContent::Plaintext(b"{}");
        assert_eq!(format!("{content:?}"), "Plaintext(2 bytes)");
    }

    proptest! {
        #[test]
        fn parts_joined_are_the_text(text in "[a-zA-Z0-9_.-]{0,40}") {
            if let Ok(jwe) = text.parse::<Jwe>() {
                prop_assert_eq!(jwe.parts().join("."), text);
            }
        }
    }
}
