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
/// Called afresh for each attempt, so that a retry carries a new date and a new nonce. A KMS or
/// HSM can stand behind it; private-key work in this process belongs on an
/// [`Offload`](super::Offload).
#[async_trait]
pub trait RequestAuthenticator: fmt::Debug + Send + Sync {
    /// Whether a request signed this way may carry message-level encryption.
    ///
    /// HTTP Signature can't. [`KeySet`](super::KeySet) refuses the combination when it is built:
    /// a request that should be encrypted is never sent in the clear.
    fn carries_mle(&self) -> bool;

    /// Whether it can make a request in the name of another merchant: a MetaKey's signer can.
    ///
    /// One that says so must put [`UnsignedRequest::merchant_id`] in place of its own merchant;
    /// [`Gateway`](crate::Gateway) never asks one that doesn't.
    fn acts_for(&self, merchant_id: &MerchantId) -> bool;

    /// The merchant that it makes requests for where no other is named; `None` where it doesn't know.
    ///
    /// [`Gateway::replace_keys`](crate::Gateway::replace_keys) rejects keys of another merchant by it.
    fn merchant_id(&self) -> Option<MerchantId> {
        None
    }

    /// The keys that it signs with, for an inventory.
    fn keys(&self) -> Vec<ConfiguredKey>;

    /// The headers to add; `now` is the time to sign with.
    ///
    /// # Errors
    ///
    /// [`AuthError`] where the signer, here or elsewhere, failed.
    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError>;
}

/// What an authenticator signs.
///
/// `Debug` shows no body: it holds personal data.
#[derive(Clone)]
#[non_exhaustive]
pub struct UnsignedRequest {
    /// The method.
    pub method: Method,
    /// The host as it is to be signed: lower case, no scheme, and no port unless the endpoint
    /// [says so](crate::SignedHost).
    pub host: Box<str>,
    /// The path, as it is sent.
    pub path: Box<str>,
    /// The body, byte for byte as it is sent; encrypted, if message-level encryption is on.
    pub body: Bytes,
    /// The key that a response should be encrypted for, if response encryption is asked for.
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

/// Adds nothing: for the sandbox, and where something in between signs.
///
/// The vendor's own hosts answer 401 to it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct Unauthenticated;

#[async_trait]
impl RequestAuthenticator for Unauthenticated {
    fn carries_mle(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn keys(&self) -> Vec<ConfiguredKey> {
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
