//! Ids. Each kind is a type of its own, and is parsed once.

mod marked;
#[cfg(feature = "serde")]
mod serde_text;

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

use crate::shown::{CallIdSafe, ID_MASK, IdSafe};
use crate::text::{Alphabet, ParseValueError, TextRule, first_other};

use marked::Marked;
#[cfg(feature = "serde")]
use serde_text::Text;

const ALPHANUMERIC: Alphabet = Alphabet {
    name: "0-9, A-Z and a-z",
    first_other: |text| first_other(text, |byte| byte.is_ascii_alphanumeric()),
};

const ALPHANUMERIC_DASH: Alphabet = Alphabet {
    name: "0-9, A-Z, a-z and -",
    first_other: |text| first_other(text, |byte| byte.is_ascii_alphanumeric() || byte == b'-'),
};

const ALPHANUMERIC_DASH_UNDERSCORE: Alphabet = Alphabet {
    name: "0-9, A-Z, a-z, - and _",
    first_other: |text| {
        first_other(text, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
        })
    },
};

const KEY_NAME: Alphabet = Alphabet {
    name: "0-9, A-Z, a-z and - _ . :",
    first_other: |text| {
        first_other(text, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
        })
    },
};

/// All except the one that hides digits.
const VISIBLE_ASCII: Alphabet = Alphabet {
    name: "the visible ASCII characters but *",
    first_other: |text| first_other(text, is_visible),
};

fn is_visible(byte: u8) -> bool {
    byte.is_ascii_graphic() && char::from(byte) != ID_MASK
}

/// Defines an id: parsed by `FromStr`, read by `as_str`, shown with card numbers masked by a character that
/// no id may hold.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident: $field:literal, $lengths:expr, $alphabet:expr, $shown:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Box<str>);

        impl $name {
            const RULE: TextRule = TextRule {
                field: $field,
                min: *$lengths.start(),
                max: *$lengths.end(),
                alphabet: $alphabet,
            };

            /// The id as it was given, without a mask.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ParseValueError;

            fn from_str(text: &str) -> Result<Self, ParseValueError> {
                Self::RULE.check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseValueError;

            fn try_from(text: String) -> Result<Self, ParseValueError> {
                text.parse()
            }
        }

        /// As text, without a mask.
        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// From text, by the same parser as `FromStr`.
        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // With `deserialize_str`, serde_json's own error would show the digits of a number.
                if deserializer.is_human_readable() {
                    deserializer.deserialize_any(Text(std::marker::PhantomData))
                } else {
                    deserializer.deserialize_str(Text(std::marker::PhantomData))
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&$shown(&self.0).text())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Marked::new(&self.0, $shown(&self.0).text()).debug(stringify!($name), f)
            }
        }
    };
}

id! {
    /// The id of a stored card: of a customer, payment instrument, instrument identifier or tokenized card.
    ///
    /// The text has 1 to 32 characters of `0-9 A-Z a-z`, so it needs no escaping in the path of a URL
    /// (vendor's OpenAPI document: 1 to 32 characters; vault id formats are digits or upper-case hex). If
    /// the text looks like a card number, `Display` and `Debug` mask it with `*`, so that the mask can't be
    /// parsed as an id; [`as_str`](Self::as_str) doesn't mask.
    ///
    /// ```
    /// use payment_credentials_core::TokenId;
    ///
    /// let token_id: TokenId = "7010000000016241111".parse()?;
    /// assert_eq!(token_id.as_str(), "7010000000016241111");
    /// # Ok::<(), payment_credentials_core::ParseValueError>(())
    /// ```
    TokenId: "token id", 1..=32, ALPHANUMERIC, IdSafe
}

id! {
    /// The id of the vault profile for a call; sent as the `profile-id` header.
    ///
    /// Exactly 36 characters of `0-9 A-Z a-z -` (vendor's OpenAPI document; its sample is an upper-case
    /// UUID).
    ProfileId: "profile id", 36..=36, ALPHANUMERIC_DASH, IdSafe
}

id! {
    /// The id of a merchant account, or of the portfolio account above it if a MetaKey signs.
    ///
    /// 1 to 64 characters of `0-9 A-Z a-z - _`. The vendor publishes no rule. This rule allows every
    /// published id, and no character that could break out of a header or a claim.
    MerchantId: "merchant id", 1..=64, ALPHANUMERIC_DASH_UNDERSCORE, IdSafe
}

id! {
    /// The id of a key in the header of a JWE or a JWT: its `kid`.
    ///
    /// 1 to 128 characters of `0-9 A-Z a-z - _ . :`. Observed key ids are 40 hex digits, a UUID, and 22
    /// digits.
    KeyId: "key id", 1..=128, KEY_NAME, IdSafe
}

id! {
    /// The service's own id for a call (`v-c-correlation-id`), which the vendor's support needs.
    ///
    /// 1 to 128 visible ASCII characters except `*`. If the id consists only of a card number, `Display`
    /// and `Debug` mask it, as for a [`TokenId`]; [`as_str`](Self::as_str) returns the received text.
    CorrelationId: "correlation id", 1..=128, VISIBLE_ASCII, CallIdSafe
}

id! {
    /// The service's second id for a call (`uniqueTransactionID`).
    ///
    /// 1 to 128 visible ASCII characters except `*`. It is shown like a [`CorrelationId`].
    UniqueTransactionId: "unique transaction id", 1..=128, VISIBLE_ASCII, CallIdSafe
}

impl KeyId {
    /// Whether a `kid` from a header names this key; the comparison ignores the case of ASCII letters.
    ///
    /// The vendor writes serial numbers as hex in either case.
    #[must_use]
    pub fn names(&self, kid: &str) -> bool {
        self.0.eq_ignore_ascii_case(kid)
    }
}

/// The id in a response's header.
fn received<Id: FromStr>(value: &HeaderValue) -> Option<Id> {
    // The service's ids are valid as they are.
    let as_it_is = value.to_str().ok().and_then(|text| text.parse().ok());
    as_it_is.or_else(|| visible(value))
}

/// The id without the characters that aren't visible; at most 128 characters.
fn visible<Id: FromStr>(value: &HeaderValue) -> Option<Id> {
    let visible = value.as_bytes().iter().filter(|byte| is_visible(**byte));
    let text: String = visible
        .map(|byte| char::from(*byte))
        .take(CorrelationId::RULE.max)
        .collect();
    text.parse().ok()
}

impl CorrelationId {
    pub(crate) fn received(value: &HeaderValue) -> Option<Self> {
        received(value)
    }
}

impl UniqueTransactionId {
    pub(crate) fn received(value: &HeaderValue) -> Option<Self> {
        received(value)
    }
}

#[cfg(test)]
mod tests;
