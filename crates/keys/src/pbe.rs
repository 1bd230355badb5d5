//! Decrypts what a password encrypts in key files and keystores.
//!
//! Two generations are in use: PBES2 (RFC 8018), and the schemes of PKCS#12 itself (RFC 7292
//! appendix B and C). The file says how much work deriving a key takes, so the work is bounded
//! before any is done.

mod cipher;
mod pkcs12_kdf;

use std::num::NonZeroU32;

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use aws_lc_rs::pbkdf2;
use payment_credentials_core::BuildError;
use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::ber::{OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};
use crate::keystore_error::KeystoreError;

pub(crate) use pkcs12_kdf::{Purpose, derive};

use cipher::Cipher;

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// The schemes of PKCS#12 differ in their last byte.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// The HMACs differ in their last byte, too.
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];

pub(crate) const BROKEN: &str = "is not usable: its structure is broken; copy it again, as binary";
const MISSING: &str = "is missing: this file is encrypted; give the one that was set when it was \
                       made";
const ITERATIONS: &str = "is not usable: it asks for 0 or over 2000000 iterations of key derivation; make \
                      it again with fewer";
const SALT: &str = "is not usable: it has a salt of over 64 KiB; make it again with a short one";
const TOO_MUCH: &str = "is not usable: it asks for over 8000000 iterations of key derivation \
                        altogether; make it again with fewer";
const UNSUPPORTED: &str = "is not usable: it is sealed or encrypted in a way that isn't supported; \
                           make it again with PBES2, AES-256 and SHA-256";
const WRONG: &str = "is wrong; files that the service made before 2024 have the merchant id for a \
                     password";

/// A password, and how much work its file may still ask for.
pub(crate) struct Unlock<'a> {
    password: Option<&'a Password>,
    iterations_left: u32,
}

impl<'a> Unlock<'a> {
    /// The most iterations for one key.
    const MAX_ITERATIONS: u32 = 2_000_000;
    /// The most iterations for one file.
    const MAX_ALL_ITERATIONS: u32 = 8_000_000;
    const MAX_SALT: usize = 64 * 1024;

    pub(crate) fn new(password: Option<&'a Password>) -> Self {
        Self {
            password,
            iterations_left: Self::MAX_ALL_ITERATIONS,
        }
    }

    /// Decrypts a PKCS#8 key (RFC 5958 §3: algorithm, encrypted key).
    pub(crate) fn key(&mut self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let mut parts = Reader::new(encrypted).enter(SEQUENCE).ok_or_else(broken)?;
        let algorithm = parts.enter(SEQUENCE).ok_or_else(broken)?;
        let encrypted = parts.octets().ok_or_else(broken)?;
        self.decrypt(algorithm, encrypted)
    }

    /// Decrypts under what an algorithm identifier says.
    pub(crate) fn decrypt(
        &mut self,
        mut algorithm: Reader<'_>,
        encrypted: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let name = algorithm.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        let parameters = algorithm.enter(SEQUENCE).ok_or_else(unsupported)?;
        let decrypted = if name == PBES2 {
            self.pbes2(parameters, encrypted)
        } else {
            self.pkcs12(name, parameters, encrypted)
        };
        // After decryption with a wrong key, about one padding in 256 is valid by chance.
        let is_sequence = |clear: &Zeroizing<Vec<u8>>| Reader::new(clear).enter(SEQUENCE).is_some();
        decrypted?.filter(is_sequence).ok_or_else(wrong)
    }

    /// The password, encoded as PKCS#12 has it: UTF-16 with a zero at its end.
    pub(crate) fn encoded(&self) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let password = self.password()?;
        // Of the right size at once: what a growing vector leaves behind isn't wiped.
        let mut encoded = Zeroizing::new(Vec::with_capacity(2 * password.len() + 2));
        for unit in password.encode_utf16() {
            encoded.extend_from_slice(&unit.to_be_bytes());
        }
        encoded.extend_from_slice(&[0, 0]);
        Ok(encoded)
    }

    /// Validates the work that a file asks for, before it is done.
    pub(crate) fn spend(
        &mut self,
        salt: &[u8],
        iterations: u32,
    ) -> Result<NonZeroU32, KeystoreError> {
        if salt.len() > Self::MAX_SALT {
            return Err(unusable(SALT));
        }
        let iterations = NonZeroU32::new(iterations)
            .filter(|iterations| iterations.get() <= Self::MAX_ITERATIONS)
            .ok_or_else(|| unusable(ITERATIONS))?;
        let left = self.iterations_left.checked_sub(iterations.get());
        self.iterations_left = left.ok_or_else(|| unusable(TOO_MUCH))?;
        Ok(iterations)
    }

    fn password(&self) -> Result<&'a str, KeystoreError> {
        self.password
            .map(Password::expose)
            .ok_or_else(|| KeystoreError::Password(BuildError::new("password", MISSING)))
    }

    /// PBES2 (RFC 8018 §6.2: key derivation, encryption scheme), with PBKDF2 alone.
    fn pbes2(
        &mut self,
        mut parameters: Reader<'_>,
        encrypted: Zeroizing<Vec<u8>>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        let mut derivation = parameters.enter(SEQUENCE).ok_or_else(broken)?;
        let mut scheme = parameters.enter(SEQUENCE).ok_or_else(broken)?;
        if derivation.content(OBJECT_IDENTIFIER) != Some(PBKDF2) {
            return Err(unsupported());
        }
        let cipher = scheme
            .content(OBJECT_IDENTIFIER)
            .and_then(Cipher::pbes2)
            .ok_or_else(unsupported)?;
        let iv = scheme.content(OCTET_STRING).ok_or_else(broken)?;

        let mut derivation = derivation.enter(SEQUENCE).ok_or_else(broken)?;
        let salt = derivation.octets().ok_or_else(broken)?;
        let iterations = derivation
            .small_integer()
            .ok_or_else(|| unusable(ITERATIONS))?;
        let iterations = self.spend(&salt, iterations)?;
        let hash = prf(derivation).ok_or_else(unsupported)?;

        let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
        pbkdf2::derive(
            hash,
            iterations,
            &salt,
            self.password()?.as_bytes(),
            &mut key,
        );
        Ok(cipher.decrypt(&key, iv, encrypted))
    }

    /// The schemes of PKCS#12 (RFC 7292 appendix C: salt, iterations).
    fn pkcs12(
        &mut self,
        name: &[u8],
        mut parameters: Reader<'_>,
        encrypted: Zeroizing<Vec<u8>>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        let cipher = match name.strip_prefix(PKCS12_PBE) {
            Some([number]) => Cipher::pkcs12(*number),
            _ => None,
        };
        let cipher = cipher.ok_or_else(unsupported)?;
        let salt = parameters.octets().ok_or_else(broken)?;
        let iterations = parameters
            .small_integer()
            .ok_or_else(|| unusable(ITERATIONS))?;
        let iterations = self.spend(&salt, iterations)?;

        let password = self.encoded()?;
        let derive = |purpose, length| {
            let hash = &SHA1_FOR_LEGACY_USE_ONLY;
            derive(hash, purpose, &password, &salt, iterations, length)
        };
        let key = derive(Purpose::Key, cipher.key_len());
        let iv = derive(Purpose::Iv, cipher.block_len());
        Ok(cipher.decrypt(&key, &iv, encrypted))
    }
}

/// PBKDF2's hash, from what follows its iterations: a key length, maybe, and the hash, unless it is
/// the default.
fn prf(mut parameters: Reader<'_>) -> Option<pbkdf2::Algorithm> {
    while !parameters.is_empty() {
        let element = parameters.next()?;
        if element.tag == SEQUENCE {
            let name = Reader::new(element.content).content(OBJECT_IDENTIFIER)?;
            return match name.strip_prefix(HMAC)? {
                [7] => Some(pbkdf2::PBKDF2_HMAC_SHA1),
                [9] => Some(pbkdf2::PBKDF2_HMAC_SHA256),
                [10] => Some(pbkdf2::PBKDF2_HMAC_SHA384),
                [11] => Some(pbkdf2::PBKDF2_HMAC_SHA512),
                _ => None,
            };
        }
    }
    Some(pbkdf2::PBKDF2_HMAC_SHA1)
}

pub(crate) fn broken() -> KeystoreError {
    unusable(BROKEN)
}

pub(crate) fn unsupported() -> KeystoreError {
    unusable(UNSUPPORTED)
}

pub(crate) fn wrong() -> KeystoreError {
    KeystoreError::Password(BuildError::new("password", WRONG))
}

fn unusable(rule: &'static str) -> KeystoreError {
    BuildError::new("keystore", rule).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row B3.
    #[test]
    fn work_is_judged_before_it_is_done() {
        let spend = |salt: usize, iterations| {
            let spent = Unlock::new(None).spend(&vec![0; salt], iterations);
            spent
                .map(NonZeroU32::get)
                .map_err(|error| BuildError::from(error).message())
        };
        for iterations in [1, 100_000, 2_000_000] {
            assert_eq!(spend(64 * 1024, iterations), Ok(iterations));
        }
        for iterations in [0, 2_000_001, 0x7fff_ffff, u32::MAX] {
            assert_eq!(spend(8, iterations), Err(ITERATIONS));
        }
        assert_eq!(spend(64 * 1024 + 1, 1), Err(SALT));
    }

    #[test]
    fn a_file_gets_no_more_work_done_by_asking_often() {
        let mut unlock = Unlock::new(None);
        for _ in 0..4 {
            unlock.spend(b"salt", 2_000_000).expect("within the limit");
        }
        let error = unlock.spend(b"salt", 1).expect_err("over the limit");
        assert_eq!(BuildError::from(error).message(), TOO_MUCH);
    }

    #[test]
    fn a_password_is_encoded_in_utf_16_with_a_zero_at_its_end() {
        let password = Password::from("aé🔑");
        let encoded = Unlock::new(Some(&password)).encoded().expect("a password");
        assert_eq!(
            encoded[..],
            [0, b'a', 0, 0xe9, 0xd8, 0x3d, 0xdd, 0x11, 0, 0]
        );
    }
}
