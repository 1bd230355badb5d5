use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rsa::{self, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use payment_credentials_core::{BuildError, KeyId};
use zeroize::Zeroizing;

use crate::algorithm::KeyAlgorithm;
use crate::key_unwrap::ContentKey;
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
    /// The lengths that a modulus may have.
    pub(crate) const BYTES: RangeInclusive<usize> = 256..=1024;

    /// Reads the content of a PEM file: PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE
    /// KEY`), with nothing but certificates and public keys beside the one private key.
    ///
    /// [`Keystore::read`] reads all other files, and encrypted ones.
    ///
    /// [`Keystore::read`]: crate::Keystore::read
    ///
    /// The given bytes are the caller's to wipe.
    ///
    /// ```
    /// use payment_credentials_jose::PrivateKey;
    ///
    /// let error = PrivateKey::from_pem(b"-----BEGIN CERTIFICATE-----").expect_err("no key");
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
    pub fn from_pem(file: &[u8]) -> Result<Self, BuildError> {
        Self::new(&rsa_key::from_pem(file)?)
    }

    /// Reads a PKCS#8 or PKCS#1 key in DER, not encrypted.
    ///
    /// The given bytes are the caller's to wipe.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what is wrong with the key.
    pub fn from_der(der: &[u8]) -> Result<Self, BuildError> {
        Self::new(&rsa_key::import(der)?)
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

    /// The length of what is encrypted for the key.
    pub(crate) fn bytes(&self) -> usize {
        self.key.key_size_bytes()
    }

    /// The content key, unless anything at all is wrong.
    pub(crate) fn unwrap_key(
        &self,
        algorithm: KeyAlgorithm,
        encrypted: &[u8],
    ) -> Option<ContentKey> {
        ContentKey::new(self.decrypt(algorithm, encrypted)?).ok()
    }

    /// What is encrypted, of whatever length; under no label, as JOSE has it.
    fn decrypt(&self, algorithm: KeyAlgorithm, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        #[cfg(test)]
        crate::counted::key_used();
        let mut buffer = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let key = self
            .key
            .decrypt(algorithm.oaep(), encrypted, &mut buffer, None);
        Some(Zeroizing::new(key.ok()?.to_vec()))
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
    use crate::wycheproof::{bytes, groups, text, vectors};

    /// How many decrypt, and how many don't.
    fn run(algorithm: KeyAlgorithm, vectors: &str, is_ours: bool) -> (usize, usize) {
        let (mut opened, mut refused) = (0, 0);
        for group in groups(vectors) {
            let pem = text(&group, "privateKeyPem");
            let key = PrivateKey::from_pem(pem.as_bytes()).expect("a key");
            for test in group["tests"].as_array().expect("tests") {
                let decrypted = key.decrypt(algorithm, &bytes(test, "ct"));
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
        let (sha1, sha256) = (KeyAlgorithm::RsaOaep, KeyAlgorithm::RsaOaep256);
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
        // Mixed hashes are neither.
        let vectors = vectors!("rsa_oaep_2048_sha256_mgf1sha1");
        assert_eq!(run(sha256, vectors, false).0, 0);
        assert_eq!(run(sha1, vectors, false).0, 0);
    }
}
