use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::rand;
use payment_credentials_core::{KeyId, KeyPurpose};
use zeroize::Zeroizing;

use crate::algorithm::KeyAlgorithm;
use crate::jwe_error::{HeaderText, JweError, KeyIds};

/// What a boxed cause of another trust zone is.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// Unwraps the content key of a JWE, wherever the private key lives.
///
/// [`Keyring`](crate::Keyring) implements it for keys in memory. Implement it where the private
/// key never leaves a KMS or an HSM; header and shape have been validated before it is asked.
///
/// # Contract
///
/// - **the algorithm that is asked for**: [`WrappedKey::algorithm`] and no other, with an empty
///   label. It is RSA-OAEP-256 unless the opener [accepts](crate::JweOpener::accepting) more.
/// - **one failure**: whatever goes wrong inside the cryptography is [`UnwrapError::Failed`],
///   also a ciphertext that the key service calls invalid. The opener puts a random key in its
///   place and fails later, alike for all.
/// - **ends by itself**: one that does I/O bounds every call.
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
    /// [`UnwrapError`], which says whether it was the JWE or the key service.
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError>;

    /// How many keys without a key id are tried for this JWE, because it names no key or none of the
    /// configured ones: for the error of a JWE that doesn't open. By default 0.
    fn tried_without_id(&self, _wrapped: &WrappedKey) -> usize {
        0
    }
}

/// Implements the seam for a pointer to it.
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

/// An encrypted content key, and the name of the key that it is encrypted for.
#[derive(Clone)]
pub struct WrappedKey {
    purpose: KeyPurpose,
    algorithm: KeyAlgorithm,
    kid: Option<Box<str>>,
    encrypted: Arc<[u8]>,
}

impl WrappedKey {
    /// Joins what is to be opened, a header's `alg`, its `kid`, if it has one, and an encrypted key.
    #[must_use]
    pub fn new(
        purpose: KeyPurpose,
        algorithm: KeyAlgorithm,
        kid: Option<&str>,
        encrypted: &[u8],
    ) -> Self {
        Self {
            purpose,
            algorithm,
            kid: kid.map(Into::into),
            encrypted: encrypted.into(),
        }
    }

    /// Which kind of key it takes: that of payment credentials, or that of encrypted responses.
    #[must_use]
    pub fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// How the key is encrypted; one that the opener accepts.
    #[must_use]
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The key id in the header (`kid`).
    ///
    /// Any text of up to 4 KiB: compare it, and don't log it or use it in a path. Compare with
    /// [`KeyId::names`](payment_credentials_core::KeyId::names), for the vendor writes hex in
    /// either case.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The encrypted key: as long as the modulus of the key that opens it.
    #[must_use]
    pub fn encrypted_key(&self) -> &[u8] {
        &self.encrypted
    }

    /// The error for a `kid` that names none of these keys, fit for a log line.
    #[must_use]
    pub fn not_configured<'a>(
        &self,
        configured: impl IntoIterator<Item = &'a KeyId>,
    ) -> UnwrapError {
        UnwrapError::Refused(JweError::KeyNotConfigured {
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
    const LENGTHS: [usize; 2] = [16, 32];

    /// Takes ownership of a content key. Its length must be that of the JWE's `enc`, or the JWE
    /// won't open.
    ///
    /// # Errors
    ///
    /// [`UnwrapError::Failed`] if it has neither 16 nor 32 bytes; it is wiped then, too.
    pub fn new(key: Zeroizing<Vec<u8>>) -> Result<Self, UnwrapError> {
        if Self::LENGTHS.contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(UnwrapError::Failed)
        }
    }

    /// A key that opens nothing, to stand in for one that doesn't unwrap.
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
    /// The key service doesn't let us use the key: trying again can't help.
    #[error("the key service refuses")]
    Denied(#[source] Source),
    /// The key doesn't unwrap it. The error gives no reason, on purpose.
    #[error("the content key does not unwrap")]
    Failed,
    /// There is no such key, or the encrypted key can't be for it: found before any key was used.
    #[error(transparent)]
    Refused(JweError),
    /// The key service is down or throttles: trying again may help.
    #[error("the key service is not available")]
    Unavailable(#[source] Source),
}
