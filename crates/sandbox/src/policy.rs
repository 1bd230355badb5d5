//! What a sandbox demands of its callers.
//!
//! The policy is composed of authentication, message-level encryption, clock and recording, none of which
//! knows another.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::authentication::{self, Directory};
use crate::clock::{Clock, system_clock};
use crate::enrolment::EnrolmentError;
use crate::explained::Explained;
use crate::mle::{self, EncryptedContent, Mle, ResponseKeys};
use crate::public_key::Certificate;
use crate::reading::Reading;
use crate::record::Recording;

/// How the sandbox authenticates callers.
///
/// This argument of [`Sandbox::start`](crate::Sandbox::start) has no default, so that nobody assumes that
/// signatures are checked when they aren't.
#[derive(Debug)]
#[non_exhaustive]
pub enum Authentication {
    /// Accepts every caller; `Authorization` and `Signature` are neither read nor recorded.
    NotRequired,
    /// Accepts only callers that the policy knows, by JWT, HTTP Signature or bearer access token.
    Required(Policy),
}

impl Authentication {
    /// Accepts callers that authenticate as the vendor's guide prescribes.
    #[must_use]
    pub fn strict() -> Self {
        Self::Required(Policy::strict())
    }

    /// Accepts callers that authenticate as the guide prescribes, or as other clients do.
    #[must_use]
    pub fn tolerant() -> Self {
        Self::Required(Policy::tolerant())
    }

    /// Splits the policy into what each part of the sandbox needs.
    pub(crate) fn into_parts(self) -> Parts {
        match self {
            // Refusals of encrypted requests are explained, as all other refusals are here.
            Self::NotRequired => Parts {
                authentication: None,
                ..Policy::strict().with_explanations().into_parts()
            },
            Self::Required(policy) => policy.into_parts(),
        }
    }
}

impl From<Policy> for Authentication {
    fn from(policy: Policy) -> Self {
        Self::Required(policy)
    }
}

/// How strictly callers are authenticated, and which keys are known besides the sandbox's own.
///
/// ```
/// use payment_credentials_sandbox::{Policy, Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The sample key that the vendor's example programs carry.
/// let secret = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";
/// let policy = Policy::strict()
///     .with_explanations()
///     .with_shared_secret("testrest", "08c94330-f618-42a3-b09d-e1e43be5efda", secret)?;
/// let sandbox = Sandbox::start_blocking(policy.into())?;
/// # assert!(sandbox.requests().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct Policy {
    reading: Reading,
    explained: Explained,
    recording: Recording,
    clock: Clock,
    directory: Directory,
    request_mle: Mle,
    response_mle: Mle,
    encrypted_content: EncryptedContent,
    response_keys: ResponseKeys,
}

/// A policy, split into what each part of the sandbox enforces.
pub(crate) struct Parts {
    pub(crate) reading: Reading,
    pub(crate) recording: Recording,
    pub(crate) clock: Clock,
    /// None if callers aren't authenticated.
    pub(crate) authentication: Option<authentication::Rules>,
    pub(crate) mle: mle::Rules,
    pub(crate) response_keys: ResponseKeys,
}

impl Policy {
    /// Accepts only the forms that the vendor's guide or its `OpenAPI` document prescribes.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            reading: Reading::Strict,
            explained: Explained::No,
            recording: Recording::Forgotten,
            clock: system_clock(),
            directory: Directory::default(),
            request_mle: Mle::default(),
            response_mle: Mle::default(),
            encrypted_content: EncryptedContent::default(),
            response_keys: ResponseKeys::default(),
        }
    }

    /// Accepts, and notes, the forms of other clients too that a source backs: [`Tolerated`](crate::Tolerated) lists
    /// them. All other guards are those of [`strict`](Self::strict).
    #[must_use]
    pub fn tolerant() -> Self {
        Self {
            reading: Reading::Tolerant,
            ..Self::strict()
        }
    }

    /// Adds to a refusal every check that failed, of all stages, each with the expected value and the received one.
    ///
    /// The status stays that of the first. The vendor's front end explains nothing. The explanation may repeat the path with all its digits, and the
    /// string to sign; it never holds a secret or a valid signature.
    #[must_use]
    pub fn with_explanations(mut self) -> Self {
        self.explained = Explained::Yes;
        self
    }

    /// Sets the clock by which the sandbox validates requests and dates its responses.
    ///
    /// The default is the system's clock. A client whose clock is off can tell by the header `Date`.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Enrols a shared secret, for HS256 and HTTP signatures.
    ///
    /// The secret is standard base64, as the vendor issues it. The owner is a merchant, or a portfolio that
    /// [`with_relation`](Self::with_relation) names.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if the owner is empty, the key id is empty or taken, or the secret isn't base64.
    pub fn with_shared_secret(
        mut self,
        owner: &str,
        key_id: &str,
        secret: &str,
    ) -> Result<Self, PolicyError> {
        let bytes = STANDARD.decode(secret).map(Zeroizing::new);
        let Some(bytes) = bytes.ok().filter(|bytes| !bytes.is_empty()) else {
            return Err(EnrolmentError::SharedSecret.into());
        };
        self.directory.add_secret(owner, key_id, &bytes)?;
        Ok(self)
    }

    /// Enrols a certificate in DER or PEM, for RS256.
    ///
    /// Only its RSA key is read, neither its names nor its dates. A JWT of version 1 must hold this very certificate.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if the owner is empty, the key id is empty or taken, or the certificate holds no
    /// RSA key of 2048 to 8192 bits.
    pub fn with_certificate(
        mut self,
        owner: &str,
        key_id: &str,
        certificate: &[u8],
    ) -> Result<Self, PolicyError> {
        let certificate = Certificate::read(certificate).ok_or(EnrolmentError::Certificate)?;
        self.directory.add_certificate(owner, key_id, certificate)?;
        Ok(self)
    }

    /// Enrols a bearer access token for a merchant.
    #[must_use]
    pub fn with_bearer_access_token(mut self, merchant_id: &str, credential: &str) -> Self {
        self.directory.add_access(merchant_id, credential);
        self
    }

    /// Lets a portfolio act for a merchant (`MetaKey`), which then needs no key of its own.
    #[must_use]
    pub fn with_relation(mut self, portfolio: &str, merchant_id: &str) -> Self {
        self.directory.relate(portfolio, merchant_id);
        self
    }

    /// Sets whether requests are encrypted; the default is [`Mle::Optional`].
    #[must_use]
    pub fn with_request_mle(mut self, mle: Mle) -> Self {
        self.request_mle = mle;
        self
    }

    /// Sets whether responses are encrypted; the default is [`Mle::Optional`].
    #[must_use]
    pub fn with_response_mle(mut self, mle: Mle) -> Self {
        self.response_mle = mle;
        self
    }

    /// Sets the content of encrypted responses.
    #[must_use]
    pub fn with_encrypted_content(mut self, content: EncryptedContent) -> Self {
        self.encrypted_content = content;
        self
    }

    /// Enrols a certificate in DER or PEM, for whose key responses may be encrypted.
    ///
    /// The owner is a merchant or a portfolio; the key id is the value of `v-c-response-mle-kid`.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] as for [`with_certificate`](Self::with_certificate).
    pub fn with_response_key(
        mut self,
        owner: &str,
        key_id: &str,
        certificate: &[u8],
    ) -> Result<Self, PolicyError> {
        let certificate = Certificate::read(certificate).ok_or(EnrolmentError::Certificate)?;
        if owner.is_empty() {
            return Err(EnrolmentError::Owner.into());
        }
        if key_id.is_empty() || self.response_keys.has(key_id) {
            return Err(EnrolmentError::KeyId.into());
        }
        self.response_keys
            .add(owner, key_id, certificate.public_key);
        Ok(self)
    }

    /// Records the values of `Authorization` and `Signature` as they arrived.
    ///
    /// This is for comparing clients only, because anyone who reads the record can use these credentials. See
    /// [`ReceivedRequest::captured_authentication`](crate::ReceivedRequest::captured_authentication).
    #[must_use]
    pub fn with_captured_authentication(mut self) -> Self {
        self.recording = Recording::Captured;
        self
    }

    fn into_parts(self) -> Parts {
        let (reading, explained) = (self.reading, self.explained);
        Parts {
            reading,
            recording: self.recording,
            clock: self.clock,
            authentication: Some(authentication::Rules {
                reading,
                explained,
                directory: self.directory,
            }),
            mle: mle::Rules {
                requests: self.request_mle,
                responses: self.response_mle,
                content: self.encrypted_content,
                reading,
                explained,
            },
            response_keys: self.response_keys,
        }
    }
}

/// [`Policy::strict`].
impl Default for Policy {
    fn default() -> Self {
        Self::strict()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("reading", &self.reading)
            .field("explained", &self.explained)
            .field("recording", &self.recording)
            .field("directory", &self.directory)
            .field("request_mle", &self.request_mle)
            .field("response_mle", &self.response_mle)
            .field("encrypted_content", &self.encrypted_content)
            .finish_non_exhaustive()
    }
}

/// Why a key can't be enrolled. The text never repeats the value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{rule}")]
pub struct PolicyError {
    rule: EnrolmentError,
}

impl From<EnrolmentError> for PolicyError {
    fn from(rule: EnrolmentError) -> Self {
        Self { rule }
    }
}
