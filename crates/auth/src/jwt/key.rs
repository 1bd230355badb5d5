use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::{AuthError, ConfiguredKey, MerchantId};
use serde_json::json;

use crate::certificate_key::CertificateKey;
use crate::shared_secret::SharedSecretKey;

/// What a JWT is signed with.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Certificate(CertificateKey),
    SharedSecret(SharedSecretKey),
}

impl Key {
    pub(super) fn owner(&self) -> &MerchantId {
        match self {
            Self::Certificate(key) => key.owner(),
            Self::SharedSecret(key) => key.owner(),
        }
    }

    pub(super) fn configured_key(&self) -> ConfiguredKey {
        match self {
            Self::Certificate(key) => key.configured_key(),
            Self::SharedSecret(key) => key.configured_key(),
        }
    }

    /// The JOSE header in base64url.
    pub(super) fn header(&self) -> String {
        let (algorithm, key_id) = match self {
            Self::Certificate(key) => ("RS256", key.key_id()),
            Self::SharedSecret(key) => ("HS256", key.key_id()),
        };
        let header = json!({"alg": algorithm, "kid": key_id.as_str(), "typ": "JWT"});
        URL_SAFE_NO_PAD.encode(header.to_string())
    }

    /// The signature in base64url.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, AuthError> {
        match self {
            Self::Certificate(key) => Ok(URL_SAFE_NO_PAD.encode(key.sign(message)?)),
            Self::SharedSecret(key) => Ok(URL_SAFE_NO_PAD.encode(key.sign(message))),
        }
    }
}
