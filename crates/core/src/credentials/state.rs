//! Whether a network token can be used, and why not.

use crate::open_enum::open_enum;

use super::members_macro::take_as_text;

open_enum! {
    /// Whether a network token can be used.
    NetworkTokenState {
        /// The network token can be used.
        Active = "ACTIVE",
        /// The network token was deleted.
        Deleted = "DELETED",
        /// The network token has expired; only the developer guide documents this state.
        Expired = "EXPIRED",
        /// The issuer or the network has suspended the network token for now.
        Suspended = "SUSPENDED",
        /// There is no network token: see the reason.
        Unprovisioned = "UNPROVISIONED",
    }
}

open_enum! {
    /// Why there is no usable network token (v3).
    NetworkTokenReason {
        /// The network doesn't allow it for this card.
        CardNotAllowed = "CARD_NOT_ALLOWED",
        /// The card can't have a network token.
        CardNotEligible = "CARD_NOT_ELIGIBLE",
        /// The card's details could not be verified.
        CardVerificationFailed = "CARD_VERIFICATION_FAILED",
        /// The issuer declined. This reason is in the opened credentials of a call that succeeded; a call that
        /// fails with a declined card is [`Refusal::Declined`](crate::Refusal::Declined).
        Declined = "DECLINED",
        /// The network rejected the request.
        InvalidRequest = "INVALID_REQUEST",
        /// The network's service was down.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
        /// A system on the way failed.
        SystemError = "SYSTEM_ERROR",
    }
}

take_as_text!(NetworkTokenState, NetworkTokenReason);
