//! The encoding of a cryptogram or a code: its alphabet and its length, without any of its characters.

use std::fmt;

use crate::draw::draw;

/// How many characters of which alphabet a text has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Encoding {
    alphabet: Alphabet,
    length: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Alphabet {
    /// With padding, if the length asks for it.
    Base64,
    Base64Url,
    Digits,
    HexLower,
    HexUpper,
    /// Any other visible text.
    Text,
}

impl Alphabet {
    /// The narrowest first.
    const ALL: [Self; 6] = [
        Self::Digits,
        Self::HexLower,
        Self::HexUpper,
        Self::Base64,
        Self::Base64Url,
        Self::Text,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Digits => "digits",
            Self::HexLower => "hex",
            Self::HexUpper => "HEX",
            Self::Text => "text",
        }
    }

    fn characters(self) -> &'static [u8] {
        match self {
            Self::Base64 => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            Self::Base64Url => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
            Self::Digits => b"0123456789",
            Self::HexLower => b"0123456789abcdef",
            Self::HexUpper => b"0123456789ABCDEF",
            Self::Text => b"abcdefghijklmnopqrstuvwxyz0123456789!#$%",
        }
    }

    fn is_of(self, text: &str) -> bool {
        let is_padded = self == Self::Base64 && text.len().is_multiple_of(4);
        let body = if is_padded {
            text.trim_end_matches('=')
        } else {
            text
        };
        let is_hex = matches!(self, Self::HexLower | Self::HexUpper);
        if text.len() - body.len() > 2 || (is_hex && !text.len().is_multiple_of(2)) {
            return false;
        }
        self == Self::Text || body.bytes().all(|byte| self.characters().contains(&byte))
    }
}

/// The names of the alphabets.
pub(super) const NAMES: [&str; 6] = ["base64", "base64url", "digits", "hex", "HEX", "text"];

/// Longer than any cryptogram may be.
const MAX: usize = 512;

impl Encoding {
    pub(super) fn of(text: &str) -> Self {
        let alphabet = Alphabet::ALL.into_iter().find(|it| it.is_of(text));
        Self {
            alphabet: alphabet.unwrap_or(Alphabet::Text),
            length: text.len().min(MAX),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (name, length) = text.split_once(' ')?;
        let alphabet = Alphabet::ALL.into_iter().find(|it| it.name() == name)?;
        let length: usize = length.parse().ok()?;
        let parsed = Self { alphabet, length };
        ((1..=MAX).contains(&length) && parsed.to_string() == text).then_some(parsed)
    }

    /// A text of this encoding; another seed gives another one.
    pub(super) fn fresh(self, seed: u64) -> String {
        let characters = self.alphabet.characters();
        let character = |at: u64| {
            let count = characters.len().max(1) as u64;
            let drawn = usize::try_from(draw(seed, at) % count).unwrap_or_default();
            characters.get(drawn).map_or('0', |byte| char::from(*byte))
        };
        if self.alphabet == Alphabet::Base64 && self.length.is_multiple_of(4) {
            // One byte less than a multiple of three, as the service's 20 bytes are: so it ends in a padding, and its
            // last character has no bits left over.
            let body = (0..).map(character).take(self.length - 2);
            return body.chain(['A', '=']).collect();
        }
        let text: String = (0..).map(character).take(self.length).collect();
        match self.alphabet {
            // So that it is of no other alphabet.
            Alphabet::Text => text.replacen(|_: char| true, "!", 1),
            Alphabet::Base64
            | Alphabet::Base64Url
            | Alphabet::Digits
            | Alphabet::HexLower
            | Alphabet::HexUpper => text,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.alphabet.name(), self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_an_alphabet_and_a_length() {
        for (text, encoding) in [
            ("AwAAAADggP/Ce5+ZciCXQUUAAAA=", "base64 28"),
            ("AF1ajnoLKKj8AAKhssPUGgADFA==", "base64 28"),
            ("AwAAAADggP-Ce5_ZciCXQUUAAAA", "base64url 27"),
            ("0123456789abcdef0123456789abcdef01234567", "hex 40"),
            ("0123456789ABCDEF0123456789ABCDEF01234567", "HEX 40"),
            ("4523", "digits 4"),
            ("a!b", "text 3"),
        ] {
            let found = Encoding::of(text);
            assert_eq!(found.to_string(), encoding, "{text}");
            assert_eq!(Encoding::parse(encoding), Some(found));
            let fresh = found.fresh(7);
            assert_eq!(Encoding::of(&fresh), found, "{fresh}");
            assert_ne!(fresh, text);
            assert_eq!(fresh, found.fresh(7));
            assert_ne!(fresh, found.fresh(8));
        }
    }

    #[test]
    fn no_other_text_is_an_encoding() {
        for text in [
            "", "hex", "hex 0", "hex 04", "hex 513", "hex -1", "rot13 4", "hex 4 ",
        ] {
            assert_eq!(Encoding::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_alphabet_has_its_name_on_the_list() {
        assert!(Alphabet::ALL.iter().all(|it| NAMES.contains(&it.name())));
    }
}
