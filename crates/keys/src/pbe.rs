//! Decrypts what a password encrypts in key files and keystores.
//!
//! Two generations are in use: PBES2 (RFC 8018), and the schemes of PKCS#12 itself (RFC 7292
//! appendix B and C). The file says how much work deriving a key takes, so the work is bounded
//! before any is done.

mod cipher;
mod openssl;
mod pbkdf2;
mod pkcs12_kdf;
mod unsupported;

use std::num::NonZeroU32;

use aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
use payment_credentials_core::BuildError;
use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::ber::{OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};
use crate::found::Found;
use crate::keystore_error::KeystoreError;
use crate::limits;
use crate::openssl_key::OpensslKey;

pub(crate) use pbkdf2::Pbkdf2;
pub(crate) use pkcs12_kdf::{Purpose, derive};
pub(crate) use unsupported::{SEALED, mac as unsupported_mac};

use cipher::Cipher;

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
/// The schemes of PKCS#12 differ in their last byte.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];

pub(crate) const BROKEN: &str = "is not usable: its structure is broken; copy it again, as binary";
const MISSING: &str = "is missing: this file is encrypted; give the one that was set when it was \
                       made";
const KEY_MISSING: &str = "is missing: the private key in this file is encrypted with another password than the \
                           file; give that one as well";
const KEY_WRONG: &str = "is wrong, and the file's password doesn't open the private key either";
const WRONG: &str = "is wrong; give the one that was set when this file was made";
const WRONG_FOR_AN_OLD_FILE: &str = "is wrong; files that the service made before 2024 have the merchant id for a \
                     password";

/// The passwords of a file, and how much work the file may still ask for.
pub(crate) struct Unlock<'a> {
    password: Option<&'a Password>,
    /// The private key's, if it is another.
    key_password: Option<&'a Password>,
    /// Whether the file's password is known to be right.
    is_right: bool,
    /// Whether the file has the shape of those that the service made before 2024.
    is_of_old_service: bool,
    iterations_left: u32,
}

impl<'a> Unlock<'a> {
    pub(crate) fn new(password: Option<&'a Password>, key_password: Option<&'a Password>) -> Self {
        Self {
            password,
            key_password,
            is_right: false,
            is_of_old_service: false,
            iterations_left: limits::ALL_ITERATIONS,
        }
    }

    /// Decrypts a PKCS#8 key (RFC 5958 §3: algorithm, encrypted key) with its own password, if there is one,
    /// or else with the file's.
    pub(crate) fn key(&mut self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let mut parts = Reader::new(encrypted).enter(SEQUENCE).ok_or_else(broken)?;
        let algorithm = parts.enter(SEQUENCE).ok_or_else(broken)?;
        let encrypted = parts.octets().ok_or_else(broken)?;
        if self.key_password.is_some() {
            let key = self.try_decrypt(self.key_password, algorithm, encrypted.clone())?;
            if let Some(key) = key {
                return Ok(key);
            }
        }
        match self.try_decrypt(self.password, algorithm, encrypted)? {
            Some(key) => Ok(key),
            None if self.key_password.is_some() => Err(key_password(KEY_WRONG)),
            None if self.is_right => Err(key_password(KEY_MISSING)),
            None => Err(self.wrong()),
        }
    }

    /// Decrypts with the file's password, under what an algorithm identifier says.
    pub(crate) fn decrypt(
        &mut self,
        algorithm: Reader<'_>,
        encrypted: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let decrypted = self.try_decrypt(self.password, algorithm, encrypted)?;
        decrypted.ok_or_else(|| self.wrong())
    }

    /// None, if the password is wrong.
    fn try_decrypt(
        &mut self,
        password: Option<&Password>,
        mut algorithm: Reader<'_>,
        encrypted: Zeroizing<Vec<u8>>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        let name = algorithm.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        let parameters = algorithm
            .enter(SEQUENCE)
            .ok_or_else(|| unusable(unsupported::cipher(name)))?;
        if name == PBES2 {
            return self.pbes2(password, parameters, encrypted);
        }
        self.pkcs12(password, name, parameters, &encrypted)
    }

    /// Decrypts a key in OpenSSL's own format.
    pub(crate) fn openssl_key(
        &self,
        key: &OpensslKey,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let cipher = Cipher::openssl(&key.cipher)
            .ok_or_else(|| Found::OpensslCipher.where_a_key_belongs())?;
        let mut passwords = [self.key_password, self.password].into_iter().flatten();
        let decrypted = passwords.find_map(|password| {
            let decrypted = openssl::decrypt(key, cipher, password.expose().as_bytes());
            decrypted.filter(is_sequence)
        });
        decrypted.ok_or_else(|| self.wrong())
    }

    /// Checks a MAC with the file's password: `verifies` says whether it is right in an encoding.
    pub(crate) fn verify(
        &mut self,
        encodings: Vec<Zeroizing<Vec<u8>>>,
        mut verifies: impl FnMut(&mut Self, &[u8]) -> Result<bool, KeystoreError>,
    ) -> Result<(), KeystoreError> {
        for encoding in encodings {
            if verifies(self, &encoding)? {
                self.is_right = true;
                return Ok(());
            }
        }
        Err(self.wrong())
    }

    /// Remembers that the file has the shape of those that the service made before 2024.
    pub(crate) fn note_old_service(&mut self) {
        self.is_of_old_service = true;
    }

    /// The file's password in UTF-8, as PBKDF2 takes it.
    pub(crate) fn in_utf8(&self) -> Vec<Zeroizing<Vec<u8>>> {
        vec![Zeroizing::new(text(self.password).as_bytes().to_vec())]
    }

    /// The file's password in each encoding that PKCS#12 may have it in.
    pub(crate) fn in_utf16(&self) -> Vec<Zeroizing<Vec<u8>>> {
        in_utf16(self.password)
    }

    fn wrong(&self) -> KeystoreError {
        let rule = match self.password {
            Some(_) if self.is_of_old_service => WRONG_FOR_AN_OLD_FILE,
            Some(_) => WRONG,
            None => MISSING,
        };
        KeystoreError::Password(BuildError::new("password", rule))
    }

    /// Validates the work that a file asks for, before it is done.
    pub(crate) fn spend(
        &mut self,
        salt: &[u8],
        iterations: u32,
    ) -> Result<NonZeroU32, KeystoreError> {
        if salt.len() > limits::SALT_BYTES {
            return Err(unusable(limits::LONG_SALT));
        }
        let iterations = NonZeroU32::new(iterations)
            .filter(|iterations| iterations.get() <= limits::ITERATIONS)
            .ok_or_else(|| unusable(limits::TOO_MANY_ITERATIONS))?;
        let left = self.iterations_left.checked_sub(iterations.get());
        self.iterations_left = left.ok_or_else(|| unusable(limits::TOO_MUCH))?;
        Ok(iterations)
    }

    /// PBES2 (RFC 8018 §6.2: key derivation, encryption scheme), with PBKDF2 alone.
    fn pbes2(
        &mut self,
        password: Option<&Password>,
        mut parameters: Reader<'_>,
        encrypted: Zeroizing<Vec<u8>>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        let derivation = parameters.enter(SEQUENCE).ok_or_else(broken)?;
        let mut scheme = parameters.enter(SEQUENCE).ok_or_else(broken)?;
        let derivation = Pbkdf2::read(derivation)?;
        let name = scheme.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        let cipher = Cipher::pbes2(name).ok_or_else(|| unusable(unsupported::cipher(name)))?;
        let iv = scheme.content(OCTET_STRING).ok_or_else(broken)?;
        let key = derivation.key(self, text(password).as_bytes(), cipher.key_len())?;
        Ok(cipher.decrypt(&key, iv, encrypted).filter(is_sequence))
    }

    /// The schemes of PKCS#12 (RFC 7292 appendix C: salt, iterations).
    fn pkcs12(
        &mut self,
        password: Option<&Password>,
        name: &[u8],
        mut parameters: Reader<'_>,
        encrypted: &Zeroizing<Vec<u8>>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        let cipher = match name.strip_prefix(PKCS12_PBE) {
            Some([number]) => Cipher::pkcs12(*number),
            _ => None,
        };
        let cipher = cipher.ok_or_else(|| unusable(unsupported::cipher(name)))?;
        let salt = parameters.octets().ok_or_else(broken)?;
        let iterations = parameters
            .small_integer()
            .ok_or_else(|| unusable(limits::TOO_MANY_ITERATIONS))?;
        for password in in_utf16(password) {
            let iterations = self.spend(&salt, iterations)?;
            let derive = |purpose, length| {
                let hash = &SHA1_FOR_LEGACY_USE_ONLY;
                derive(hash, purpose, &password, &salt, iterations, length)
            };
            let key = derive(Purpose::Key, cipher.key_len());
            let iv = derive(Purpose::Iv, cipher.block_len());
            let decrypted = cipher.decrypt(&key, &iv, encrypted.clone());
            if let Some(clear) = decrypted.filter(is_sequence) {
                return Ok(Some(clear));
            }
        }
        Ok(None)
    }
}

/// A missing password is tried as an empty one.
fn text(password: Option<&Password>) -> &str {
    password.map_or("", Password::expose)
}

/// The password as PKCS#12 has it: UTF-16 with a zero at its end. Without a password there are two
/// encodings in use: the zero alone, and nothing at all.
fn in_utf16(password: Option<&Password>) -> Vec<Zeroizing<Vec<u8>>> {
    let password = text(password);
    // Of the right size at once: what a growing vector leaves behind isn't wiped.
    let mut encoded = Zeroizing::new(Vec::with_capacity(2 * password.len() + 2));
    for unit in password.encode_utf16() {
        encoded.extend_from_slice(&unit.to_be_bytes());
    }
    encoded.extend_from_slice(&[0, 0]);
    if password.is_empty() {
        return vec![encoded, Zeroizing::default()];
    }
    vec![encoded]
}

/// Whether this can be a key. After decryption with a wrong key, about one padding in 256 is valid by
/// chance.
fn is_sequence(clear: &Zeroizing<Vec<u8>>) -> bool {
    Reader::new(clear).enter(SEQUENCE).is_some()
}

pub(crate) fn broken() -> KeystoreError {
    unusable(BROKEN)
}

fn key_password(rule: &'static str) -> KeystoreError {
    KeystoreError::KeyPassword(BuildError::new("key password", rule))
}

pub(crate) fn unusable(rule: &'static str) -> KeystoreError {
    BuildError::new("keystore", rule).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row B3.
    #[test]
    fn work_is_judged_before_it_is_done() {
        let spend = |salt: usize, iterations| {
            let spent = Unlock::new(None, None).spend(&vec![0; salt], iterations);
            spent
                .map(NonZeroU32::get)
                .map_err(|error| BuildError::from(error).message())
        };
        for iterations in [1, 100_000, 2_000_000] {
            assert_eq!(spend(64 * 1024, iterations), Ok(iterations));
        }
        for iterations in [0, 2_000_001, 0x7fff_ffff, u32::MAX] {
            assert_eq!(spend(8, iterations), Err(limits::TOO_MANY_ITERATIONS));
        }
        assert_eq!(spend(64 * 1024 + 1, 1), Err(limits::LONG_SALT));
    }

    #[test]
    fn a_file_gets_no_more_work_done_by_asking_often() {
        let mut unlock = Unlock::new(None, None);
        for _ in 0..4 {
            unlock.spend(b"salt", 2_000_000).expect("within the limit");
        }
        let error = unlock.spend(b"salt", 1).expect_err("over the limit");
        assert_eq!(BuildError::from(error).message(), limits::TOO_MUCH);
    }

    #[test]
    fn a_password_is_encoded_in_utf_16_with_a_zero_at_its_end() {
        let password = Password::from("aé🔑");
        let [encoded] = &*in_utf16(Some(&password)) else {
            panic!("one encoding");
        };
        assert_eq!(
            encoded[..],
            [0, b'a', 0, 0xe9, 0xd8, 0x3d, 0xdd, 0x11, 0, 0]
        );
    }
}
