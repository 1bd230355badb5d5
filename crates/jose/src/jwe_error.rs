use std::fmt;

use payment_credentials_core::{KeyId, KeyPurpose};

/// Why a JWE was rejected by its header or its form, before any key was used.
///
/// It is the source of a [`PortErrorKind::Jwe`](payment_credentials_core::PortErrorKind::Jwe).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// `alg` is neither RSA-OAEP-256 nor another algorithm that the opener was configured to accept.
    #[error(
        "alg is {found}, and must be \"RSA-OAEP-256\", or \"RSA-OAEP\" where `JweOpener::accepting` \
         (`opening_accepts`) adds it"
    )]
    Algorithm {
        /// The value in the header.
        found: HeaderText,
    },
    /// `zip` is present: compressed content is never decompressed.
    #[error("the content is compressed (zip)")]
    Compressed,
    /// `crit` is present: no extension is supported.
    #[error("the header requires an extension (crit)")]
    Critical,
    /// The encrypted key's length doesn't match the size of the key that should open it.
    #[error(
        "the encrypted key has {bytes} bytes, which is not the size of the configured key: \
         was the JWE sealed for another?"
    )]
    EncryptedKeyLength {
        /// The encrypted key's length.
        bytes: usize,
    },
    /// `enc` is neither A256GCM nor another algorithm that the opener was configured to accept.
    #[error(
        "enc is {found}, and must be \"A256GCM\", or \"A128GCM\" where `JweOpener::accepting` \
         (`opening_accepts`) adds it"
    )]
    Encryption {
        /// The value in the header.
        found: HeaderText,
    },
    /// The header isn't a valid JSON object.
    #[error("the header {0}")]
    Header(JweHeaderError),
    /// The initialisation vector isn't 12 bytes long.
    #[error("the initialisation vector has {bytes} bytes instead of 12")]
    Iv {
        /// The vector's length.
        bytes: usize,
    },
    /// The header names a key that isn't configured.
    #[error(
        "no key is configured for this kid: {kid}; configured as {}: {configured}; add the key of that \
         kid, or correct a key id; if it is the {}, it belongs in the other setting",
        purpose.vendor_name(),
        mistaken_for(*purpose).vendor_name()
    )]
    #[non_exhaustive]
    KeyNotConfigured {
        /// The kind of the missing key.
        purpose: KeyPurpose,
        /// The value in the header.
        kid: HeaderText,
        /// The configured keys of that kind.
        configured: KeyIds,
    },
    /// A part isn't strict base64url, which has no padding and no spare bits.
    #[error(
        "the {0} is not strict base64url: characters at its end are missing or changed; was the JWE \
         altered on its way?"
    )]
    PartEncoding(JwePart),
    /// The tag isn't 16 bytes long.
    #[error("the tag has {bytes} bytes instead of 16")]
    Tag {
        /// The tag's length.
        bytes: usize,
    },
}

/// What is wrong with a JWE's header.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JweHeaderError {
    /// The header has a duplicate member.
    #[error("has a duplicate member")]
    Duplicate,
    /// `kid` isn't a string.
    #[error("has a kid that is not a string")]
    KidNotText,
    /// The header is JSON, but not an object.
    #[error("is not a JSON object")]
    NotAnObject,
    /// The header isn't JSON, or is more than one document.
    #[error("is not JSON")]
    NotJson,
    /// The header isn't UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// The header nests deeper than 16 levels.
    #[error("nests too deep")]
    TooDeep,
    /// The header is longer than 4 KiB.
    #[error("is over 4 KiB")]
    TooLong,
}

/// A part of a compact JWE, in the order of the serialization.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum JwePart {
    /// The protected header.
    Header,
    /// The encrypted content key.
    EncryptedKey,
    /// The initialisation vector.
    Iv,
    /// The ciphertext.
    Ciphertext,
    /// The authentication tag.
    Tag,
}

impl fmt::Display for JwePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::EncryptedKey => "encrypted key",
            Self::Iv => "initialisation vector",
            Self::Ciphertext => "ciphertext",
            Self::Tag => "tag",
        })
    }
}

/// A text from a JWE's header, made safe for a log line.
///
/// At most 64 characters are shown, escaped and without card numbers. A text that could be a key id is
/// masked like a [`KeyId`]. Of any other text with as many digits as a card number, only the length is
/// shown.
#[derive(Clone, Eq, PartialEq)]
pub struct HeaderText(Box<str>);

impl HeaderText {
    /// A larger limit only makes log lines longer. Observed values of `kid` have 40 characters.
    const MAX: usize = 64;

    /// The length of the shortest card number (ISO/IEC 7812).
    const CARD_DIGITS: usize = 12;

    pub(crate) fn of(text: Option<&str>) -> Self {
        let Some(text) = text else {
            return Self("missing or no text".into());
        };
        let digits = text.chars().filter(|c| c.is_numeric()).count();
        let shown: String = match text.parse::<KeyId>() {
            Ok(id) => id.to_string().chars().take(Self::MAX).collect(),
            Err(_) if digits < Self::CARD_DIGITS => text.escape_default().take(Self::MAX).collect(),
            Err(_) => return Self(format!("a text of {} bytes", text.len()).into()),
        };
        Self(format!("\"{shown}\"").into())
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderText({})", self.0)
    }
}

/// The configured key ids, for the person who corrects them; at most eight are shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyIds(Vec<KeyId>);

impl KeyIds {
    const SHOWN: usize = 8;

    pub(crate) fn new<'a>(ids: impl IntoIterator<Item = &'a KeyId>) -> Self {
        Self(ids.into_iter().cloned().collect())
    }
}

impl fmt::Display for KeyIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.0.iter().take(Self::SHOWN).map(quoted).collect();
        match self.0.len().saturating_sub(Self::SHOWN) {
            _ if shown.is_empty() => f.write_str("no key ids"),
            0 => f.write_str(&shown.join(", ")),
            more => write!(f, "{} and {more} more", shown.join(", ")),
        }
    }
}

fn quoted(id: &KeyId) -> String {
    format!("\"{id}\"")
}

/// The kind of key that is easily confused with this one: both are RSA keys "for MLE".
fn mistaken_for(purpose: KeyPurpose) -> KeyPurpose {
    if purpose == KeyPurpose::OpenResponses {
        KeyPurpose::OpenCredentials
    } else {
        KeyPurpose::OpenResponses
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(HeaderText::of(Some(text)).to_string(), expected);
    }

    #[test]
    fn shows_what_helps_and_nothing_that_harms() {
        check("RSA1_5", "\"RSA1_5\"");
        check("ECDH-ES+A128KW", "\"ECDH-ES+A128KW\"");
        check("RSA-OAEP-256 ", "\"RSA-OAEP-256 \"");
        check("a\r\n\"b\u{202e}\0", r#""a\r\n\"b\u{202e}\u{0}""#);
        check("4111111111111111", "\"411111******1111\"");
        check("4111 1111 1111 1111", "a text of 19 bytes");
        check("4111 1111 1111", "a text of 14 bytes");
        check("4111 1111 111", "\"4111 1111 111\"");
        check("４１１１１１１１１１１１１１１１", "a text of 48 bytes");
        check(&"a".repeat(100), &format!("\"{}\"", "a".repeat(64)));
        assert_eq!(HeaderText::of(None).to_string(), "missing or no text");
    }

    proptest! {
        #[test]
        fn is_one_printable_bounded_line(text in any::<String>()) {
            let shown = HeaderText::of(Some(&text)).to_string();
            prop_assert!(shown.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert!(shown.len() <= HeaderText::MAX + 2);
        }
    }
}
