use std::fmt;

use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::found::Found;
use crate::key_file;
use crate::keystore_error::KeystoreError;
use crate::part::Part;
use crate::pbe::Unlock;
use crate::pkcs7;
use crate::pkcs12;

/// The certificates and private keys of a file for mutual TLS, whatever its format and algorithm.
///
/// A [`Keystore`](crate::Keystore) takes RSA keys alone, since the service verifies nothing else; in TLS
/// the keys may be elliptic ones too, so here they are left as they are: DER that TLS reads. `Debug` shows
/// how many there are.
pub struct ClientKeys {
    certificates: Vec<Vec<u8>>,
    private_keys: Vec<Zeroizing<Vec<u8>>>,
    is_pkcs12: bool,
}

impl ClientKeys {
    /// Reads a file's content: PKCS#12; or PEM with X.509 certificates and keys in PKCS#8, PKCS#1 or
    /// SEC 1, encrypted ones included.
    ///
    /// What stands beside them and is neither a certificate nor a private key is skipped. The given bytes are the
    /// caller's to wipe; what is decrypted and decoded is wiped on drop.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`], if the password is missing or wrong, if a part of the file is broken, or if the file
    /// holds neither a certificate nor a private key; then it says what the file holds instead.
    pub fn read(
        file: impl AsRef<[u8]>,
        password: Option<&Password>,
    ) -> Result<Self, KeystoreError> {
        Self::unlocked(file.as_ref(), Unlock::new(password, None))
    }

    /// Reads a file whose private key has a password of its own, as Java's tools can make them.
    ///
    /// `password` is the file's, if it has one.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn read_with_key_password(
        file: impl AsRef<[u8]>,
        password: Option<&Password>,
        key_password: &Password,
    ) -> Result<Self, KeystoreError> {
        Self::unlocked(file.as_ref(), Unlock::new(password, Some(key_password)))
    }

    fn unlocked(file: &[u8], mut unlock: Unlock<'_>) -> Result<Self, KeystoreError> {
        let mut read = Self {
            certificates: Vec::new(),
            private_keys: Vec::new(),
            is_pkcs12: false,
        };
        let mut parts = key_file::parts(file);
        if let [Part::Pkcs12(keystore)] = &*parts {
            parts = pkcs12::open(keystore, &mut unlock)?;
            read.is_pkcs12 = true;
        }
        let first = parts.first().map_or(Found::OtherPem, Part::found);
        for part in parts {
            read.add(part, &mut unlock)?;
        }
        if read.certificates.is_empty() && read.private_keys.is_empty() {
            return Err(first.where_an_identity_belongs().into());
        }
        Ok(read)
    }

    fn add(&mut self, part: Part, unlock: &mut Unlock<'_>) -> Result<(), KeystoreError> {
        match part {
            Part::Key(der) | Part::EcKey(der) | Part::Jwk(der, _) => self.private_keys.push(der),
            Part::EncryptedKey(der) => self.private_keys.push(unlock.key(&der)?),
            Part::OpensslKey(key) => {
                return self.add(key_file::key(&unlock.openssl_key(&key)?), unlock);
            }
            Part::Certificate(der) => self.certificates.push(der),
            Part::Pkcs7(der) => {
                self.certificates
                    .extend(pkcs7::certificates(&der).unwrap_or_default());
            }
            Part::OtherKey(found) => return Err(found.where_an_identity_belongs().into()),
            Part::Other(found) if found.is_cut() => {
                return Err(found.where_an_identity_belongs().into());
            }
            Part::Other(_) | Part::Pkcs12(_) => {}
        }
        Ok(())
    }

    /// The certificates in DER, in the order in which the file has them.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The private keys, as PKCS#8, PKCS#1 or SEC 1 in DER.
    #[must_use]
    pub fn private_keys(&self) -> &[Zeroizing<Vec<u8>>] {
        &self.private_keys
    }

    /// Whether the file is PKCS#12, where the order of certificates means nothing.
    #[must_use]
    pub fn is_pkcs12(&self) -> bool {
        self.is_pkcs12
    }
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKeys")
            .field("certificates", &self.certificates.len())
            .field("private_keys", &self.private_keys.len())
            .finish_non_exhaustive()
    }
}
