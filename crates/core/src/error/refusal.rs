use crate::kinds::kinds;

kinds! {
    /// Why the service refused, by status. [`PortErrorKind`](crate::PortErrorKind) says what to do about each.
    pub enum Refusal {
        /// 401: the keys, the clock or the host don't match.
        Authentication = "refused_authentication",
            "the service refused the authentication: check key, clock and host";
        /// 409: the stored card is in conflict with another. The payer can't resolve that, so don't ask for
        /// another card: ask the vendor's support.
        Conflict = "refused_conflict",
            "the service refused: the stored card is in conflict with another; ask the vendor's support with the \
             correlation id";
        /// 403 with the vendor's code `declined`: the issuer or the network declined the card, and
        /// the call gave no credentials. For a network token that wasn't provisioned since the card was
        /// declined, see [`NetworkTokenReason::Declined`](crate::credentials::NetworkTokenReason::Declined).
        Declined = "refused_declined", "the service refused: the card was declined";
        /// 424, or a 404 about the profile: the `profile-id` names no vault profile.
        Dependency = "refused_dependency", "the service refused: the profile id names no vault profile";
        /// 403: the merchant isn't permitted to make this call.
        Forbidden = "refused_forbidden",
            "the service refused: this merchant isn't permitted to make the call; ask the vendor to enable \
             network tokens";
        /// 410: the stored card is no longer available.
        Gone = "refused_gone", "the service refused: the stored card is no longer available";
        /// 400 and every other 4xx of the service's own: the request itself is invalid, and the code must
        /// change. A 408 is the exception: a server gave up waiting for the rest of the request. It is `Unknown`
        /// and `MayRepeat`, from whichever server it came: try later.
        Invalid = "refused_invalid", "the service refused the request as invalid";
        /// 404: no such token id.
        NotFound = "refused_not_found", "the service refused: no such token id";
        /// 412: a precondition; not documented for this operation.
        Precondition = "refused_precondition",
            "the service refused: a precondition failed, which isn't documented; ask the vendor's support with \
             the correlation id";
        /// 429: too many calls.
        Throttled = "refused_throttled", "the service refused: too many calls";
        /// 503: refused for now. The response is the service's own if its error body shows that, or if it
        /// has `Retry-After` beside one of the service's ids; then it is `Answered` and `Safe`. Otherwise
        /// an intermediary sent it, perhaps after the service received the request; then it is `Unknown`
        /// and `MayRepeat`.
        Unavailable = "refused_unavailable", "the service is temporarily unavailable";
        /// 500, 502, 504 and every other 5xx: the service, or an intermediary, failed, and the service may have
        /// acted on the request. It is `Unknown` and `MayRepeat`: try later, since a repetition may spend a
        /// second cryptogram.
        Upstream = "refused_upstream", "the service failed, and may have acted on the request";
    }
}
