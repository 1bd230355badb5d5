//! What a sandbox demands of its callers, composed of its parts: none of them knows another.

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
use crate::public_key::rsa_public_key;
use crate::reading::Reading;
use crate::record::Recording;

/// How the sandbox authenticates callers.
///
/// It is an argument of [`Sandbox::start`](crate::Sandbox::start) and has no default, so that
/// nobody believes a signature was checked when it was not.
#[derive(Debug)]
#[non_exhaustive]
pub enum Authentication {
    /// Every caller is let in; `Authorization` and `Signature` are neither read nor recorded.
    NotRequired,
    /// Only callers that the policy knows are let in, by JWT, HTTP Signature or bearer.
    Required(Policy),
}

impl Authentication {
    /// Lets in who authenticates as the vendor's guide says.
    #[must_use]
    pub fn strict() -> Self {
        Self::Required(Policy::strict())
    }

    /// Lets in who authenticates as the guide says, or as other clients do.
    #[must_use]
    pub fn tolerant() -> Self {
        Self::Required(Policy::tolerant())
    }
}

impl Authentication {
    /// What each part of the sandbox has to know.
    pub(crate) fn into_parts(self) -> Parts {
        match self {
            // What an encrypted request must be is said as plainly as what another must be.
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

/// A policy, taken apart for those who enforce it.
pub(crate) struct Parts {
    pub(crate) reading: Reading,
    pub(crate) recording: Recording,
    pub(crate) clock: Clock,
    /// None if nobody is asked who they are.
    pub(crate) authentication: Option<authentication::Rules>,
    pub(crate) mle: mle::Rules,
    pub(crate) response_keys: ResponseKeys,
}

impl Policy {
    /// Only what the vendor's guide prescribes passes.
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

    /// Other clients' forms pass too, and are noted: [`Tolerated`](crate::Tolerated) lists them.
    #[must_use]
    pub fn tolerant() -> Self {
        Self {
            reading: Reading::Tolerant,
            ..Self::strict()
        }
    }

    /// Adds to the 401 which check failed, what it expected and what it got.
    ///
    /// The gateway itself doesn't. The explanation may repeat the path with all its digits, and
    /// the string to sign; it never holds a secret or a signature that would have been right.
    #[must_use]
    pub fn with_explanations(mut self) -> Self {
        self.explained = Explained::Yes;
        self
    }

    /// Sets the sandbox's time, by which it validates requests and dates its responses.
    ///
    /// It is the system's unless set. A client whose clock is off learns of it by the `Date`.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Enrols a shared secret, good for HS256 and HTTP signatures.
    ///
    /// The secret is standard base64, as the vendor hands it out. The owner is a merchant, or a
    /// portfolio that [`with_relation`](Self::with_relation) names.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if the owner is empty, the key id empty or taken, or the secret not base64.
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

    /// Enrols a certificate, in DER or PEM, good for RS256.
    ///
    /// Nothing but its RSA key is looked at: neither its names nor its dates.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if the owner is empty, the key id empty or taken, or the certificate holds
    /// no RSA key of 2048 to 8192 bits.
    pub fn with_certificate(
        mut self,
        owner: &str,
        key_id: &str,
        certificate: &[u8],
    ) -> Result<Self, PolicyError> {
        let public_key = rsa_public_key(certificate).ok_or(EnrolmentError::Certificate)?;
        self.directory.add_certificate(owner, key_id, public_key)?;
        Ok(self)
    }

    /// Enrols a bearer access credential of a merchant's.
    #[must_use]
    pub fn with_bearer_access_token(mut self, merchant_id: &str, credential: &str) -> Self {
        self.directory.add_access(merchant_id, credential);
        self
    }

    /// Lets a portfolio act for a merchant (`MetaKey`), who needs no key of its own then.
    #[must_use]
    pub fn with_relation(mut self, portfolio: &str, merchant_id: &str) -> Self {
        self.directory.relate(portfolio, merchant_id);
        self
    }

    /// Sets whether requests are encrypted; they may be unless this says otherwise.
    #[must_use]
    pub fn with_request_mle(mut self, mle: Mle) -> Self {
        self.request_mle = mle;
        self
    }

    /// Sets whether answers are encrypted; they are where it is asked for unless this says
    /// otherwise.
    #[must_use]
    pub fn with_response_mle(mut self, mle: Mle) -> Self {
        self.response_mle = mle;
        self
    }

    /// Sets what is inside of encrypted responses.
    #[must_use]
    pub fn with_encrypted_content(mut self, content: EncryptedContent) -> Self {
        self.encrypted_content = content;
        self
    }

    /// Enrols a certificate, in DER or PEM, for whose key answers may be encrypted.
    ///
    /// The owner is a merchant or a portfolio, the key id what `v-c-response-mle-kid` says.
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
        let public_key = rsa_public_key(certificate).ok_or(EnrolmentError::Certificate)?;
        if owner.is_empty() {
            return Err(EnrolmentError::Owner.into());
        }
        if key_id.is_empty() || self.response_keys.has(key_id) {
            return Err(EnrolmentError::KeyId.into());
        }
        self.response_keys.add(owner, key_id, public_key);
        Ok(self)
    }

    /// Records the values of `Authorization` and `Signature` as they arrived.
    ///
    /// For comparing clients alone: who reads such a record can use what it holds. See
    /// [`ReceivedRequest::captured_credentials`](crate::ReceivedRequest::captured_credentials).
    #[must_use]
    pub fn with_captured_credentials(mut self) -> Self {
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

/// Why something can't be enrolled; it never repeats what was given.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(EnrolmentError);

impl From<EnrolmentError> for PolicyError {
    fn from(rule: EnrolmentError) -> Self {
        Self(rule)
    }
}
