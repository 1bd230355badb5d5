use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use payment_credentials_core::seam::{
    Inline, Offload, RequestAuthenticator, UnsignedRequest, offload,
};
use payment_credentials_core::{AuthError, BuildError, ConfiguredKey, MerchantId, Retry};

use crate::certificate_key::CertificateKey;
use crate::nonce::{Nonce, Nonces, SystemNonces};
use crate::shared_secret::SharedSecretKey;
use crate::signing_time::{seconds, wrong_clock};

mod claims;
mod key;
mod spelling;

use claims::Claims;
use key::Key;
pub use spelling::{DigestAlgorithmClaim, JwtSpelling, MethodCase, ResponseKeyClaim};

const BEARER: &str = "Bearer ";

/// Signs requests with a JWT of the vendor's version 2: the way to sign.
///
/// Each request gets a JWT of its own, in `Authorization: Bearer`. A clone shares keys.
///
/// | claim | holds |
/// |---|---|
/// | `digest`, `digestAlgorithm` | the body's SHA-256 in base64, and `SHA-256`; not for an empty body |
/// | `iat`, `exp` | seconds since 1970, as numbers; `exp` is [`LIFETIME`](Self::LIFETIME) later |
/// | `iss` | the account that owns the key |
/// | `jti` | a UUID that no request has had before |
/// | `request-host`, `request-method`, `request-resource-path` | as they are sent; the method in lower case |
/// | `v-c-jwt-version` | `2`, as text |
/// | `v-c-merchant-id` | the merchant that the request is made for |
/// | `v-c-response-mle-kid` | the key to encrypt the answer for, if it should be |
///
/// The vendor's documents disagree on some of the names: see [`JwtSpelling`].
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
    /// `Bearer `, the JOSE header and a dot: the same for every request.
    beginning: Arc<str>,
    merchant: MerchantId,
    backdating: Duration,
    spelling: JwtSpelling,
    offload: Arc<dyn Offload>,
    nonces: Arc<dyn Nonces>,
}

impl JwtAuthenticator {
    /// How long a JWT is good for: the most that the vendor's guide allows.
    pub const LIFETIME: Duration = Duration::from_secs(120);

    /// The furthest that a JWT may be backdated: half of its lifetime.
    pub const MAX_BACKDATING: Duration = Duration::from_secs(60);

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
            beginning: [BEARER, &key.header(), "."].concat().into(),
            merchant: key.owner().clone(),
            key,
            backdating: Duration::from_secs(5),
            spelling: JwtSpelling::default(),
            offload: Arc::new(Inline),
            nonces: Arc::new(SystemNonces),
        }
    }

    /// Sets the merchant to make requests for: with a MetaKey another than the key's owner.
    #[must_use]
    pub fn acting_for(mut self, merchant: MerchantId) -> Self {
        self.merchant = merchant;
        self
    }

    /// Sets how claims are spelled; the guide's way, if this isn't called.
    #[must_use]
    pub fn spelling(mut self, spelling: JwtSpelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// Sets where RSA is done; in place, if this isn't called. HS256 takes a microsecond, and is
    /// always done in place.
    #[must_use]
    pub fn offload(mut self, offload: Arc<dyn Offload>) -> Self {
        self.offload = offload;
        self
    }

    /// Sets where nonces come from; the system's randomness, if this isn't called.
    #[must_use]
    pub fn nonces(mut self, nonces: Arc<dyn Nonces>) -> Self {
        self.nonces = nonces;
        self
    }

    /// Sets by how much a JWT is dated back: 5 seconds, if this isn't called.
    ///
    /// Without it, a clock that runs ahead of the service's makes JWTs from the future. What is
    /// dated back also ends earlier: [`LIFETIME`](Self::LIFETIME) counts from there.
    ///
    /// # Errors
    ///
    /// [`BuildError`] above [`MAX_BACKDATING`](Self::MAX_BACKDATING).
    pub fn backdating(mut self, backdating: Duration) -> Result<Self, BuildError> {
        if backdating > Self::MAX_BACKDATING {
            let rule = "is over 60 s, half of the JWT's lifetime; set the clock right instead";
            return Err(BuildError::new("backdating of the JWT", rule));
        }
        self.backdating = backdating;
        Ok(self)
    }

    /// Signs here and now: a pure function of its arguments.
    ///
    /// The seam does the same with a fresh nonce, and RSA on its offload.
    ///
    /// # Errors
    ///
    /// [`AuthError`] where `now` is before 1970 or after 9999, or the key fails.
    pub fn headers(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
        nonce: Nonce,
    ) -> Result<HeaderMap, AuthError> {
        let claims = self.claims(unsigned, now, nonce)?;
        let mut jwt = String::with_capacity(1024);
        jwt.push_str(&self.beginning);
        URL_SAFE_NO_PAD.encode_string(claims, &mut jwt);
        let signed = jwt.get(BEARER.len()..).unwrap_or_default();
        let signature = self.key.sign(signed.as_bytes())?;
        jwt.push('.');
        jwt.push_str(&signature);

        let value = HeaderValue::try_from(jwt);
        let mut value = value.map_err(|error| AuthError::new(Retry::Never, error))?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    }

    fn claims(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
        nonce: Nonce,
    ) -> Result<Vec<u8>, AuthError> {
        let backdated = now.checked_sub(self.backdating).ok_or_else(wrong_clock)?;
        let claims = Claims {
            unsigned,
            issuer: self.key.owner(),
            merchant: unsigned.merchant_id.as_ref().unwrap_or(&self.merchant),
            issued: seconds(backdated)?,
            nonce,
            spelling: self.spelling,
        };
        let json = claims.to_json();
        json.map_err(|error| AuthError::new(Retry::Never, error))
    }
}

#[async_trait]
impl RequestAuthenticator for JwtAuthenticator {
    fn carries_mle(&self) -> bool {
        true
    }

    fn acts_for(&self, merchant_id: &MerchantId) -> bool {
        *merchant_id == self.merchant || self.merchant != *self.key.owner()
    }

    fn keys(&self) -> Vec<ConfiguredKey> {
        vec![self.key.configured_key()]
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let nonce = self.nonces.draw()?;
        match self.key {
            Key::Certificate(_) => {
                let (this, unsigned) = (self.clone(), unsigned.clone());
                let signing = offload(&*self.offload, move || this.headers(&unsigned, now, nonce));
                let signed = signing.await;
                signed.map_err(|error| AuthError::new(Retry::Safe, error))?
            }
            Key::SharedSecret(_) => self.headers(unsigned, now, nonce),
        }
    }
}

impl fmt::Debug for JwtAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAuthenticator")
            .field("key", &self.key)
            .field("merchant", &self.merchant)
            .field("backdating", &self.backdating)
            .field("spelling", &self.spelling)
            .finish_non_exhaustive()
    }
}
