use std::fmt;

/// What a request's message-level encryption is examined for, in this order.
///
/// [`name`](Self::name) is the word for it in the explained answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum MleCheck {
    /// An encrypted response is asked for, where the policy demands it.
    ResponseMle,
    /// `v-c-response-mle-kid` names an enrolled key of the merchant or its portfolio.
    ResponseKeyId,
    /// The body is encrypted where the policy demands it, and isn't where the policy has it off.
    RequestMle,
    /// An encrypted body is carried by a JWT: HTTP signatures can't say that it is one.
    AuthenticationScheme,
    /// The body is one member, `encryptedRequest`, and in it a text.
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
    /// The word for it, such as `recipientKeyId`.
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
