//! Card data and passwords: redacted wherever they could be shown, and wiped on drop.
//!
//! Each type is readable only through `expose`, which is easy to search for. None implements `Display`,
//! `Clone`, a comparison, a hash or serde: a secret that can be compared or copied leaks sooner or later.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::shown;
use crate::text::{Alphabet, ParseValueError, TextRule, first_other};

const DIGITS: Alphabet = Alphabet {
    name: "0-9",
    first_other: |text| first_other(text, |byte| byte.is_ascii_digit()),
};

const VISIBLE_ASCII: Alphabet = Alphabet {
    name: "the visible ASCII characters",
    first_other: |text| first_other(text, |byte| byte.is_ascii_graphic()),
};

/// Defines a secret text: redacted in `Debug`, readable only through `expose`, wiped on drop.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident: $field:literal, $lengths:expr, $alphabet:expr) => {
        $(#[$doc])*
        pub struct $name(Zeroizing<String>);

        impl $name {
            const RULE: TextRule = TextRule {
                field: $field,
                min: *$lengths.start(),
                max: *$lengths.end(),
                alphabet: $alphabet,
            };

            /// The secret itself: pass it to the authorisation, then drop it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// Takes ownership of the text without copying it.
            pub(crate) fn from_plaintext(text: Zeroizing<String>) -> Result<Self, ParseValueError> {
                Self::RULE.check(&text)?;
                Ok(Self(text))
            }
        }

        impl FromStr for $name {
            type Err = ParseValueError;

            /// For tests, and for callers that already hold the text; the given text isn't wiped.
            fn from_str(text: &str) -> Result<Self, ParseValueError> {
                Self::from_plaintext(Zeroizing::new(text.to_owned()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

secret! {
    /// A card's own number: 12 to 19 digits (ISO/IEC 7812).
    ///
    /// ```
    /// use payment_credentials_core::secret::Pan;
    ///
    /// let pan: Pan = "4111111111111111".parse()?;
    /// assert_eq!(format!("{pan:?}"), "Pan(redacted)");
    /// assert_eq!(pan.masked(), "411111XXXXXX1111");
    /// # Ok::<(), payment_credentials_core::ParseValueError>(())
    /// ```
    Pan: "PAN", shown::MIN_CARD_DIGITS..=shown::MAX_CARD_DIGITS, DIGITS
}

secret! {
    /// The number that a card network issues to replace the PAN: 12 to 19 digits.
    NetworkTokenNumber: "network token", shown::MIN_CARD_DIGITS..=shown::MAX_CARD_DIGITS, DIGITS
}

secret! {
    /// The one-use proof of a network token, such as Visa's TAVV.
    ///
    /// Opaque text of 1 to 512 visible ASCII characters. Observed cryptograms have 28 characters of base64,
    /// or 40 of hex.
    Cryptogram: "cryptogram", 1..=512, VISIBLE_ASCII
}

secret! {
    /// The one-use dynamic code of a network token: Amex's DCSC or Visa's DTVV.
    ///
    /// Opaque text of 1 to 16 visible ASCII characters; observed codes have three or four digits.
    SecurityCode: "security code", 1..=16, VISIBLE_ASCII
}

impl Pan {
    /// The number in the form for display: at most the first six and the last four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        shown::masked_number(&self.0)
    }
}

impl NetworkTokenNumber {
    /// The number in the form for display: at most the first six and the last four digits.
    #[must_use]
    pub fn masked(&self) -> String {
        shown::masked_number(&self.0)
    }
}

/// Personal data: not shown in `Debug`, wiped on drop.
///
/// Names, addresses, e-mail and IP addresses, identity proofs, payment account references.
#[derive(Clone)]
pub struct Personal(Zeroizing<String>);

impl Personal {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_plaintext(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(redacted)")
    }
}

/// Bytes that hold card data, such as a plaintext before it is parsed.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Zeroizing<Vec<u8>>> for SecretBytes {
    fn from(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes, redacted)", self.0.len())
    }
}

/// The password of a keystore, a key file or a proxy.
///
/// Any text is valid, even an empty one; the keystore, key file or proxy has rules of its own.
pub struct Password(Zeroizing<String>);

impl Password {
    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Password {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Password {
    /// The given text isn't wiped.
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Row B16.
    #[test]
    fn debug_shows_the_name_of_the_type_and_no_secret() {
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            "4111111111111111".parse::<Pan>().expect("a PAN"),
            "4895370016750801"
                .parse::<NetworkTokenNumber>()
                .expect("a number"),
            "AwAAAADggP/Ce5+ZciCXQUUAAAA="
                .parse::<Cryptogram>()
                .expect("a cryptogram"),
            "4523".parse::<SecurityCode>().expect("a code"),
            Personal::from("ann@example.com"),
            SecretBytes::from(Zeroizing::new(b"4523".to_vec())),
            Password::from("hunter2"),
        );
        assert_eq!(
            shown,
            "Pan(redacted) NetworkTokenNumber(redacted) Cryptogram(redacted) \
             SecurityCode(redacted) Personal(redacted) SecretBytes(4 bytes, redacted) \
             Password(redacted)"
        );
    }

    proptest! {
        #[test]
        fn a_pan_is_12_to_19_digits(text in "[0-9]{0,24}|\\PC{0,24}") {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let is_pan = digits && (12..=19).contains(&text.len());
            match text.parse::<Pan>() {
                Ok(pan) => {
                    prop_assert!(is_pan);
                    prop_assert_eq!(pan.expose(), &text);
                    prop_assert_eq!(format!("{pan:?}"), "Pan(redacted)");
                }
                Err(error) => {
                    prop_assert!(!is_pan);
                    prop_assert!(text.len() < 4 || !digits || !error.to_string().contains(&text));
                }
            }
        }

        #[test]
        fn a_proof_is_visible_ascii_within_its_length(text in "[!-~]{0,20}|\\PC{0,20}") {
            let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
            prop_assert_eq!(text.parse::<Cryptogram>().is_ok(), visible);
            prop_assert_eq!(text.parse::<SecurityCode>().is_ok(), visible && text.len() <= 16);
        }
    }

    #[test]
    fn refuses_what_is_not_a_number_without_repeating_it() {
        for text in [
            "462294XXXXXX6791",
            "41111111111",
            "41111111111111111111",
            "４１１１１１１１",
        ] {
            let error = text.parse::<Pan>().expect_err("not a PAN").to_string();
            assert!(
                error.starts_with("PAN: ") && !error.contains(text),
                "{error}"
            );
        }
    }

    #[test]
    fn masks_a_number_for_the_eyes_of_people() {
        let number: NetworkTokenNumber = "4895370016750801".parse().expect("a number");
        assert_eq!(number.masked(), "489537XXXXXX0801");
    }
}
