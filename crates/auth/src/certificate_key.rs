use std::sync::Arc;

use payment_credentials_core::{AuthError, ConfiguredKey, KeyId, MerchantId, Repeatability};
use payment_credentials_keys::{Certificate, SigningIdentity};

/// A REST certificate key from the Business Center: owner, private key and key id.
///
/// A clone shares the key.
#[derive(Clone, Debug)]
pub struct CertificateKey {
    owner: MerchantId,
    identity: Arc<SigningIdentity>,
}

impl CertificateKey {
    /// Joins the merchant account that owns the key (for a MetaKey the portfolio) and the key itself.
    #[must_use]
    pub fn new(owner: MerchantId, identity: SigningIdentity) -> Self {
        Self {
            owner,
            identity: Arc::new(identity),
        }
    }

    /// The merchant account that owns the key: a merchant's, or for a MetaKey the portfolio's.
    #[must_use]
    pub fn owner(&self) -> &MerchantId {
        &self.owner
    }

    /// The key's id.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        self.identity.key_id()
    }

    /// The key's certificate, if it came with one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.identity.certificate()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, AuthError> {
        let signature = self.identity.key().sign_rs256(message);
        signature.map_err(|error| AuthError::new(Repeatability::Never, error))
    }

    pub(crate) fn configured_key(&self) -> ConfiguredKey {
        self.identity.configured_key()
    }
}
