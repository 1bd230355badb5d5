use payment_credentials_core::{BuildError, ConfiguredKey, KeyId, KeyPurpose};
use payment_credentials_keys::{Certificate, Keystore, PrivateKey};

/// A private key that opens encrypted responses, and the service's id of it.
///
/// The vendor calls it the "REST - API Response MLE" key. It isn't the key that opens payment credentials,
/// which belongs in a [`Keyring`](crate::Keyring), though both are RSA keys and both are called MLE keys.
/// The id is required, since requests name the key by it. A clone shares the key. `Debug` shows key id,
/// size, and the certificate's subject and expiry.
#[derive(Clone, Debug)]
pub struct ResponseKey {
    key: PrivateKey,
    key_id: KeyId,
    certificate: Option<Certificate>,
}

impl ResponseKey {
    /// Makes a response key from a private key and the id that the service shows for it.
    #[must_use]
    pub fn new(key: PrivateKey, key_id: KeyId) -> Self {
        Self {
            key: key.with_key_id(key_id.clone()),
            key_id,
            certificate: None,
        }
    }

    /// Takes the private key whose certificate is for this merchant id or, with a `MetaKey`, for this
    /// portfolio id. The key id is the certificate's.
    ///
    /// A keystore that the service made holds everything that this needs. For another keystore, read the
    /// key id in the vendor's Business Center and call `ResponseKey::new(keystore.private_key()?, key_id)`.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no such certificate, its private key is missing, or it names no key id.
    pub fn from_keystore(keystore: &Keystore, name: &str) -> Result<Self, BuildError> {
        let identity = keystore.signing_identity(name)?;
        let key = identity.key().to_private_key()?;
        Ok(Self {
            certificate: identity.certificate().cloned(),
            ..Self::new(key, identity.key_id().clone())
        })
    }

    /// The service's id of the key.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The key's certificate, if it came from a keystore.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// The key as an inventory shows it.
    #[must_use]
    pub fn configured_key(&self) -> ConfiguredKey {
        let key = ConfiguredKey::new(KeyPurpose::OpenResponses, Some(self.key_id.clone()));
        match &self.certificate {
            None => key,
            Some(held) => key.with_certificate(held.subject(), held.not_after()),
        }
    }

    pub(crate) fn private_key(&self) -> &PrivateKey {
        &self.key
    }
}
