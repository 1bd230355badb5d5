use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use payment_credentials_core::BuildError;
use thiserror::Error;

use crate::private_key::PrivateKey;
use crate::rsa_key;

/// An RSA private key of 2048 to 8192 bits that signs, checked and ready for use.
///
/// Making one takes about a third of a millisecond: make it once. A clone shares the key. `Debug`
/// shows the size.
#[derive(Clone)]
pub struct SigningKey(Arc<rsa::KeyPair>);

impl SigningKey {
    /// Reads the content of a PEM file, as [`PrivateKey::from_pem`] does.
    ///
    /// [`PrivateKey::from_pem`]: crate::PrivateKey::from_pem
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what the file holds instead and what to do about it.
    pub fn from_pem(file: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        Ok(Self::new(rsa_key::from_pem(file.as_ref())?))
    }

    /// Reads a PKCS#8 or PKCS#1 key in DER, not encrypted.
    ///
    /// The given bytes are the caller's to wipe.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what is wrong with the key, or what the file holds instead.
    pub fn from_der(der: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        Ok(Self::new(rsa_key::from_der(der.as_ref())?))
    }

    /// Signs with RS256: RSASSA-PKCS1-v1_5 over SHA-256 (RFC 7518 §3.3).
    ///
    /// Holds a core for about a millisecond. The signature is as long as the modulus.
    ///
    /// # Errors
    ///
    /// [`SigningError`], if the cryptography library fails, which isn't expected.
    pub fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        // This padding isn't randomized; the library's API asks for a source all the same.
        let random = SystemRandom::new();
        let signed = self
            .0
            .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
        match signed {
            Ok(()) => Ok(signature),
            // The library's error carries no detail.
            Err(_) => Err(SigningError),
        }
    }

    /// The length of the modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.0.public_modulus_len() * 8
    }

    pub(crate) fn new(key: rsa::KeyPair) -> Self {
        Self(Arc::new(key))
    }

    /// The same key, for opening what is encrypted for it.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if the cryptography library takes the key for signing alone.
    pub fn to_private_key(&self) -> Result<PrivateKey, BuildError> {
        PrivateKey::new(&self.0)
    }

    /// The public half, as PKCS#1 encodes it.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("bits", &self.bits())
            .finish_non_exhaustive()
    }
}

/// Signing failed inside of the cryptography library.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the cryptography library failed to sign")]
#[non_exhaustive]
pub struct SigningError;
