use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::HeaderMap;
use payment_credentials_core::seam::{
    Inline, Offload, RequestAuthenticator, UnsignedRequest, offload,
};
use payment_credentials_core::{AuthError, BuildError, ConfiguredKey, MerchantId, Repeatability};

use crate::certificate_key::CertificateKey;
use crate::jwt_id::{JwtId, JwtIds, SystemJwtIds};
use crate::shared_secret::SharedSecretKey;

mod claims;
mod format;
mod key;
mod template;

pub use format::{DigestAlgorithmClaim, JwtFormat, MethodCase, ResponseKeyClaim};
use key::Key;
pub use template::{JwtTemplate, UnsignedJwt};

/// Signs requests with a JWT of the vendor's version 2: the recommended way to sign.
///
/// Each request gets a JWT of its own, in `Authorization: Bearer`. A clone shares keys.
///
/// | claim | value |
/// |---|---|
/// | `digest`, `digestAlgorithm` | the body's SHA-256 in base64, and `SHA-256`; absent for an empty body |
/// | `iat`, `exp` | seconds since 1970, as numbers; `exp` is [`LIFETIME`](Self::LIFETIME) later than `iat` |
/// | `iss` | the merchant account that owns the key |
/// | `jti` | a new UUID for each request |
/// | `request-host`, `request-method`, `request-resource-path` | the values that are sent; the method in lower case |
/// | `v-c-jwt-version` | `2`, as text |
/// | `v-c-merchant-id` | the merchant that the request is made for |
/// | `v-c-response-mle-kid` | the key to encrypt the response for, if encryption is requested |
///
/// The vendor's documents disagree on some of the names: see [`JwtFormat`].
///
/// ```
/// use payment_credentials_auth::{JwtAuthenticator, SharedSecret, SharedSecretKey};
///
/// let secret = SharedSecret::from_base64("yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=")?;
/// let key_id = "08c94330-f618-42a3-b09d-e1e43be5efda".parse()?;
/// let key = SharedSecretKey::new("testrest".parse()?, key_id, secret);
/// let authenticator = JwtAuthenticator::with_shared_secret(key);
/// # let _ = authenticator;
/// # Ok::<(), payment_credentials_core::BuildError>(())
/// ```
#[derive(Clone)]
pub struct JwtAuthenticator {
    key: Key,
    template: JwtTemplate,
    offload: Arc<dyn Offload>,
    jwt_ids: Arc<dyn JwtIds>,
}

impl JwtAuthenticator {
    /// How long a JWT is valid: the longest lifetime that the vendor's guide allows.
    pub const LIFETIME: Duration = claims::LIFETIME;

    /// The longest time by which a JWT can be backdated: half of its lifetime.
    pub const MAX_BACKDATING: Duration = template::MAX_BACKDATING;

    /// Signs with a certificate's key: RS256.
    #[must_use]
    pub fn with_certificate(key: CertificateKey) -> Self {
        Self::new(Key::Certificate(key))
    }

    /// Signs with a shared secret: HS256.
    #[must_use]
    pub fn with_shared_secret(key: SharedSecretKey) -> Self {
        Self::new(Key::SharedSecret(key))
    }

    fn new(key: Key) -> Self {
        Self {
            template: key.template(),
            key,
            offload: Arc::new(Inline),
            jwt_ids: Arc::new(SystemJwtIds),
        }
    }

    /// Sets the merchant to make requests for. With a MetaKey, this is another merchant than the key's
    /// owner.
    #[must_use]
    pub fn for_merchant(mut self, merchant: MerchantId) -> Self {
        self.template = self.template.for_merchant(merchant);
        self
    }

    /// Sets the format of claims; by default that of the vendor's guide.
    #[must_use]
    pub fn format(mut self, format: JwtFormat) -> Self {
        self.template = self.template.format(format);
        self
    }

    /// Sets where RSA signatures are computed; by default on the calling thread. HS256 takes a microsecond,
    /// and is always computed there.
    #[must_use]
    pub fn offload(mut self, offload: Arc<dyn Offload>) -> Self {
        self.offload = offload;
        self
    }

    /// Sets the source of JWT IDs; by default the system's randomness.
    #[must_use]
    pub fn jwt_ids(mut self, jwt_ids: Arc<dyn JwtIds>) -> Self {
        self.jwt_ids = jwt_ids;
        self
    }

    /// Sets the time by which a JWT is backdated; by default 5 seconds.
    ///
    /// Without backdating, a clock that is ahead of the service's makes JWTs with a time in the future. A
    /// backdated JWT also expires earlier, since [`LIFETIME`](Self::LIFETIME) counts from its `iat`.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if `backdating` is longer than [`MAX_BACKDATING`](Self::MAX_BACKDATING).
    pub fn backdating(mut self, backdating: Duration) -> Result<Self, BuildError> {
        self.template = self.template.backdating(backdating)?;
        Ok(self)
    }

    /// Signs a request: a pure function of its arguments.
    ///
    /// The seam does the same with a fresh JWT ID, and computes RSA signatures on its offload.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if `now` is before 1970 or after 9999, or if the key fails.
    pub fn headers(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
        jwt_id: JwtId,
    ) -> Result<HeaderMap, AuthError> {
        let draft = self.template.draft(unsigned, now, jwt_id)?;
        match &self.key {
            Key::Certificate(key) => {
                let signature = key.sign(draft.signing_input())?;
                draft.signed(&signature)
            }
            Key::SharedSecret(key) => {
                let signature = key.sign(draft.signing_input());
                draft.signed(signature.as_ref())
            }
        }
    }
}

#[async_trait]
impl RequestAuthenticator for JwtAuthenticator {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, merchant_id: &MerchantId) -> bool {
        self.template.acts_for(merchant_id)
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        Some(self.template.merchant_id().clone())
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        vec![self.key.configured_key()]
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let jwt_id = self.jwt_ids.draw()?;
        match self.key {
            Key::Certificate(_) => {
                let (this, unsigned) = (self.clone(), unsigned.clone());
                let signing = offload(&*self.offload, move || this.headers(&unsigned, now, jwt_id));
                let signed = signing.await;
                signed.map_err(|error| AuthError::new(Repeatability::Safe, error))?
            }
            Key::SharedSecret(_) => self.headers(unsigned, now, jwt_id),
        }
    }
}

impl fmt::Debug for JwtAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuthenticator")
            .field("key", &self.key)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}
