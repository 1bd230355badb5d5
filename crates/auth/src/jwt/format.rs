use http::Method;

/// The parts of the format of a JWT's claims in which the vendor's documents and SDKs differ.
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
    /// The claim that holds the name of the digest's algorithm.
    pub digest_algorithm: DigestAlgorithmClaim,
    /// The case of the claim `request-method`.
    pub request_method: MethodCase,
    /// The claim that holds the id of the key for encrypted responses.
    pub response_key: ResponseKeyClaim,
}

impl JwtFormat {
    /// Sets the claim that holds the name of the digest's algorithm.
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

    /// Sets the claim that holds the id of the key for encrypted responses.
    #[must_use]
    pub fn with_response_key(mut self, claim: ResponseKeyClaim) -> Self {
        self.response_key = claim;
        self
    }
}

/// The claim that holds the name of the digest's algorithm.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum DigestAlgorithmClaim {
    /// `digestAlgorithm`: used by the guide, and by the SDKs for Python, PHP, Ruby and Java.
    #[default]
    Camel,
    /// `digest-algorithm`: used by the SDK for Node.
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
    /// `post`: used by the guide since its revision 26.04, and by the SDK for Node.
    #[default]
    Lower,
    /// `POST`: used by the SDKs for Python, PHP and Ruby.
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

/// The claim that holds the id of the key for encrypted responses.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseKeyClaim {
    /// `v-c-response-mle-kid`: used by the guide since its revision 26.04, and by all current SDKs.
    #[default]
    Response,
    /// `v-c-api-response-mle-kid`: used by earlier revisions of the guide, and in reports of users.
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
