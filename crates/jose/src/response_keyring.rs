use std::sync::Arc;

use payment_credentials_core::seam::Offload;
use payment_credentials_core::{BuildError, ConfiguredKey, KeyId};

use crate::keyring::Keyring;
use crate::response_key::ResponseKey;

/// The private keys that open encrypted responses, several at once; the `kid` says which.
///
/// Requests ask for responses that are encrypted for the first. To rotate, put the new key first,
/// keep the old one behind it until no call that named it is under way, and swap the gateway's
/// whole [`KeySet`](payment_credentials_core::seam::KeySet): a call then opens its response with
/// the keys that it asked with. Clones share the keys.
///
/// A [`Keyring`](crate::Keyring) is something else: it opens the payment credentials inside.
#[derive(Clone, Debug)]
pub struct ResponseKeyring {
    asked_for: KeyId,
    keys: Arc<[ResponseKey]>,
    ring: Keyring,
}

impl ResponseKeyring {
    /// Joins keys; requests name the first by its id.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where there is no key, or two have one key id; the case of ASCII letters
    /// doesn't matter.
    pub fn new(keys: impl IntoIterator<Item = ResponseKey>) -> Result<Self, BuildError> {
        let keys: Arc<[ResponseKey]> = keys.into_iter().collect();
        let ring = Keyring::new(keys.iter().map(|key| key.private_key().clone()))
            .map_err(|error| BuildError::new("response keyring", error.rule()))?;
        let first = keys.first().map(ResponseKey::key_id).cloned();
        let asked_for = first.ok_or_else(|| BuildError::new("response keyring", "holds no key"))?;
        Ok(Self {
            asked_for,
            keys,
            ring,
        })
    }

    /// Sets where private-key work is done; in place, if this isn't called.
    #[must_use]
    pub fn with_offload(mut self, offload: Arc<dyn Offload>) -> Self {
        self.ring = self.ring.with_offload(offload);
        self
    }

    /// The id by which requests ask for encrypted responses.
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
        let keys = self.keys.iter();
        keys.map(ResponseKey::configured_key).collect()
    }

    pub(crate) fn into_ring(self) -> Keyring {
        self.ring
    }
}
