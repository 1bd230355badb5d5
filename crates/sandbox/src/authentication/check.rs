use std::fmt;

/// The authentication scheme that a caller used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthenticationScheme {
    /// A bearer access token, as OAuth issues it.
    Bearer,
    /// The header `Signature`, computed with a shared secret.
    HttpSignature,
    /// A JWT, signed with a certificate's key (RS256) or a shared secret (HS256).
    Jwt,
}

/// The checks of a request's authentication, in order. The first that fails determines the response.
///
/// An explained refusal names the check by its [`name`](Self::name).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuthenticationCheck {
    /// The request has complete credentials of exactly one scheme.
    Credentials,
    /// The bearer access token is enrolled.
    BearerAccessToken,
    /// The credentials can be read: three parts of base64url and JSON, or `name="value"` pairs.
    Format,
    /// The algorithm is known, and is that of the key.
    Algorithm,
    /// The key id names an enrolled key; in a JWT of version 1, the certificate is enrolled.
    KeyId,
    /// The JWT's `typ` is `JWT`.
    JwtType,
    /// The signature is valid for the key and the received request.
    Signature,
    /// The JWT is of version 2, and says so: `v-c-jwt-version` is `"2"`.
    JwtVersion,
    /// `iss` is the owner of the key.
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
    /// The digest is that of the received body.
    Digest,
    /// An encrypted response is requested by `v-c-response-mle-kid`, as text.
    ResponseKeyClaim,
    /// `iat` is a number of seconds, and not in the future.
    IssuedAt,
    /// `exp` is a number of seconds, after `iat` and not in the past.
    ExpiresAt,
    /// `exp` is at most 120 seconds after `iat`.
    LifeTime,
    /// `jti` is present.
    JwtId,
    /// `jti` was not used before with this key.
    Replay,
    /// The signature covers host, date, request target, digest and merchant.
    SignedHeaders,
    /// The date is valid, and at most five minutes off.
    Date,
}

impl AuthenticationCheck {
    /// The name of the check, such as `requestHost`.
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
