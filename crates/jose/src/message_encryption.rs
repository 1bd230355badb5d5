use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use payment_credentials_core::seam::MessageEncryption;
use payment_credentials_core::secret::SecretBytes;
use payment_credentials_core::wire::{Envelope, ResponseBody};
use payment_credentials_core::{
    ConfiguredKey, EncryptionError, EncryptionErrorKind, Jwe, KeyId, KeyPurpose, Repeatability,
};
use zeroize::{Zeroize as _, Zeroizing};

use crate::key_unwrap::{ContentKey, KeyUnwrap, UnwrapError, WrappedKey};
use crate::opener::{JweOpener, OpenError};
use crate::recipient::Recipient;
use crate::response_keyring::ResponseKeyring;

/// Message-level encryption (MLE): encrypts request bodies, and opens encrypted responses.
///
/// Both directions are off until they are turned on, each by a method of its own. It needs an authenticator
/// that carries it; with any other, a gateway can't be built. A clone shares the keys.
///
/// ```
/// use payment_credentials_jose::{JweMessageEncryption, Recipient, ResponseKeyring};
///
/// fn both(recipient: Recipient, keys: ResponseKeyring) -> JweMessageEncryption {
///     JweMessageEncryption::default()
///         .sealing_for(recipient)
///         .opening_with(keys)
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct JweMessageEncryption {
    recipient: Option<Recipient>,
    responses: Option<Responses>,
    in_the_clear: InTheClear,
}

/// The key id that requests name for encrypted responses, and the keys that open them.
#[derive(Clone, Debug)]
struct Responses {
    asked_for: KeyId,
    listed: Vec<ConfiguredKey>,
    opener: JweOpener,
}

/// Whether credentials are accepted that only TLS encrypts.
#[derive(Clone, Copy, Debug, Default)]
enum InTheClear {
    Accepted,
    #[default]
    Refused,
}

impl JweMessageEncryption {
    /// Encrypts requests: each body becomes `{"encryptedRequest": JWE}`.
    #[must_use]
    pub fn sealing_for(mut self, recipient: Recipient) -> Self {
        self.recipient = Some(recipient);
        self
    }

    /// Requests encrypted responses and opens them with keys in memory.
    ///
    /// The credentials in a response are encrypted in any case, so this API needs the second layer only if
    /// the service requires it.
    #[must_use]
    pub fn opening_with(mut self, keys: ResponseKeyring) -> Self {
        self.responses = Some(Responses {
            asked_for: keys.key_id().clone(),
            listed: keys.configured_keys(),
            opener: JweOpener::doing(KeyPurpose::OpenResponses, keys.into_ring()),
        });
        self
    }

    /// Requests encrypted responses for this key id, and opens them with a key in a KMS or an HSM.
    ///
    /// The key must be the response key, not that of payment credentials. An implementation that serves
    /// both kinds distinguishes them by [`WrappedKey::purpose`](crate::WrappedKey::purpose).
    #[must_use]
    pub fn opening_elsewhere(mut self, key_id: KeyId, keys: impl KeyUnwrap + 'static) -> Self {
        self.responses = Some(Responses {
            listed: vec![ConfiguredKey::new(
                KeyPurpose::OpenResponses,
                Some(key_id.clone()),
            )],
            asked_for: key_id,
            opener: JweOpener::doing(KeyPurpose::OpenResponses, keys),
        });
        self
    }

    /// Accepts credentials as plain JSON, which only TLS encrypts.
    ///
    /// By default they are rejected: an attacker who can make the service omit the encryption could read
    /// card data wherever TLS ends. Turn this on only if the service sends such responses for your merchant
    /// account.
    #[must_use]
    pub fn accepting_credentials_in_the_clear(mut self) -> Self {
        self.in_the_clear = InTheClear::Accepted;
        self
    }

    fn not_encrypted(&self, body: Bytes) -> ResponseBody {
        match self.in_the_clear {
            InTheClear::Accepted => ResponseBody::Decrypted(taken(body)),
            InTheClear::Refused => ResponseBody::Received(body),
        }
    }
}

#[async_trait]
impl MessageEncryption for JweMessageEncryption {
    fn is_active(&self) -> bool {
        self.recipient.is_some() || self.responses.is_some()
    }

    fn response_key_id(&self) -> Option<KeyId> {
        let responses = self.responses.as_ref()?;
        Some(responses.asked_for.clone())
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let recipient = self.recipient.iter().map(Recipient::configured_key);
        let responses = self.responses.iter().flat_map(|keys| keys.listed.clone());
        recipient.chain(responses).collect()
    }

    async fn seal(&self, body: Bytes, now: SystemTime) -> Result<Bytes, EncryptionError> {
        match &self.recipient {
            None => Ok(body),
            Some(recipient) => recipient.seal(&body, now),
        }
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        match Envelope::of(&body) {
            Envelope::Encrypted(text) => {
                let opened = match &self.responses {
                    Some(responses) => open(&responses.opener, &text).await,
                    None => not_requested(&text).await,
                };
                opened.map(ResponseBody::Decrypted)
            }
            Envelope::Other => Ok(self.not_encrypted(body)),
            Envelope::Malformed | _ => Err(malformed()),
        }
    }
}

/// Opens one layer. The codec accepts JSON or a JWE inside of it, and no third layer.
async fn open(opener: &JweOpener, text: &str) -> Result<SecretBytes, EncryptionError> {
    let refused = |cause| error(EncryptionErrorKind::Jwe, Repeatability::Never, cause);
    let jwe: Jwe = text.parse().map_err(|cause| refused(Box::new(cause)))?;
    opener.open_bytes(&jwe).await.map_err(|cause| match cause {
        OpenError::Decrypt(tried) => {
            let error = EncryptionError::new(EncryptionErrorKind::Decrypt, Repeatability::Never);
            error.with_source(tried)
        }
        OpenError::KeyService {
            repeatability,
            source,
        } => error(EncryptionErrorKind::KeyService, repeatability, source),
        OpenError::Jwe(refusal) => refused(Box::new(refusal)),
    })
}

/// The error for an encrypted response that was not requested; its cause names the key that would open it.
async fn not_requested(text: &str) -> Result<SecretBytes, EncryptionError> {
    let opener = JweOpener::doing(KeyPurpose::OpenResponses, NoKey);
    open(&opener, text).await.map_err(|cause| {
        error(
            EncryptionErrorKind::Unexpected,
            Repeatability::Never,
            Box::new(cause),
        )
    })
}

#[derive(Debug)]
struct NoKey;

#[async_trait]
impl KeyUnwrap for NoKey {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        Err(wrapped.not_configured([]))
    }
}

fn error(
    fault: EncryptionErrorKind,
    repeatability: Repeatability,
    cause: Box<dyn std::error::Error + Send + Sync>,
) -> EncryptionError {
    EncryptionError::new(fault, repeatability).with_source(cause)
}

fn malformed() -> EncryptionError {
    let rule =
        "an encrypted response must have exactly one member, encryptedResponse, which holds a JWE";
    error(
        EncryptionErrorKind::Unexpected,
        Repeatability::Never,
        rule.into(),
    )
}

/// Copies the body into a buffer that is wiped on drop; wipes the received bytes now, unless someone else
/// holds them.
fn taken(body: Bytes) -> SecretBytes {
    let copy = Zeroizing::new(body.to_vec());
    if let Ok(mut received) = body.try_into_mut() {
        received.zeroize();
    }
    copy.into()
}
