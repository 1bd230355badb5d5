//! How strictly requests are read; this applies to authentication, encryption and headers.

/// Whether forms are accepted that the vendor's guide doesn't have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    Strict,
    Tolerant,
}

/// A form that clients in use send, and that deviates from the vendor's guide.
///
/// [`Policy::tolerant`](crate::Policy::tolerant) accepts and notes these;
/// [`Policy::strict`](crate::Policy::strict) refuses each at its check.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Tolerated {
    /// `v-c-api-response-mle-kid` instead of `v-c-response-mle-kid`.
    ApiResponseKeyId,
    /// The value of `digestAlgorithm`, or the prefix of `Digest`, in another case.
    DigestAlgorithmCase,
    /// The claim `digest-algorithm` instead of `digestAlgorithm`.
    DigestAlgorithmName,
    /// `Accept` as a list of media types with `application/jose` in it, as `*/*`, or not sent.
    Accept,
    /// The host signed with the port that `Host` has.
    HostWithPort,
    /// A date as in ISO 8601, such as `2026-11-27 10:28:41.566 +0000 UTC`, instead of `Fri, 27 Nov 2026 10:28:41 GMT`.
    IsoDate,
    /// More than 120 seconds from `iat` to `exp`.
    LifeTime,
    /// `request-method` in another case, such as `POST`.
    MethodCase,
    /// An encrypted request without `cty`.
    NoContentType,
    /// An encrypted request without `iat`.
    NoIssuedAt,
    /// A media type without `charset=utf-8`.
    NoCharset,
    /// `(request-target)` instead of `request-target`.
    ParenthesisedTarget,
    /// `iat` or `exp` as text instead of a number.
    TextTime,
    /// A date whose day or hour has one digit, such as `Fri, 27 Nov 2026 9:05:02 GMT`.
    UnpaddedDate,
    /// `v-c-date` instead of `date`.
    VcDate,
}
