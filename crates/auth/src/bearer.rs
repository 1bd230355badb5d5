use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, header};
use payment_credentials_core::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials_core::{AuthError, BuildError, ConfiguredKey, MerchantId, Repeatability};
use zeroize::Zeroizing;

/// Authenticates requests with an OAuth access token.
///
/// The vendor issues access tokens over mutual TLS. Each is valid for 15 minutes, and separate hosts accept
/// them. Ask the vendor's support whether they are accepted for this operation.
#[derive(Clone, Debug)]
pub struct BearerAuthenticator {
    provider: Arc<dyn AccessTokenProvider>,
}

impl BearerAuthenticator {
    /// Makes an authenticator that calls the provider for each request; an [`AccessToken`] is its own
    /// provider.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use payment_credentials_auth::{AccessToken, BearerAuthenticator};
    ///
    /// let access_token: AccessToken = "mF_9.B5f-4.1JqM".parse()?;
    /// let authenticator = BearerAuthenticator::new(Arc::new(access_token));
    /// # let _ = authenticator;
    /// # Ok::<(), payment_credentials_core::BuildError>(())
    /// ```
    #[must_use]
    pub fn new(provider: Arc<dyn AccessTokenProvider>) -> Self {
        Self { provider }
    }
}

/// Supplies access tokens; an implementation refreshes them here.
#[async_trait]
pub trait AccessTokenProvider: fmt::Debug + Send + Sync {
    /// Returns an access token that is valid at the given time, and for the duration of a call after it.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if there is none; then no request is sent.
    async fn access_token(&self, now: SystemTime) -> Result<AccessToken, AuthError>;
}

/// An OAuth access token, wiped on drop; a clone shares it.
#[derive(Clone)]
pub struct AccessToken(Arc<Zeroizing<String>>);

impl AccessToken {
    /// The greatest length in bytes, which most servers accept in one header.
    pub const MAX_BYTES: usize = 8 * 1024;
}

impl FromStr for AccessToken {
    type Err = BuildError;

    /// Accepts the characters that RFC 6750 §2.1 allows. The given text isn't wiped; the caller has to wipe
    /// it.
    fn from_str(text: &str) -> Result<Self, BuildError> {
        let unusable = |rule| Err(BuildError::new("access token", rule));
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if text.is_empty() {
            unusable("is empty")
        } else if text.len() > Self::MAX_BYTES {
            unusable("is longer than 8192 bytes")
        } else if !text.bytes().all(is_allowed) {
            unusable("has a character other than 0-9, A-Z, a-z and - . _ ~ + / =")
        } else {
            Ok(Self(Arc::new(Zeroizing::new(text.to_owned()))))
        }
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(redacted)")
    }
}

#[async_trait]
impl AccessTokenProvider for AccessToken {
    async fn access_token(&self, _now: SystemTime) -> Result<Self, AuthError> {
        Ok(self.clone())
    }
}

#[async_trait]
impl RequestAuthenticator for BearerAuthenticator {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let access_token = self.provider.access_token(now).await?;
        let value = Zeroizing::new(["Bearer ", &access_token.0].concat());
        let mut value = HeaderValue::from_str(&value)
            .map_err(|error| AuthError::new(Repeatability::Never, error))?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    }
}
