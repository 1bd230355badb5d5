use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::rand;
use payment_credentials_core::{KeyId, KeyPurpose};
use zeroize::Zeroizing;

use crate::algorithm::{ContentAlgorithm, KeyAlgorithm};
use crate::jwe_error::{HeaderText, JweError, KeyIds};

/// The boxed cause of an error from another trust zone.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// Unwraps the content key of a JWE, whether the private key is in memory or in a key service.
///
/// [`Keyring`](crate::Keyring) implements it for keys in memory. Implement it for a private key that never
/// leaves a KMS or an HSM. The opener has validated header and form of the JWE before it calls this.
///
/// # Contract
///
/// - **the algorithm that is asked for**: it uses [`WrappedKey::algorithm`] and no other, with an empty
///   label. That is RSA-OAEP-256 unless the opener [accepts](crate::JweOpener::accepting) more.
/// - **one failure**: every failure of a cryptographic operation is [`UnwrapError::Failed`], and so is a
///   ciphertext that the key service reports as invalid. The opener then uses a random key instead and
///   fails later, in the same way for every cause.
/// - **ends by itself**: an implementation that does I/O limits the time of every call.
/// - **no secret in an error**: a cause shows neither keys nor ciphertext.
///
/// ```
/// use payment_credentials_core::KeyId;
/// use payment_credentials_jose::{
///     ContentKey, KeyAlgorithm, KeyUnwrap, UnwrapError, WrappedKey,
/// };
/// # #[derive(Debug)] struct Kms;
/// # #[derive(Debug)] enum KmsError { InvalidCiphertext, AccessDenied, Throttled }
/// # impl std::fmt::Display for KmsError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("KMS") }
/// # }
/// # impl std::error::Error for KmsError {}
/// # impl Kms {
/// #     async fn decrypt(&self, _: &str, _: KeyAlgorithm, _: &[u8]) -> Result<Vec<u8>, KmsError> { Ok(vec![0; 32]) }
/// # }
///
/// #[derive(Debug)]
/// struct KeyInKms {
///     kms: Kms,
///     key_id: KeyId,
/// }
///
/// #[async_trait::async_trait]
/// impl KeyUnwrap for KeyInKms {
///     async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
///         let key = match wrapped.kid() {
///             Some(kid) if self.key_id.names(kid) => "alias/payment-credentials",
///             _ => return Err(wrapped.not_configured([&self.key_id])),
///         };
///         let (algorithm, encrypted) = (wrapped.algorithm(), wrapped.encrypted_key());
///         match self.kms.decrypt(key, algorithm, encrypted).await {
///             Ok(content_key) => ContentKey::new(content_key.into()),
///             Err(KmsError::InvalidCiphertext) => Err(UnwrapError::Failed),
///             Err(error @ KmsError::AccessDenied) => Err(UnwrapError::Denied(error.into())),
///             Err(error @ KmsError::Throttled) => Err(UnwrapError::Unavailable(error.into())),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait KeyUnwrap: fmt::Debug + Send + Sync {
    /// Unwraps one content key.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`], which distinguishes a failure of the JWE from one of the key service.
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError>;

    /// The number of keys without a key id that are tried for this JWE, because it names no key or none of
    /// the configured ones. The error of a JWE that doesn't open reports it. By default 0.
    fn tried_without_id(&self, _wrapped: &WrappedKey) -> usize {
        0
    }
}

/// Implements the trait for a pointer to an implementation.
macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<K: KeyUnwrap + ?Sized> KeyUnwrap for $pointer<K> {
            async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
                (**self).unwrap_key(wrapped).await
            }

            fn tried_without_id(&self, wrapped: &WrappedKey) -> usize {
                (**self).tried_without_id(wrapped)
            }
        }
    )+};
}

forward!(Arc, Box);

/// An encrypted content key, and the id of the key that it is encrypted for.
#[derive(Clone)]
pub struct WrappedKey {
    purpose: KeyPurpose,
    algorithm: KeyAlgorithm,
    kid: Option<Box<str>>,
    encrypted: Arc<[u8]>,
}

impl WrappedKey {
    /// Joins the purpose of the key, a header's `alg`, its `kid` if it has one, and an encrypted key.
    #[must_use]
    pub fn new(
        purpose: KeyPurpose,
        algorithm: KeyAlgorithm,
        kid: Option<&str>,
        encrypted: &[u8],
    ) -> Self {
        Self::of(purpose, algorithm, kid.map(Into::into), encrypted.into())
    }

    /// The same of owned parts.
    pub(crate) fn of(
        purpose: KeyPurpose,
        algorithm: KeyAlgorithm,
        kid: Option<Box<str>>,
        encrypted: Arc<[u8]>,
    ) -> Self {
        Self {
            purpose,
            algorithm,
            kid,
            encrypted,
        }
    }

    /// The kind of key that unwraps it: the key of payment credentials, or that of encrypted responses.
    #[must_use]
    pub fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// The algorithm that encrypts the key; the opener accepts it.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The key id in the header (`kid`).
    ///
    /// The text may be anything of up to 4 KiB: don't log it, and don't use it in a path. Compare it by
    /// [`KeyId::names`](payment_credentials_core::KeyId::names), since the vendor writes hex in either
    /// case.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The encrypted key, which is as long as the modulus of the key that opens it.
    #[must_use]
    pub fn encrypted_key(&self) -> &[u8] {
        &self.encrypted
    }

    /// The encrypted key, for work on another thread.
    pub(crate) fn shared_encrypted_key(&self) -> Arc<[u8]> {
        Arc::clone(&self.encrypted)
    }

    /// The error for a `kid` that names none of these keys; safe to log.
    #[must_use]
    pub fn not_configured<'a>(
        &self,
        configured: impl IntoIterator<Item = &'a KeyId>,
    ) -> UnwrapError {
        UnwrapError::Jwe(JweError::KeyNotConfigured {
            purpose: self.purpose,
            kid: HeaderText::of(self.kid()),
            configured: KeyIds::new(configured),
        })
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrappedKey")
            .field("purpose", &self.purpose)
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid().map(|kid| HeaderText::of(Some(kid))))
            .field("encrypted", &format_args!("{} bytes", self.encrypted.len()))
            .finish()
    }
}

/// A content key: 32 bytes, or 16 for A128GCM; wiped on drop.
pub struct ContentKey(Zeroizing<Vec<u8>>);

impl ContentKey {
    /// Takes ownership of a content key. If its length isn't that of the JWE's `enc`, the JWE won't open.
    ///
    /// # Errors
    ///
    /// [`UnwrapError::Failed`] if the key has neither 16 nor 32 bytes; the key is wiped then, too.
    pub fn new(key: Zeroizing<Vec<u8>>) -> Result<Self, UnwrapError> {
        let lengths = ContentAlgorithm::ALL
            .iter()
            .map(|content| content.aead().key_len());
        if lengths.into_iter().any(|len| len == key.len()) {
            Ok(Self(key))
        } else {
            Err(UnwrapError::Failed)
        }
    }

    /// A random key that opens nothing, used in place of one that doesn't unwrap.
    pub(crate) fn random(len: usize) -> Result<Self, UnwrapError> {
        let mut key = Zeroizing::new(vec![0; len]);
        match rand::fill(&mut key) {
            Ok(()) => Ok(Self(key)),
            Err(_says_nothing) => Err(UnwrapError::Unavailable(
                "the system's source of randomness failed".into(),
            )),
        }
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(redacted)")
    }
}

/// Why a content key could not be unwrapped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// The key service denies the use of the key: a later attempt can't help.
    #[error("the key service denies the use of the key")]
    Denied(#[source] Source),
    /// The key doesn't unwrap the content key. The error deliberately gives no reason.
    #[error("the private key doesn't decrypt the JWE's content key")]
    Failed,
    /// There is no such key, or the encrypted key doesn't fit it; found before any key was used.
    #[error(transparent)]
    Jwe(JweError),
    /// The key service is down or throttles: a later attempt may help.
    #[error("the key service is not available")]
    Unavailable(#[source] Source),
}
