use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use crate::configured_key::ConfiguredKey;
use crate::error::EncryptionError;
use crate::id::KeyId;
use crate::wire::ResponseBody;

/// Message-level encryption (MLE): encrypts the bodies of requests, and decrypts the bodies of responses.
///
/// MLE encrypts a whole body (`encryptedRequest`, `encryptedResponse`). It is separate from the JWE that
/// holds the payment credentials.
#[async_trait]
pub trait MessageEncryption: fmt::Debug + Send + Sync {
    /// Whether it encrypts requests or requests encrypted responses.
    fn is_active(&self) -> bool;

    /// The key that the service should encrypt responses for; `None` for unencrypted responses.
    fn response_key_id(&self) -> Option<KeyId>;

    /// The keys that it encrypts and decrypts with, for an inventory.
    fn configured_keys(&self) -> Vec<ConfiguredKey>;

    /// Encrypts the body of a request. The returned body is sent in place of `body`.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] if the body can't be encrypted; the request is then not sent.
    async fn seal(&self, body: Bytes, now: SystemTime) -> Result<Bytes, EncryptionError>;

    /// Decrypts the body of a response; also called for refusals.
    ///
    /// A body that isn't encrypted is returned unchanged. The codec then decides about that body; it
    /// accepts no unencrypted credentials.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] if the body can't be decrypted.
    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError>;
}

/// Passes every body on unchanged.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct NoEncryption;

#[async_trait]
impl MessageEncryption for NoEncryption {
    fn is_active(&self) -> bool {
        false
    }

    fn response_key_id(&self) -> Option<KeyId> {
        None
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _now: SystemTime) -> Result<Bytes, EncryptionError> {
        Ok(body)
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        Ok(ResponseBody::Received(body))
    }
}
