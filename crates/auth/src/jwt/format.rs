use http::Method;

/// The format of a JWT's claims, where the vendor's documents and SDKs differ.
///
/// The default follows the vendor's guide. Change it only on the advice of the vendor's support.
///
/// ```
/// use payment_credentials_auth::{JwtFormat, MethodCase};
///
/// let format = JwtFormat::default().with_request_method(MethodCase::Upper);
/// assert_ne!(format, JwtFormat::default());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct JwtFormat {
    /// The claim that names the digest's algorithm.
    pub digest_algorithm: DigestAlgorithmClaim,
    /// The case of the claim `request-method`.
    pub request_method: MethodCase,
    /// The claim that names the key for encrypted responses.
    pub response_key: ResponseKeyClaim,
}

impl JwtFormat {
    /// Sets the claim that names the digest's algorithm.
    #[must_use]
    pub fn with_digest_algorithm(mut self, claim: DigestAlgorithmClaim) -> Self {
        self.digest_algorithm = claim;
        self
    }

    /// Sets the case of the claim `request-method`.
    #[must_use]
    pub fn with_request_method(mut self, case: MethodCase) -> Self {
        self.request_method = case;
        self
    }

    /// Sets the claim that names the key for encrypted responses.
    #[must_use]
    pub fn with_response_key(mut self, claim: ResponseKeyClaim) -> Self {
        self.response_key = claim;
        self
    }
}

/// The claim that names the digest's algorithm.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum DigestAlgorithmClaim {
    /// `digestAlgorithm`: the guide, and the SDKs for Python, PHP, Ruby and Java.
    #[default]
    Camel,
    /// `digest-algorithm`: the SDK for Node.
    Dashed,
}

impl DigestAlgorithmClaim {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Camel => "digestAlgorithm",
            Self::Dashed => "digest-algorithm",
        }
    }
}

/// The case of a method in a claim.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum MethodCase {
    /// `post`: the guide since its revision 26.04, and the SDK for Node.
    #[default]
    Lower,
    /// `POST`: the SDKs for Python, PHP and Ruby.
    Upper,
}

impl MethodCase {
    pub(crate) fn encode(self, method: &Method) -> String {
        match self {
            Self::Lower => method.as_str().to_ascii_lowercase(),
            Self::Upper => method.as_str().to_ascii_uppercase(),
        }
    }
}

/// The claim that names the key for encrypted responses.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseKeyClaim {
    /// `v-c-response-mle-kid`: the guide since its revision 26.04, and all current SDKs.
    #[default]
    Response,
    /// `v-c-api-response-mle-kid`: the guide before, and reports of users.
    ApiResponse,
}

impl ResponseKeyClaim {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Response => "v-c-response-mle-kid",
            Self::ApiResponse => "v-c-api-response-mle-kid",
        }
    }
}
