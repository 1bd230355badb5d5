use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::configured_key::ConfiguredKey;
use crate::error::AuthError;
use crate::id::{KeyId, MerchantId};

/// Makes the headers that authenticate a request, from the exact bytes that will be sent.
///
/// The gateway calls it again for each attempt, so that a retry carries a new date and a new nonce. An
/// implementation may use a KMS or an HSM. Private-key work in this process belongs on an
/// [`Offload`](super::Offload).
#[async_trait]
pub trait RequestAuthenticator: fmt::Debug + Send + Sync {
    /// Whether a request authenticated in this way may carry message-level encryption.
    ///
    /// With HTTP Signature it may not. [`KeySet`](super::KeySet) rejects that combination when it is built,
    /// so that a request that should be encrypted is never sent in the clear.
    fn carries_message_encryption(&self) -> bool;

    /// Whether it can make a request in the name of another merchant, as the signer of a MetaKey can.
    ///
    /// If this returns true, [`authenticate`](Self::authenticate) must use [`UnsignedRequest::merchant_id`]
    /// in place of its own merchant. If this returns false, [`Gateway`](crate::Gateway) never passes
    /// another merchant.
    fn acts_for(&self, merchant_id: &MerchantId) -> bool;

    /// The merchant of the requests that name no other merchant; `None` if the authenticator doesn't know
    /// it.
    ///
    /// [`Gateway::replace_keys`](crate::Gateway::replace_keys) compares it to reject the keys of another
    /// merchant.
    fn merchant_id(&self) -> Option<MerchantId> {
        None
    }

    /// The keys that it signs with, for an inventory.
    fn configured_keys(&self) -> Vec<ConfiguredKey>;

    /// Returns the headers to add; `now` is the time to sign with.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if the signer failed, in this process or elsewhere.
    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError>;
}

/// A request for an authenticator to sign.
///
/// `Debug` doesn't show the body, since it holds personal data.
#[derive(Clone)]
#[non_exhaustive]
pub struct UnsignedRequest {
    /// The method.
    pub method: Method,
    /// The host in the form to sign: lower case, without scheme, and without port unless the endpoint's
    /// [`SignedPort`](crate::SignedPort) includes it.
    pub host: Box<str>,
    /// The path, exactly as it is sent.
    pub path: Box<str>,
    /// The body, byte for byte as it is sent; encrypted if message-level encryption is on.
    pub body: Bytes,
    /// The key to encrypt the response for, if an encrypted response is requested.
    pub response_key_id: Option<KeyId>,
    /// The merchant to act for, if it isn't the authenticator's own.
    pub merchant_id: Option<MerchantId>,
}

impl UnsignedRequest {
    /// A request without response encryption.
    #[must_use]
    pub fn new(method: Method, host: &str, path: &str, body: Bytes) -> Self {
        Self {
            method,
            host: host.into(),
            path: path.into(),
            body,
            response_key_id: None,
            merchant_id: None,
        }
    }
}

impl fmt::Debug for UnsignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequest")
            .field("method", &self.method)
            .field("host", &self.host)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("response_key_id", &self.response_key_id)
            .field("merchant_id", &self.merchant_id)
            .finish_non_exhaustive()
    }
}

/// Adds no headers: for the sandbox, or if an intermediary signs the requests.
///
/// The vendor's own hosts respond to such a request with 401.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct Unauthenticated;

#[async_trait]
impl RequestAuthenticator for Unauthenticated {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        Ok(HeaderMap::new())
    }
}
