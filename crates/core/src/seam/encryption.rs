use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use crate::configured_key::ConfiguredKey;
use crate::error::EncryptionError;
use crate::id::KeyId;
use crate::wire::ResponseBody;

/// Message-level encryption (MLE): seals request bodies, opens the bodies of responses.
///
/// It is the layer around a whole body (`encryptedRequest`, `encryptedResponse`), apart from the
/// JWE that holds the payment credentials.
#[async_trait]
pub trait MessageEncryption: fmt::Debug + Send + Sync {
    /// Whether it encrypts requests or asks for encrypted responses.
    fn is_active(&self) -> bool;

    /// The key that answers should be encrypted for, if they should.
    fn response_key_id(&self) -> Option<KeyId>;

    /// The keys that it seals and opens with, for an inventory.
    fn keys(&self) -> Vec<ConfiguredKey>;

    /// The body to send in place of this one.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] where it can't be encrypted; it is then not sent at all.
    async fn seal(&self, body: Bytes, now: SystemTime) -> Result<Bytes, EncryptionError>;

    /// The body behind a response's encryption; also called for refusals.
    ///
    /// A body that isn't encrypted comes back as it was received: what becomes of it is for the
    /// codec, which takes no credentials in the clear.
    ///
    /// # Errors
    ///
    /// [`EncryptionError`] where it can't be opened.
    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError>;
}

/// Passes every body on as it is.
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

    fn keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _now: SystemTime) -> Result<Bytes, EncryptionError> {
        Ok(body)
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        Ok(ResponseBody::Received(body))
    }
}
