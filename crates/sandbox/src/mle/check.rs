use std::fmt;

/// The checks of a request's message-level encryption, in order.
///
/// An explained refusal names the check by its [`name`](Self::name).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum MleCheck {
    /// An encrypted response is requested, where the policy demands it.
    ResponseMle,
    /// `v-c-response-mle-kid` names an enrolled key of the merchant or its portfolio.
    ResponseKeyId,
    /// The body is encrypted where the policy demands it, and in the clear where the policy forbids it.
    RequestMle,
    /// The request with an encrypted body has a JWT. The SDKs encrypt with no other scheme.
    AuthenticationScheme,
    /// The body has one member, `encryptedRequest`, whose value is a text.
    Envelope,
    /// The text is a compact JWE: five parts of base64url, the first of which is a JSON object.
    Format,
    /// `alg` is `RSA-OAEP-256`, `enc` is `A256GCM`, and there is neither `zip` nor `crit`.
    Algorithm,
    /// `kid` is the serial number in the subject of the service's certificate.
    RecipientKeyId,
    /// `cty` is `JWT`.
    ContentType,
    /// `iat` is a number of seconds, at most five minutes off.
    IssuedAt,
    /// The JWE opens with the service's key.
    Decryption,
}

impl MleCheck {
    /// The name of the check, such as `recipientKeyId`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResponseMle => "responseMle",
            Self::ResponseKeyId => "responseKeyId",
            Self::RequestMle => "requestMle",
            Self::AuthenticationScheme => "scheme",
            Self::Envelope => "envelope",
            Self::Format => "format",
            Self::Algorithm => "algorithm",
            Self::RecipientKeyId => "recipientKeyId",
            Self::ContentType => "contentType",
            Self::IssuedAt => "issuedAt",
            Self::Decryption => "decryption",
        }
    }
}

impl fmt::Display for MleCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
