use std::sync::Arc;

use super::{MessageEncryption, NoEncryption, RequestAuthenticator};
use crate::configured_key::ConfiguredKey;
use crate::error::BuildError;

/// The keys of a gateway, validated together and replaced together.
///
/// Each call uses one whole set from its start to its end. If the set is replaced during a call, the next
/// call uses the new one.
#[derive(Clone, Debug)]
pub struct KeySet {
    authenticator: Arc<dyn RequestAuthenticator>,
    encryption: Arc<dyn MessageEncryption>,
}

impl KeySet {
    /// Makes a set of keys that authenticate requests, without message-level encryption.
    #[must_use]
    pub fn new(authenticator: Arc<dyn RequestAuthenticator>) -> Self {
        Self {
            authenticator,
            encryption: Arc::new(NoEncryption),
        }
    }

    /// Makes a set of keys that authenticate requests and encrypt messages.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if message-level encryption is on and the authenticator can't carry it. (In this case
    /// the vendor's own clients send the request in the clear.)
    pub fn with_encryption(
        authenticator: Arc<dyn RequestAuthenticator>,
        encryption: Arc<dyn MessageEncryption>,
    ) -> Result<Self, BuildError> {
        if encryption.is_active() && !authenticator.carries_message_encryption() {
            return Err(BuildError::new(
                "message-level encryption",
                "can't be carried by this authenticator; use a JWT, or turn the encryption off",
            ));
        }
        Ok(Self {
            authenticator,
            encryption,
        })
    }

    /// The authenticator of requests.
    #[must_use]
    pub fn authenticator(&self) -> &Arc<dyn RequestAuthenticator> {
        &self.authenticator
    }

    /// The message-level encryption.
    #[must_use]
    pub fn encryption(&self) -> &Arc<dyn MessageEncryption> {
        &self.encryption
    }

    /// The keys of both parts, without secrets.
    #[must_use]
    pub fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let mut keys = self.authenticator.configured_keys();
        keys.extend(self.encryption.configured_keys());
        keys
    }
}
