//! Whether a network token can be used, and why not.

use crate::open_enum::open_enum;

use super::members_macro::take_as_text;

open_enum! {
    /// Whether a network token can be used.
    NetworkTokenState {
        /// It can.
        Active = "ACTIVE",
        /// It is gone.
        Deleted = "DELETED",
        /// It is past its end; in the developer guide alone.
        Expired = "EXPIRED",
        /// The issuer or the network holds it back for now.
        Suspended = "SUSPENDED",
        /// There is none: see the reason.
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
        /// The card's details didn't verify.
        CardVerificationFailed = "CARD_VERIFICATION_FAILED",
        /// The issuer declined.
        Declined = "DECLINED",
        /// The network didn't take the request.
        InvalidRequest = "INVALID_REQUEST",
        /// The network's service was down.
        ServiceUnavailable = "SERVICE_UNAVAILABLE",
        /// Something failed on the way.
        SystemError = "SYSTEM_ERROR",
    }
}

take_as_text!(NetworkTokenState, NetworkTokenReason);
