use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::directory::Directory;
use super::public_key::rsa_public_key;
use crate::mle::{EncryptedContent, Explained, Mle, ResponseKeys, Rules};

/// Supplies the time; read once for each request.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

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
    pub(super) reading: Reading,
    pub(super) answers: Answers,
    pub(super) credentials: Credentials,
    clock: Clock,
    pub(super) directory: Directory,
    request_mle: Mle,
    response_mle: Mle,
    encrypted_content: EncryptedContent,
    response_keys: ResponseKeys,
}

/// Whether forms pass that the vendor's guide doesn't have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    Strict,
    Tolerant,
}

/// What a refused caller learns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answers {
    Explained,
    Terse,
}

/// What becomes of the headers that hold a request's credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Credentials {
    Captured,
    Forgotten,
}

impl Policy {
    /// Only what the vendor's guide prescribes passes.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            reading: Reading::Strict,
            answers: Answers::Terse,
            credentials: Credentials::Forgotten,
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
        self.answers = Answers::Explained;
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
            return Err(PolicyError::new("shared secret", "must be standard base64"));
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
        let public_key = rsa_public_key(certificate).ok_or(NO_RSA_KEY)?;
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
        let public_key = rsa_public_key(certificate).ok_or(NO_RSA_KEY)?;
        if owner.is_empty() {
            return Err(NO_OWNER);
        }
        if key_id.is_empty() || self.response_keys.has(key_id) {
            return Err(NO_KEY_ID);
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
        self.credentials = Credentials::Captured;
        self
    }

    /// The part that is about message-level encryption; the keys leave the policy.
    pub(crate) fn take_mle(&mut self) -> (Rules, ResponseKeys) {
        let rules = Rules {
            requests: self.request_mle,
            answers: self.response_mle,
            content: self.encrypted_content,
            reading: self.reading,
            explained: match self.answers {
                Answers::Explained => Explained::Yes,
                Answers::Terse => Explained::No,
            },
        };
        (rules, std::mem::take(&mut self.response_keys))
    }

    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox is a service of its own, and has a service's clock unless a test sets it"
)]
fn system_clock() -> Clock {
    Arc::new(SystemTime::now)
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("reading", &self.reading)
            .field("answers", &self.answers)
            .field("credentials", &self.credentials)
            .field("directory", &self.directory)
            .field("request_mle", &self.request_mle)
            .field("response_mle", &self.response_mle)
            .field("encrypted_content", &self.encrypted_content)
            .finish_non_exhaustive()
    }
}

const NO_RSA_KEY: PolicyError = PolicyError::new(
    "certificate",
    "must be DER or PEM, with an RSA key of 2048 to 8192 bits",
);
pub(super) const NO_OWNER: PolicyError = PolicyError::new("merchant id", "must not be empty");
pub(super) const NO_KEY_ID: PolicyError =
    PolicyError::new("key id", "must not be empty, and name one key only");

/// Why something can't be enrolled; it never repeats what was given.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PolicyError {
    setting: &'static str,
    rule: &'static str,
}

impl PolicyError {
    pub(super) const fn new(setting: &'static str, rule: &'static str) -> Self {
        Self { setting, rule }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting, self.rule)
    }
}

impl Error for PolicyError {}
