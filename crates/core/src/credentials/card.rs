use std::fmt;

use crate::open_enum::open_enum;
use crate::secret::{Pan, Personal};
use crate::shown;

use super::chargeable::NotChargeable;
use super::expiry::Expiry;
use super::members_macro::{Take, take, take_as_text};
use super::payload::PayloadError;
use super::secret_json::Object;
use super::unknown_members::UnknownMembers;

open_enum! {
    /// A card's type, by the vendor's three-digit code.
    CardType {
        /// American Express.
        AmericanExpress = "003",
        /// JCB.
        Jcb = "007",
        /// Mastercard.
        Mastercard = "002",
        /// Visa.
        Visa = "001",
    }
}

take_as_text!(CardType);

/// A card. Its number is full, or masked; a masked number is never chargeable.
pub struct Card {
    number: CardNumber,
    expiration_month: Option<Personal>,
    expiration_year: Option<Personal>,
    /// The card's type.
    pub card_type: Option<CardType>,
    /// Members that this version doesn't know.
    pub unknown: UnknownMembers,
}

/// A card's number, in the form that the service returns.
enum CardNumber {
    Absent,
    Full(Pan),
    /// Neither only digits nor masked: never shown.
    Malformed,
    Masked(Personal),
}

impl Take for Card {
    fn take(object: &mut Object<'_, '_>, name: &str) -> Result<Option<Self>, PayloadError> {
        let Some(mut object) = object.take_object(name)? else {
            return Ok(None);
        };
        let number = match object.take_text("number") {
            None => CardNumber::Absent,
            Some(text) if is_masked(&text) => CardNumber::Masked(Personal::from_plaintext(text)),
            Some(text) => Pan::from_plaintext(text).map_or(CardNumber::Malformed, CardNumber::Full),
        };
        Ok(Some(Self {
            number,
            expiration_month: take(&mut object, "expirationMonth")?,
            expiration_year: take(&mut object, "expirationYear")?,
            card_type: take(&mut object, "type")?,
            unknown: object.into_unknown(),
        }))
    }
}

impl Card {
    /// The card's own full number (PAN).
    ///
    /// # Errors
    ///
    /// [`NotChargeable`] if the number is masked (`462294XXXXXX6791`), absent or not a number.
    pub fn pan(&self) -> Result<&Pan, NotChargeable> {
        match &self.number {
            CardNumber::Absent => Err(NotChargeable::MissingNumber),
            CardNumber::Full(pan) => Ok(pan),
            CardNumber::Malformed => Err(NotChargeable::BadNumber),
            CardNumber::Masked(_) => Err(NotChargeable::MaskedNumber),
        }
    }

    /// The number in the form for display: at most the first six and the last four digits.
    #[must_use]
    pub fn masked_number(&self) -> Option<String> {
        match &self.number {
            CardNumber::Absent | CardNumber::Malformed => None,
            CardNumber::Full(pan) => Some(pan.masked()),
            CardNumber::Masked(masked) => Some(shown::masked_number(masked.expose())),
        }
    }

    /// The card's expiry month and year.
    ///
    /// # Errors
    ///
    /// [`NotChargeable::BadExpiry`] if month or year is missing or invalid.
    pub fn expiry(&self) -> Result<Expiry, NotChargeable> {
        Expiry::read(
            self.expiration_month.as_ref(),
            self.expiration_year.as_ref(),
        )
    }
}

/// Whether a number hides digits behind `X`, as the vendor masks it.
fn is_masked(number: &str) -> bool {
    let masks = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'X' | b'x' | b'*');
    (12..=19).contains(&number.len())
        && number.bytes().all(masks)
        && !number.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = match self.number {
            CardNumber::Absent => "absent",
            CardNumber::Full(_) => "full, redacted",
            CardNumber::Malformed => "malformed, redacted",
            CardNumber::Masked(_) => "masked, redacted",
        };
        f.debug_struct("Card")
            .field("number", &format_args!("{number}"))
            .field("card_type", &self.card_type)
            .field("unknown", &self.unknown)
            .finish_non_exhaustive()
    }
}
