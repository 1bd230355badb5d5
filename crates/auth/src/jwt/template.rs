use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use payment_credentials_core::seam::UnsignedRequest;
use payment_credentials_core::{AuthError, BuildError, KeyId, MerchantId, Repeatability};
use serde_json::json;

use super::claims::Claims;
use super::format::JwtFormat;
use crate::jwt_id::JwtId;
use crate::signing_time::{seconds, wrong_clock};

const BEARER: &str = "Bearer ";

/// By how much a JWT may be backdated; it counts from its `iat`, so that it also expires earlier.
pub(super) const MAX_BACKDATING: Duration = Duration::from_secs(60);

/// Writes the JWTs of one key without their signatures; for a signer of your own, such as one that calls a
/// KMS or an HSM.
///
/// The page of [`JwtAuthenticator`](super::JwtAuthenticator) lists the claims.
///
/// ```
/// use std::time::SystemTime;
///
/// use http::HeaderMap;
/// use payment_credentials_auth::{JwtTemplate, JwtIds as _, SystemJwtIds};
/// use payment_credentials_core::AuthError;
/// use payment_credentials_core::seam::UnsignedRequest;
///
/// /// Does what the authenticator's `authenticate` does; `rs256` calls the KMS.
/// async fn headers(
///     template: &JwtTemplate,
///     rs256: impl AsyncFn(&[u8]) -> Result<Vec<u8>, AuthError>,
///     unsigned: &UnsignedRequest,
///     now: SystemTime,
/// ) -> Result<HeaderMap, AuthError> {
///     let draft = template.draft(unsigned, now, SystemJwtIds.draw()?)?;
///     let signature = rs256(draft.signing_input()).await?;
///     draft.signed(&signature)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct JwtTemplate {
    /// `Bearer `, the JOSE header and a dot: the same for every request.
    beginning: Arc<str>,
    owner: MerchantId,
    merchant: MerchantId,
    backdating: Duration,
    format: JwtFormat,
}

impl JwtTemplate {
    /// Makes a template for RSASSA-PKCS1-v1_5 with SHA-256 (RS256), with the key of a merchant account.
    #[must_use]
    pub fn rs256(owner: MerchantId, key_id: &KeyId) -> Self {
        Self::new("RS256", owner, key_id)
    }

    pub(super) fn new(algorithm: &'static str, owner: MerchantId, key_id: &KeyId) -> Self {
        let header = json!({"alg": algorithm, "kid": key_id.as_str(), "typ": "JWT"});
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        Self {
            beginning: [BEARER, &header, "."].concat().into(),
            merchant: owner.clone(),
            owner,
            backdating: Duration::from_secs(5),
            format: JwtFormat::default(),
        }
    }

    /// Sets the merchant to make requests for. With a MetaKey, this is another merchant than the key's
    /// owner.
    #[must_use]
    pub fn for_merchant(mut self, merchant: MerchantId) -> Self {
        self.merchant = merchant;
        self
    }

    /// Sets the format of claims; by default that of the vendor's guide.
    #[must_use]
    pub fn format(mut self, format: JwtFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the time by which a JWT is backdated; see
    /// [`JwtAuthenticator::backdating`](super::JwtAuthenticator::backdating).
    ///
    /// # Errors
    ///
    /// [`BuildError`] if `backdating` is longer than
    /// [`JwtAuthenticator::MAX_BACKDATING`](super::JwtAuthenticator::MAX_BACKDATING).
    pub fn backdating(mut self, backdating: Duration) -> Result<Self, BuildError> {
        if backdating > MAX_BACKDATING {
            let rule = "is over 60 s, half of the JWT's lifetime; correct the clock instead";
            return Err(BuildError::new("backdating of the JWT", rule));
        }
        self.backdating = backdating;
        Ok(self)
    }

    /// Whether requests may be made for a merchant: the key's owner, or any if the key is a
    /// MetaKey.
    #[must_use]
    pub fn acts_for(&self, merchant_id: &MerchantId) -> bool {
        *merchant_id == self.merchant || self.merchant != self.owner
    }

    /// The merchant to make requests for: the key's owner, unless another was set.
    #[must_use]
    pub fn merchant_id(&self) -> &MerchantId {
        &self.merchant
    }

    /// Writes a JWT for a request, without its signature: a pure function of its arguments.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if `now` is before 1970 or after 9999.
    pub fn draft(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
        jwt_id: JwtId,
    ) -> Result<UnsignedJwt, AuthError> {
        let backdated = now.checked_sub(self.backdating).ok_or_else(wrong_clock)?;
        let claims = Claims {
            unsigned,
            issuer: &self.owner,
            merchant: unsigned.merchant_id.as_ref().unwrap_or(&self.merchant),
            issued: seconds(backdated)?,
            jwt_id,
            format: self.format,
        };
        let claims = claims.to_json().map_err(unusable)?;
        let mut authorization = String::with_capacity(1024);
        authorization.push_str(&self.beginning);
        URL_SAFE_NO_PAD.encode_string(claims, &mut authorization);
        Ok(UnsignedJwt(authorization))
    }
}

/// A JWT without its signature.
#[derive(Clone, Debug)]
#[must_use = "it authenticates nothing until it is signed"]
pub struct UnsignedJwt(String);

impl UnsignedJwt {
    /// The bytes to sign (RFC 7515 §5.1): header and claims in base64url, with a dot between.
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.0.get(BEARER.len()..).unwrap_or_default().as_bytes()
    }

    /// Adds the signature, and makes the header that carries the JWT.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if the JWT isn't a valid header value, which can't happen.
    pub fn signed(self, signature: &[u8]) -> Result<HeaderMap, AuthError> {
        let Self(mut authorization) = self;
        authorization.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut authorization);
        let mut value = HeaderValue::try_from(authorization).map_err(unusable)?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    }
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> AuthError {
    AuthError::new(Repeatability::Never, error)
}
