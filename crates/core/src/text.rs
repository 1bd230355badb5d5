//! Texts that are validated once, when they are received.

use std::fmt;

/// The rule of a text: its length and its alphabet.
#[derive(Clone, Copy)]
pub(crate) struct TextRule {
    pub(crate) field: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) alphabet: Alphabet,
}

/// The characters that a text may hold.
#[derive(Clone, Copy)]
pub(crate) struct Alphabet {
    pub(crate) name: &'static str,
    /// The offset of the first character outside of the alphabet.
    pub(crate) first_other: fn(&str) -> Option<usize>,
}

/// Finds the first byte that isn't in the alphabet.
///
/// For valid texts the loop has no early exit, so that the processor compares many bytes in one step: a JWE
/// has thousands.
pub(crate) fn first_other(text: &str, belongs: impl Fn(u8) -> bool) -> Option<usize> {
    if text.bytes().fold(true, |all, byte| all & belongs(byte)) {
        return None;
    }
    text.bytes().position(|byte| !belongs(byte))
}

impl TextRule {
    pub(crate) fn check(&self, text: &str) -> Result<(), ParseValueError> {
        let broken = |rule| {
            Err(ParseValueError {
                field: self.field,
                rule,
            })
        };
        if !(self.min..=self.max).contains(&text.len()) {
            return broken(ValueRule::Length {
                min: self.min,
                max: self.max,
            });
        }
        match (self.alphabet.first_other)(text) {
            Some(at) => broken(ValueRule::Character {
                at,
                allowed: self.alphabet.name,
            }),
            None => Ok(()),
        }
    }
}

/// A text that isn't a valid value.
///
/// The error names the field and the rule and never repeats the text, since people paste card numbers into
/// id fields.
///
/// ```
/// use payment_credentials_core::TokenId;
///
/// let error = "../admin".parse::<TokenId>().expect_err("not a token id");
/// assert_eq!(
///     error.to_string(),
///     "token id: the character at byte 0 is not one of 0-9, A-Z and a-z",
/// );
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct ParseValueError {
    field: &'static str,
    rule: ValueRule,
}

impl ParseValueError {
    /// The field, in words: `token id`, `profile id`, ….
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The broken rule.
    #[must_use]
    pub fn rule(&self) -> &ValueRule {
        &self.rule
    }
}

/// A rule that a text can break.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ValueRule {
    /// The text holds a character that the field doesn't allow.
    Character {
        /// The character's offset in bytes.
        at: usize,
        /// The allowed characters, in words.
        allowed: &'static str,
    },
    /// The text is too short or too long.
    Length {
        /// The least allowed number of bytes.
        min: usize,
        /// The greatest allowed number of bytes.
        max: usize,
    },
}

impl fmt::Display for ValueRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { at, allowed } => {
                write!(f, "the character at byte {at} is not one of {allowed}")
            }
            Self::Length { min, max } if min == max => {
                write!(f, "must have exactly {max} characters")
            }
            Self::Length { min, max } => write!(f, "must have {min} to {max} characters"),
        }
    }
}
