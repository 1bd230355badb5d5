use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::credentials::PayloadError;
use payment_credentials_core::secret::SecretBytes;
use payment_credentials_core::{
    CredentialsOpener, Delivery, Jwe, KeyPurpose, PaymentCredentials, Phase, PortError,
    PortErrorKind, Repeatability, SealedContent, SealedCredentials,
};

use crate::algorithm::{Accepted, OptInAlgorithm};
use crate::compact::Compact;
use crate::jwe_error::{HeaderText, JweError};
use crate::key_unwrap::{ContentKey, KeyUnwrap, UnwrapError, WrappedKey};

/// Opens payment credentials with a [`Keyring`](crate::Keyring), or with any other [`KeyUnwrap`].
///
/// Passes credentials through that response message-level encryption returned in plaintext. A clone shares
/// the keys.
#[derive(Clone, Debug)]
pub struct JweOpener {
    purpose: KeyPurpose,
    keys: Arc<dyn KeyUnwrap>,
    accepted: Accepted,
}

impl JweOpener {
    /// Makes an opener with these keys, for RSA-OAEP-256 with A256GCM only.
    ///
    /// The first opener of a process waits about 50 ms for the first random number, so that no response has
    /// to wait for it. So make the opener when the application starts.
    #[must_use]
    pub fn new(keys: impl KeyUnwrap + 'static) -> Self {
        Self::doing(KeyPurpose::OpenCredentials, keys)
    }

    /// Makes an opener for this kind of key.
    pub(crate) fn doing(purpose: KeyPurpose, keys: impl KeyUnwrap + 'static) -> Self {
        // If the source of randomness fails, the opening that needs it reports that.
        let _ = ContentKey::random(32);
        Self {
            purpose,
            keys: Arc::new(keys),
            accepted: Accepted::default(),
        }
    }

    /// Accepts one more algorithm, besides those that are always accepted.
    ///
    /// ```
    /// use payment_credentials_jose::{JweOpener, Keyring, OptInAlgorithm};
    ///
    /// fn opener(keys: Keyring) -> JweOpener {
    ///     JweOpener::new(keys).accepting(OptInAlgorithm::RsaOaep)
    /// }
    /// ```
    #[must_use]
    pub fn accepting(mut self, algorithm: OptInAlgorithm) -> Self {
        self.accepted.add(algorithm);
        self
    }

    /// Opens a JWE with any content, and returns the plaintext unchanged.
    ///
    /// # Errors
    ///
    /// [`OpenError`], which holds nothing of the plaintext.
    pub async fn open_bytes(&self, jwe: &Jwe) -> Result<SecretBytes, OpenError> {
        let compact =
            Compact::validate(jwe, self.accepted, self.purpose).map_err(OpenError::Jwe)?;
        let wrapped = compact.wrapped_key();
        // Not by the pointer's own implementation, which would box a second future.
        let keys = &*self.keys;
        let tried = || KeysTried::of(wrapped, keys.tried_without_id(wrapped));
        // Drawn even if it isn't needed, so that success and failure take the same time.
        let stand_in =
            ContentKey::random(compact.key_len()).map_err(|error| OpenError::of(error, tried))?;
        let content_key = match keys.unwrap_key(wrapped).await {
            Ok(key) if key.expose().len() == compact.key_len() => key,
            Ok(_) | Err(UnwrapError::Failed) => stand_in,
            Err(error) => return Err(OpenError::of(error, tried)),
        };
        let opened = compact.open(&content_key);
        opened.ok_or_else(|| OpenError::Decrypt(tried()))
    }
}

#[async_trait]
impl CredentialsOpener for JweOpener {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let parsed = match sealed.content() {
            SealedContent::Jwe(jwe) => {
                let plaintext = self
                    .open_bytes(jwe)
                    .await
                    .map_err(|error| error.into_port_error(sealed))?;
                PaymentCredentials::from_plaintext(plaintext.expose())
            }
            SealedContent::Plaintext(plaintext) => PaymentCredentials::from_plaintext(plaintext),
            _ => return Err(port_error(PortErrorKind::Jwe, Repeatability::Never, sealed)),
        };
        parsed.map_err(|error| not_credentials(error, sealed))
    }
}

/// Why a JWE could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The JWE doesn't open with the configured key. The source names the key that the JWE names, and
    /// deliberately gives no detail of the failure (RFC 7516 §11.5).
    #[error("the JWE does not open with the configured key")]
    Decrypt(#[source] KeysTried),
    /// The key could not be used: its service, the offload or the source of randomness failed.
    #[error("a key couldn't be used (its service, thread or randomness failed): see the cause")]
    #[non_exhaustive]
    KeyService {
        /// Whether a later attempt may help. If the caller drops the sealed response, that attempt needs
        /// another call, which can spend a second cryptogram.
        repeatability: Repeatability,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The header or the form of the JWE isn't acceptable; no key was used.
    #[error("the JWE is not acceptable")]
    Jwe(#[source] JweError),
}

/// The cause of [`OpenError::Decrypt`], for logs. `Display` shows the `kid` in the JWE's header, and how many
/// keys without a key id were tried; both depend only on the header and the configured keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeysTried {
    /// `None` if the JWE names no key.
    kid: Option<HeaderText>,
    without_id: usize,
}

impl KeysTried {
    fn of(wrapped: &WrappedKey, without_id: usize) -> Self {
        Self {
            kid: wrapped.kid().map(|kid| HeaderText::of(Some(kid))),
            without_id,
        }
    }
}

impl fmt::Display for KeysTried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "the JWE's kid is {kid}")?,
            None => f.write_str("the JWE names no key id")?,
        }
        match self.without_id {
            0 if self.kid.is_none() => {
                f.write_str("; check that the key whose public half the service has is configured")
            }
            0 => f.write_str("; check that the private key of that key id is configured under it"),
            1 => f.write_str(
                "; the one key without a key id was tried; give it the key id that the service shows",
            ),
            tried => write!(
                f,
                "; {tried} keys without a key id were tried; give each the key id that the service shows"
            ),
        }
    }
}

impl std::error::Error for KeysTried {}

impl OpenError {
    fn of(error: UnwrapError, tried: impl FnOnce() -> KeysTried) -> Self {
        match error {
            UnwrapError::Denied(source) => Self::KeyService {
                repeatability: Repeatability::Never,
                source,
            },
            UnwrapError::Failed => Self::Decrypt(tried()),
            UnwrapError::Jwe(refusal) => Self::Jwe(refusal),
            UnwrapError::Unavailable(source) => Self::KeyService {
                repeatability: Repeatability::MayRepeat,
                source,
            },
        }
    }

    fn into_port_error(self, sealed: &SealedCredentials) -> PortError {
        match self {
            Self::Decrypt(tried) => {
                port_error(PortErrorKind::Decrypt, Repeatability::Never, sealed).with_source(tried)
            }
            Self::KeyService {
                repeatability,
                source,
            } => port_error(PortErrorKind::KeyService, repeatability, sealed).with_source(source),
            Self::Jwe(refusal) => {
                port_error(PortErrorKind::Jwe, Repeatability::Never, sealed).with_source(refusal)
            }
        }
    }
}

fn not_credentials(error: PayloadError, sealed: &SealedCredentials) -> PortError {
    port_error(PortErrorKind::Payload, Repeatability::Never, sealed).with_source(error)
}

/// The response has come, so a cryptogram may have been spent; the response's head identifies the call.
fn port_error(
    kind: PortErrorKind,
    repeatability: Repeatability,
    sealed: &SealedCredentials,
) -> PortError {
    PortError::new(
        kind,
        Delivery::Answered,
        Phase::OpenCredentials,
        repeatability,
    )
    .with_head(sealed.head().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment_credentials_keys::PrivateKey;

    use crate::counted;
    use crate::keyring::Keyring;

    macro_rules! vector {
        ($file:literal) => {
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../tests/vectors/jwe/",
                $file
            ))
        };
    }

    /// An opener with two keys of the same size, in this order.
    fn opener(pems: [&str; 2]) -> JweOpener {
        let keys = pems.map(|pem| PrivateKey::from_pem(pem).expect("a key"));
        JweOpener::new(Keyring::new(keys).expect("a keyring"))
    }

    /// A different amount of work would reveal through its time which key opened the JWE, or that
    /// none did.
    #[test]
    fn whichever_key_opens_or_none_the_work_is_the_same() {
        let ours = vector!("keys/merchant.pkcs8.pem");
        let next = vector!("keys/merchant-next.pkcs8.pem");
        let jwe: Jwe = vector!("opens/jose-visa-v3/token.jwe")
            .trim()
            .parse()
            .expect("a JWE");
        for (pems, opens) in [
            ([ours, next], true),
            ([next, ours], true),
            ([next, next], false),
        ] {
            let opener = opener(pems);
            counted::taken();
            let result = pollster::block_on(opener.open_bytes(&jwe));
            assert_eq!(result.is_ok(), opens);
            assert_eq!(counted::taken(), (2, 1));
        }
    }
}
