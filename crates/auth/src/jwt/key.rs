use payment_credentials_core::ConfiguredKey;

use super::template::JwtTemplate;
use crate::certificate_key::CertificateKey;
use crate::shared_secret::SharedSecretKey;

/// The key that signs a JWT.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Certificate(CertificateKey),
    SharedSecret(SharedSecretKey),
}

impl Key {
    pub(super) fn configured_key(&self) -> ConfiguredKey {
        match self {
            Self::Certificate(key) => key.configured_key(),
            Self::SharedSecret(key) => key.configured_key(),
        }
    }

    pub(super) fn template(&self) -> JwtTemplate {
        match self {
            Self::Certificate(key) => JwtTemplate::rs256(key.owner().clone(), key.key_id()),
            Self::SharedSecret(key) => JwtTemplate::new("HS256", key.owner().clone(), key.key_id()),
        }
    }
}
