use std::fmt;

use crate::secret::Personal;

use super::card::Card;
use super::network_token::{NetworkToken, NetworkTokenReason, NetworkTokenState};

/// The account to charge: a network token, or the card where the service has none.
#[derive(Debug)]
#[non_exhaustive]
pub enum Account {
    /// A card without a network token (v3); its number is full or masked.
    Card(Box<Card>),
    /// A network token, chargeable or not.
    NetworkToken(Box<NetworkToken>),
}

/// The month in which a card or a network token expires.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Expiry {
    /// The month, 1 to 12.
    pub month: u8,
    /// The year, 2000 to 2099.
    pub year: u16,
}

impl Expiry {
    pub(super) fn read(
        month: Option<&Personal>,
        year: Option<&Personal>,
    ) -> Result<Self, NotChargeable> {
        let number = |text: Option<&Personal>, digits| {
            let text = text?.expose();
            let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
            (all_digits && text.len() == digits).then(|| text.parse::<u16>().ok())?
        };
        let month = number(month, 2).and_then(|month| u8::try_from(month).ok());
        match (month, number(year, 4)) {
            (Some(month @ 1..=12), Some(year @ 2000..=2099)) => Ok(Self { month, year }),
            _ => Err(NotChargeable::BadExpiry),
        }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{}", self.month, self.year)
    }
}

/// Why an account can't be charged as it was asked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotChargeable {
    /// Month or year of expiry is missing or isn't one.
    #[error("the expiry is missing or not a month and a year")]
    BadExpiry,
    /// The number isn't 12 to 19 digits.
    #[error("the number is not 12 to 19 digits")]
    BadNumber,
    /// The card's number is masked: this merchant doesn't get the full one.
    #[error("the card's number is masked; charge by the token id instead")]
    MaskedNumber,
    /// No cryptogram in the response: American Express gives a security code, and a request for
    /// another kind of credentials gives none.
    #[error("the response holds no cryptogram")]
    MissingCryptogram,
    /// No number in the response.
    #[error("the response holds no number")]
    MissingNumber,
    /// Neither a cryptogram nor a security code in the response.
    #[error("the response holds neither a cryptogram nor a security code")]
    MissingProof,
    /// No security code in the response.
    #[error("the response holds no security code")]
    MissingSecurityCode,
    /// The network token isn't active.
    #[error("the network token is {state}{}", .reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default())]
    State {
        /// Its state.
        state: NetworkTokenState,
        /// Why, if the response says.
        reason: Option<NetworkTokenReason>,
    },
}

/// What a caller can do about an account that can't be charged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// Ask the payer for the card again: this one is gone, or it wasn't verified.
    AskForCard,
    /// It will never be chargeable this way; use another, such as paying by the token id.
    Never,
    /// The same call may give chargeable credentials later.
    TryLater,
}

impl NotChargeable {
    /// What a caller can do about it.
    ///
    /// An unknown state or reason counts as temporary, because advising a later attempt never turns a
    /// good card away.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::BadNumber
            | Self::MaskedNumber
            | Self::MissingCryptogram
            | Self::MissingSecurityCode => Advice::Never,
            Self::BadExpiry | Self::MissingNumber | Self::MissingProof => Advice::TryLater,
            Self::State { state, reason } => advice(state, reason.as_ref()),
        }
    }
}

fn advice(state: &NetworkTokenState, reason: Option<&NetworkTokenReason>) -> Advice {
    match (state, reason) {
        (NetworkTokenState::Deleted | NetworkTokenState::Expired, _)
        | (_, Some(NetworkTokenReason::CardVerificationFailed)) => Advice::AskForCard,
        (
            _,
            Some(
                NetworkTokenReason::CardNotAllowed
                | NetworkTokenReason::CardNotEligible
                | NetworkTokenReason::Declined
                | NetworkTokenReason::InvalidRequest,
            ),
        ) => Advice::Never,
        (
            NetworkTokenState::Active
            | NetworkTokenState::Suspended
            | NetworkTokenState::Unprovisioned
            | NetworkTokenState::Unlisted(_),
            Some(
                NetworkTokenReason::ServiceUnavailable
                | NetworkTokenReason::SystemError
                | NetworkTokenReason::Unlisted(_),
            )
            | None,
        ) => Advice::TryLater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_expiry_is_shown_as_it_is_written(month in "\\PC{0,3}|[01][0-9]", year in "\\PC{0,5}|20[0-9]{2}") {
            let (month_text, year_text) = (Personal::from(&*month), Personal::from(&*year));
            match Expiry::read(Some(&month_text), Some(&year_text)) {
                Ok(expiry) => prop_assert_eq!(expiry.to_string(), format!("{month}/{year}")),
                Err(error) => prop_assert_eq!(error, NotChargeable::BadExpiry),
            }
        }
    }
}
