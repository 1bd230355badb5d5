//! Why an account can't be charged, and what a caller can do about that.

use super::state::{NetworkTokenReason, NetworkTokenState};

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
