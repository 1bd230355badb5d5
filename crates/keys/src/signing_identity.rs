use payment_credentials_core::{ConfiguredKey, KeyId, KeyPurpose};

use crate::certificate::Certificate;
use crate::signing_key::SigningKey;

/// A private key that signs and its key id, with its certificate where there is one.
///
/// A clone shares the key. `Debug` shows key id, size, and subject and end of the certificate.
#[derive(Clone, Debug)]
pub struct SigningIdentity {
    key: SigningKey,
    key_id: KeyId,
    certificate: Option<Certificate>,
}

impl SigningIdentity {
    /// A key without a certificate, under the id that the service shows for it.
    #[must_use]
    pub fn new(key: SigningKey, key_id: KeyId) -> Self {
        Self {
            key,
            key_id,
            certificate: None,
        }
    }

    /// Adds the key's certificate, for the inventory.
    #[must_use]
    pub(crate) fn with_certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// The private key.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// What the service calls the key: the `kid` of what it signs.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The key's certificate, where it came from a keystore.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// What an inventory shows of it.
    #[must_use]
    pub fn configured_key(&self) -> ConfiguredKey {
        let key = ConfiguredKey::new(KeyPurpose::SignRequests, Some(self.key_id.clone()));
        match &self.certificate {
            None => key,
            Some(held) => key.with_certificate(held.subject(), held.not_after()),
        }
    }
}
