//! Why an account can't be charged, and what a caller can do about that.

use super::state::{NetworkTokenReason, NetworkTokenState};

/// Why an account can't be charged in the requested way.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotChargeable {
    /// Month or year of expiry is missing or invalid.
    #[error("the expiry is missing, or isn't a month and a year")]
    BadExpiry,
    /// The number doesn't have 12 to 19 digits.
    #[error("the number is not 12 to 19 digits")]
    BadNumber,
    /// The card's number is masked, since the service doesn't return the full number to this merchant.
    #[error("the card's number is masked; charge by the token id instead")]
    MaskedNumber,
    /// The response holds no cryptogram: American Express returns a security code, and a request for
    /// another kind of credentials returns none.
    #[error("the response holds no cryptogram")]
    MissingCryptogram,
    /// The response holds no number.
    #[error("the response holds no number")]
    MissingNumber,
    /// The response holds neither a cryptogram nor a security code.
    #[error("the response holds neither a cryptogram nor a security code")]
    MissingProof,
    /// The response holds no security code.
    #[error("the response holds no security code")]
    MissingSecurityCode,
    /// The network token isn't active.
    #[error("the network token is {state}{}", .reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default())]
    State {
        /// Its state.
        state: NetworkTokenState,
        /// The reason, if the response has one.
        reason: Option<NetworkTokenReason>,
    },
}

/// What a caller can do about an account that can't be charged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// Ask the payer for the card again: the stored card is gone, or it wasn't verified.
    AskForCard,
    /// The account will never be chargeable in this way; use another way, such as paying by the token id.
    UseAnotherWay,
    /// The same call may give chargeable credentials later.
    TryLater,
}

impl NotChargeable {
    /// What a caller can do about an account that can't be charged.
    ///
    /// An unknown state or reason counts as temporary: the advice to try later never rejects a good card.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::BadNumber
            | Self::MaskedNumber
            | Self::MissingCryptogram
            | Self::MissingSecurityCode => Advice::UseAnotherWay,
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
        ) => Advice::UseAnotherWay,
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
