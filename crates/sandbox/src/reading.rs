//! How strictly requests are read: authentication, encryption and headers alike.

/// Whether forms pass that the vendor's guide doesn't have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    Strict,
    Tolerant,
}

/// A deviation that clients in use have and the vendor's guide hasn't.
///
/// [`Policy::tolerant`](crate::Policy::tolerant) lets them pass and notes them;
/// [`Policy::strict`](crate::Policy::strict) refuses them at the check that they belong to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Tolerated {
    /// `v-c-api-response-mle-kid` instead of `v-c-response-mle-kid`.
    ApiResponseKeyId,
    /// The value of `digestAlgorithm`, or the prefix of `Digest`, in another case.
    DigestAlgorithmCase,
    /// The claim `digest-algorithm` instead of `digestAlgorithm`.
    DigestAlgorithmName,
    /// The host signed with the port that `Host` has.
    HostWithPort,
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
    /// `v-c-date` instead of `date`.
    VcDate,
}
