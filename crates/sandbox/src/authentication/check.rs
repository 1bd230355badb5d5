use std::fmt;

/// The authentication scheme that a caller used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthenticationScheme {
    /// A bearer access credential, such as OAuth hands out.
    Bearer,
    /// The header `Signature`, made with a shared secret.
    HttpSignature,
    /// A JWT of version 2, by certificate (RS256) or shared secret (HS256).
    Jwt,
}

/// The checks of a request's authentication, in order; the first that fails refuses the request.
///
/// [`name`](Self::name) is the word for it in the explained answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthenticationCheck {
    /// There are credentials of one scheme, complete.
    Credentials,
    /// The bearer access credential is enrolled.
    BearerAccessToken,
    /// The credentials can be read: three parts of base64url and JSON, or `name="value"` pairs.
    Format,
    /// The algorithm is a known one, and the one of the key.
    Algorithm,
    /// The key id names an enrolled key.
    KeyId,
    /// The JWT's `typ` is `JWT`.
    JwtType,
    /// The signature is the key's, over what was received.
    Signature,
    /// `v-c-jwt-version` is `"2"`.
    JwtVersion,
    /// `iss` is who owns the key.
    Issuer,
    /// The transacting merchant is known.
    MerchantId,
    /// The owner of the key may act for the transacting merchant.
    Relation,
    /// `request-host` is `Host` in lower case, without a port.
    RequestHost,
    /// `request-method` is the method in lower case.
    RequestMethod,
    /// `request-resource-path` is the path as received.
    RequestPath,
    /// `digestAlgorithm` is `SHA-256`.
    DigestAlgorithm,
    /// The digest is that of the body as received.
    Digest,
    /// An encrypted response is asked for by `v-c-response-mle-kid`, as text.
    ResponseKeyClaim,
    /// `iat` is a number of seconds, and not in the future.
    IssuedAt,
    /// `exp` is a number of seconds, after `iat` and not in the past.
    ExpiresAt,
    /// From `iat` to `exp` are at most 120 seconds.
    LifeTime,
    /// `jti` is there.
    JwtId,
    /// `jti` was not used before with this key.
    Replay,
    /// The signature covers host, date, request target, digest and merchant.
    SignedHeaders,
    /// The date is a date, and at most five minutes off.
    Date,
}

impl AuthenticationCheck {
    /// The word for it, such as `requestHost`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::BearerAccessToken => "bearerAccessToken",
            Self::Format => "format",
            Self::Algorithm => "algorithm",
            Self::KeyId => "keyId",
            Self::JwtType => "jwtType",
            Self::Signature => "signature",
            Self::JwtVersion => "jwtVersion",
            Self::Issuer => "issuer",
            Self::MerchantId => "merchantId",
            Self::Relation => "relation",
            Self::RequestHost => "requestHost",
            Self::RequestMethod => "requestMethod",
            Self::RequestPath => "requestPath",
            Self::DigestAlgorithm => "digestAlgorithm",
            Self::Digest => "digest",
            Self::ResponseKeyClaim => "responseKeyClaim",
            Self::IssuedAt => "issuedAt",
            Self::ExpiresAt => "expiresAt",
            Self::LifeTime => "lifeTime",
            Self::JwtId => "jwtId",
            Self::Replay => "replay",
            Self::SignedHeaders => "signedHeaders",
            Self::Date => "date",
        }
    }
}

impl fmt::Display for AuthenticationCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
