use std::sync::Arc;

use payment_credentials_core::seam::Offload;
use payment_credentials_core::{BuildError, ConfiguredKey, KeyId};

use crate::keyring::Keyring;
use crate::response_key::ResponseKey;

/// The private keys that open encrypted responses; the `kid` selects one of them.
///
/// Requests name the first key, for which the service then encrypts responses. To rotate, put the new key
/// first, keep the old one behind it until every call that named it has ended, and replace the gateway's
/// whole [`KeySet`](payment_credentials_core::seam::KeySet): each call then opens its response with the
/// keys that its request named. Clones share the keys.
///
/// A [`Keyring`](crate::Keyring) is a different type: it opens the payment credentials inside.
#[derive(Clone, Debug)]
pub struct ResponseKeyring {
    asked_for: KeyId,
    keys: Arc<[ResponseKey]>,
    ring: Keyring,
}

impl ResponseKeyring {
    /// Joins keys. Requests name the first one by its id.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no key, or if two keys have the same key id; the comparison ignores the
    /// case of ASCII letters.
    pub fn new(keys: impl IntoIterator<Item = ResponseKey>) -> Result<Self, BuildError> {
        let keys: Arc<[ResponseKey]> = keys.into_iter().collect();
        let ring = Keyring::new(keys.iter().map(|key| key.private_key().clone()))
            .map_err(|error| BuildError::new("response keyring", error.message()))?;
        let asked_for = keys
            .first()
            .map(ResponseKey::key_id)
            .cloned()
            .ok_or_else(|| BuildError::new("response keyring", "holds no key"))?;
        Ok(Self {
            asked_for,
            keys,
            ring,
        })
    }

    /// Sets where private-key work is done; by default on the calling thread.
    #[must_use]
    pub fn offload(mut self, offload: Arc<dyn Offload>) -> Self {
        self.ring = self.ring.offload(offload);
        self
    }

    /// The key id that requests name for encrypted responses.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.asked_for
    }

    /// The keys, in the order in which they were given.
    #[must_use]
    pub fn keys(&self) -> &[ResponseKey] {
        &self.keys
    }

    /// The keys, for an inventory.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        self.keys.iter().map(ResponseKey::configured_key).collect()
    }

    pub(crate) fn into_ring(self) -> Keyring {
        self.ring
    }
}
