use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rsa::{
    self, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    PrivateDecryptingKey,
};
use payment_credentials_core::{BuildError, KeyId};
use zeroize::Zeroizing;

use crate::rsa_key::{self, refused};

/// An RSA private key of 2048 to 8192 bits, checked and ready for use.
///
/// Making one takes about a third of a millisecond: make it once. A clone shares the key. `Debug`
/// shows the key id and the size.
#[derive(Clone)]
pub struct PrivateKey {
    key: Arc<OaepPrivateDecryptingKey>,
    key_id: Option<KeyId>,
}

impl PrivateKey {
    /// The lengths that a modulus may have, in bytes.
    pub const MODULUS_BYTES: RangeInclusive<usize> = 256..=1024;

    /// Reads the content of a PEM file, text or bytes: PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE
    /// KEY`), with nothing but certificates and public keys beside the one private key.
    ///
    /// [`Keystore::read`] reads all other files, and encrypted ones.
    ///
    /// [`Keystore::read`]: crate::Keystore::read
    ///
    /// The given bytes are the caller's to wipe.
    ///
    /// ```
    /// use payment_credentials_keys::PrivateKey;
    ///
    /// let error = PrivateKey::from_pem("-----BEGIN CERTIFICATE-----").expect_err("no key");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "private key is not usable: this file holds a certificate; \
    ///      give the private key that belongs to it",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what the file holds instead and what to do about it. It never
    /// repeats any of the file.
    pub fn from_pem(file: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        Self::new(&rsa_key::from_pem(file.as_ref())?)
    }

    /// Reads a PKCS#8 or PKCS#1 key in DER, not encrypted.
    ///
    /// The given bytes are the caller's to wipe.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what is wrong with the key, or what the file holds instead.
    pub fn from_der(der: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        Self::new(&rsa_key::from_der(der.as_ref())?)
    }

    pub(crate) fn new(key: &rsa::KeyPair) -> Result<Self, BuildError> {
        let key = decrypting(key).map_err(refused)?;
        Ok(Self {
            key: Arc::new(key),
            key_id: None,
        })
    }

    /// Names the key as the `kid` of a JWE does: the id that the service shows for it.
    #[must_use]
    pub fn with_key_id(mut self, key_id: KeyId) -> Self {
        self.key_id = Some(key_id);
        self
    }

    /// The key's name, if it was given one.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The length of the modulus.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.key_size_bits()
    }

    /// The length of the modulus in bytes, and of whatever is encrypted for the key.
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.key.key_size_bytes()
    }

    /// Decrypts with RSAES-OAEP under an empty label, as JOSE does (RFC 7518 §4.3).
    ///
    /// `None` for every failure. Never show anyone that it failed, in text or in time: that would make
    /// the key decrypt for strangers (RFC 7516 §11.5). It holds a core for about a millisecond.
    #[must_use]
    pub fn decrypt_oaep(&self, hash: OaepHash, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let decrypted = self
            .key
            .decrypt(hash.algorithm(), encrypted, &mut buffer, None);
        Some(Zeroizing::new(decrypted.ok()?.to_vec()))
    }
}

/// The hash of RSAES-OAEP, also of its MGF1.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OaepHash {
    /// SHA-1: the JWE algorithm `RSA-OAEP`.
    Sha1,
    /// SHA-256: the JWE algorithm `RSA-OAEP-256`.
    Sha256,
}

impl OaepHash {
    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("key_id", &self.key_id)
            .field("bits", &self.bits())
            .finish_non_exhaustive()
    }
}

/// The library decrypts with PKCS#8 keys only, and its signing keys know the way there.
fn decrypting(key: &rsa::KeyPair) -> Result<OaepPrivateDecryptingKey, KeyRejected> {
    let pkcs8: Pkcs8V1Der<'_> = key.as_der()?;
    let key = PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref())?;
    Ok(OaepPrivateDecryptingKey::new(key)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment_credentials_wycheproof::{bytes, groups, text, vectors};

    /// How many ciphertexts can be decrypted, and how many can't.
    fn run(hash: OaepHash, vectors: &str, is_ours: bool) -> (usize, usize) {
        let (mut opened, mut refused) = (0, 0);
        for group in groups(vectors) {
            let pem = text(&group, "privateKeyPem");
            let key = PrivateKey::from_pem(pem).expect("a key");
            for test in group["tests"].as_array().expect("tests") {
                let decrypted = key.decrypt_oaep(hash, &bytes(test, "ct"));
                let is_valid = text(test, "result") == "valid" && text(test, "label").is_empty();
                if is_valid && is_ours {
                    opened += 1;
                    let expected = Zeroizing::new(bytes(test, "msg"));
                    assert_eq!(decrypted, Some(expected), "{}", test["tcId"]);
                } else {
                    refused += 1;
                    assert_eq!(decrypted, None, "{}", test["tcId"]);
                }
            }
        }
        (opened, refused)
    }

    #[test]
    fn decrypts_what_wycheproof_calls_valid_and_nothing_else() {
        let (sha1, sha256) = (OaepHash::Sha1, OaepHash::Sha256);
        for vectors in [
            vectors!("rsa_oaep_2048_sha256_mgf1sha256"),
            vectors!("rsa_oaep_3072_sha256_mgf1sha256"),
            vectors!("rsa_oaep_4096_sha256_mgf1sha256"),
        ] {
            assert_eq!(run(sha256, vectors, true), (10, 27));
            assert_eq!(run(sha1, vectors, false), (0, 37));
        }
        let vectors = vectors!("rsa_oaep_2048_sha1_mgf1sha1");
        assert_eq!(run(sha1, vectors, true), (10, 26));
        assert_eq!(run(sha256, vectors, false), (0, 36));
        // Vectors with two different hashes belong to neither algorithm.
        let vectors = vectors!("rsa_oaep_2048_sha256_mgf1sha1");
        assert_eq!(run(sha256, vectors, false).0, 0);
        assert_eq!(run(sha1, vectors, false).0, 0);
    }
}
