use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use payment_credentials_core::seam::{Inline, Offload, offload};
use payment_credentials_core::{BuildError, ConfiguredKey, KeyId, KeyPurpose};
use payment_credentials_keys::PrivateKey;

use crate::algorithm::KeyAlgorithm;
use crate::jwe_error::JweError;
use crate::key_unwrap::{ContentKey, KeyUnwrap, UnwrapError, WrappedKey};

/// The private keys that open payment credentials; the `kid` selects one of them.
///
/// The vendor calls such a key the "Message-Level Encryption" key of TMS. It isn't the key that opens
/// encrypted responses, which belongs in a [`ResponseKeyring`](crate::ResponseKeyring).
///
/// Clones share the keys: pass one to an opener, and keep another to [`replace`](Self::replace) the keys.
///
/// ```
/// use payment_credentials_jose::Keyring;
///
/// let error = Keyring::new([]).expect_err("nothing to open with");
/// assert_eq!(error.to_string(), "keyring holds no key; give at least one");
/// ```
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<RwLock<Arc<[PrivateKey]>>>,
    offload: Arc<dyn Offload>,
}

impl Keyring {
    /// How many keys are tried if the `kid` doesn't select one.
    ///
    /// A rotation needs no more than the current, the next and the last key, and each further key would
    /// cost a millisecond for every JWE.
    pub const MAX_TRIES: usize = 3;

    /// Joins keys. If the `kid` doesn't select one, they are tried in this order.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no key, or if two keys have the same key id; the comparison ignores the
    /// case of ASCII letters.
    pub fn new(keys: impl IntoIterator<Item = PrivateKey>) -> Result<Self, BuildError> {
        Ok(Self {
            keys: Arc::new(RwLock::new(validated(keys)?)),
            offload: Arc::new(Inline),
        })
    }

    /// Replaces the keys of every clone. An opening in progress ends with the keys that it began with.
    ///
    /// To rotate, keep the old keys beside the new ones until the service has stopped using them.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new); the keys then stay unchanged.
    pub fn replace(&self, keys: impl IntoIterator<Item = PrivateKey>) -> Result<(), BuildError> {
        let keys = validated(keys)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    /// Sets where private-key work is done; by default on the calling thread.
    #[must_use]
    pub fn offload(mut self, offload: Arc<dyn Offload>) -> Self {
        self.offload = offload;
        self
    }

    /// The current keys, in the order in which they were given.
    #[must_use]
    pub fn keys(&self) -> Arc<[PrivateKey]> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&keys)
    }

    /// The current keys, for an inventory.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let keys = self.keys();
        keys.iter()
            .map(|key| key.key_id().cloned())
            .map(|key_id| ConfiguredKey::new(KeyPurpose::OpenCredentials, key_id))
            .collect()
    }

    /// The keys to try: at most three of those that the `kid` allows and whose size fits.
    fn candidates(&self, wrapped: &WrappedKey) -> Result<Vec<PrivateKey>, UnwrapError> {
        let keys = self.keys();
        let mut allowed = allowed(&keys, wrapped.kid()).peekable();
        if allowed.peek().is_none() {
            let configured = keys.iter().filter_map(PrivateKey::key_id);
            return Err(wrapped.not_configured(configured));
        }
        let bytes = wrapped.encrypted_key().len();
        let fitting: Vec<PrivateKey> = allowed
            .filter(|key| key.modulus_len() == bytes)
            .take(Self::MAX_TRIES)
            .cloned()
            .collect();
        if fitting.is_empty() {
            return Err(UnwrapError::Jwe(JweError::EncryptedKeyLength { bytes }));
        }
        Ok(fitting)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("keys", &self.keys())
            .field("offload", &self.offload)
            .finish()
    }
}

#[async_trait]
impl KeyUnwrap for Keyring {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        let keys = self.candidates(wrapped)?;
        let (algorithm, encrypted) = (wrapped.algorithm(), wrapped.shared_encrypted_key());
        let tried = move || try_all(&keys, algorithm, &encrypted);
        let tried = offload(&*self.offload, tried).await;
        match tried {
            Ok(unwrapped) => unwrapped.ok_or(UnwrapError::Failed),
            Err(error) => Err(UnwrapError::Unavailable(error.into())),
        }
    }

    fn tried_without_id(&self, wrapped: &WrappedKey) -> usize {
        let tried = self.candidates(wrapped).unwrap_or_default();
        tried.iter().filter(|key| key.key_id().is_none()).count()
    }
}

/// The keys that a `kid` allows.
fn allowed<'keys>(
    keys: &'keys [PrivateKey],
    kid: Option<&str>,
) -> impl Iterator<Item = &'keys PrivateKey> {
    let named = kid.and_then(|kid| {
        let mut keys = keys.iter();
        keys.find(|key| key.key_id().is_some_and(|id| id.names(kid)))
    });
    // Where the kid names a key, there are no others.
    let others = keys.iter().filter(move |key| {
        let fits_any_kid = key.key_id().is_none() && named.is_none();
        kid.is_none() || fits_any_kid
    });
    named.into_iter().chain(others)
}

fn validated(keys: impl IntoIterator<Item = PrivateKey>) -> Result<Arc<[PrivateKey]>, BuildError> {
    let keys: Arc<[PrivateKey]> = keys.into_iter().collect();
    let rule = if keys.is_empty() {
        "holds no key; give at least one"
    } else if has_twins(&keys) {
        "has two keys with one key id; give each key its own"
    } else {
        return Ok(keys);
    };
    Err(BuildError::new("keyring", rule))
}

/// Returns the first key's success, but tries all keys, so that the time doesn't reveal which key
/// succeeded.
fn try_all(keys: &[PrivateKey], algorithm: KeyAlgorithm, encrypted: &[u8]) -> Option<ContentKey> {
    first(keys.iter().map(|key| unwrap(key, algorithm, encrypted)))
}

/// The content key, or `None` after any failure.
fn unwrap(key: &PrivateKey, algorithm: KeyAlgorithm, encrypted: &[u8]) -> Option<ContentKey> {
    #[cfg(test)]
    crate::counted::key_used();
    ContentKey::new(key.decrypt_oaep(algorithm.oaep_hash(), encrypted)?).ok()
}

/// Returns the first success; makes all tries, even after a success.
fn first<T>(tries: impl Iterator<Item = Option<T>>) -> Option<T> {
    tries.fold(None, Option::or)
}

fn has_twins(keys: &[PrivateKey]) -> bool {
    let ids: Vec<&KeyId> = keys.iter().filter_map(PrivateKey::key_id).collect();
    ids.iter().enumerate().any(|(at, id)| {
        let mut later = ids.iter().skip(at + 1);
        later.any(|other| other.names(id.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_tried_whichever_opens() {
        for opening in 0..3 {
            let mut tried = 0;
            let opened = first((0..3).map(|nth| {
                tried += 1;
                (nth >= opening).then_some(nth)
            }));
            assert_eq!((opened, tried), (Some(opening), 3));
        }
        assert_eq!(first([None, None].into_iter()), None::<u8>);
    }
}
