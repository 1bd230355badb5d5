use std::fmt;

use payment_credentials_core::secret::Password;
use payment_credentials_core::{BuildError, KeyId};
use thiserror::Error;

use crate::certificate::Certificate;
use crate::found::Found;
use crate::key_file;
use crate::keystore_error::KeystoreError;
use crate::part::Part;
use crate::pbe::Unlock;
use crate::pkcs7;
use crate::pkcs12;
use crate::printable::printable;
use crate::private_key::PrivateKey;
use crate::rsa_key::{self, SEVERAL, unusable};
use crate::signing_identity::SigningIdentity;
use crate::signing_key::SigningKey;

const NOT_IN_THE_SET: &str = "is not usable: this file holds a JWK set without a key of that id; give the id \
                              that one of its keys has as `kid`";
const WHICH_OF_THE_SET: &str = "is not usable: this file holds a JWK set of several keys; say which by its \
                                `kid`";
const NOT_NAMED: &str = "holds no certificate with the given name as its common name; give the \
                         merchant id, or the portfolio id of a MetaKey";
const NOT_THE_KEYS: &str = "holds a certificate with the given name, but not the private key that \
                            belongs to it; give the key file that was downloaded with it";

/// The keys and certificates of a file, whatever its format.
///
/// `Debug` shows how many keys there are, and subject and end of the certificates.
#[derive(Clone, Debug)]
pub struct Keystore {
    keys: Vec<HeldKey>,
    certificates: Vec<Certificate>,
    /// Why there is no key.
    without_key: Found,
}

/// A key, and the name that it has if it comes from a JWK.
#[derive(Clone)]
struct HeldKey {
    key: SigningKey,
    key_id: Option<KeyId>,
}

/// A private key of a [`Keystore`], described without its secrets.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ListedKey<'a> {
    /// The length of the RSA modulus in bits.
    pub bits: usize,
    /// The id that a JWK names.
    pub key_id: Option<&'a KeyId>,
    /// The certificate of the same file that holds the key's public half.
    pub certificate: Option<&'a Certificate>,
}

impl Keystore {
    /// Reads a file's content: PKCS#12; PEM or DER with PKCS#8, PKCS#1 and X.509 inside; a JWK or a JWK set;
    /// PKCS#7.
    ///
    /// The format is seen from the content, whatever is around it: UTF-16, quotes, indentation, `\n` in place of
    /// line breaks, or base64 of the whole file. A password that isn't needed isn't used; a missing one is tried
    /// as an empty one. The given bytes are the caller's to wipe.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`], which says whether it is the password or the file, what the file holds
    /// instead and what to do about it. It never repeats the password or a key.
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
            keys: Vec::new(),
            certificates: Vec::new(),
            without_key: Found::OtherPem,
        };
        let mut parts = key_file::parts(file);
        if let [Part::Pkcs12(keystore)] = &*parts {
            parts = pkcs12::open(keystore, &mut unlock)?;
        }
        let mut refused = None;
        for part in parts {
            if let Err(error) = read.add(part, &mut unlock) {
                refused = refused.or(Some(error));
            }
        }
        match refused {
            Some(error) if read.keys.is_empty() => Err(error),
            _ => Ok(read),
        }
    }

    /// All private keys, in the order in which the file has them.
    pub fn keys(&self) -> impl Iterator<Item = ListedKey<'_>> {
        self.keys.iter().map(|held| {
            let owns = |certificate: &&Certificate| certificate.holds_key(held.key.public_key());
            ListedKey {
                bits: held.key.bits(),
                key_id: held.key_id.as_ref(),
                certificate: self.certificates.iter().find(owns),
            }
        })
    }

    /// All certificates, in the order in which the file has them.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The certificate with this common name; the case of ASCII letters doesn't matter.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is none; its source names the certificates that there are.
    pub fn certificate(&self, name: &str) -> Result<&Certificate, BuildError> {
        Certificate::newest(&self.certificates, name).ok_or_else(|| self.not_named())
    }

    /// The public halves of its private keys, as PKCS#1 encodes them (RFC 8017 appendix A.1.1): they show whether two
    /// files hold the same key.
    pub fn public_keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|held| held.key.public_key())
    }

    /// The one private key, for opening.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no key or more than one.
    pub fn private_key(&self) -> Result<PrivateKey, BuildError> {
        self.one_key()?.private_key()
    }

    /// The one private key, for signing under a key id of your own.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no key or more than one.
    pub fn signing_key(&self) -> Result<SigningKey, BuildError> {
        Ok(self.one_key()?.key.clone())
    }

    /// The private key of this id in a JWK set, for opening; or the one private key of a file that names no
    /// ids, under this id.
    ///
    /// The case of ASCII letters doesn't matter.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no key, if a JWK set has no key of this id, or if there is more than one key
    /// without an id.
    pub fn private_key_named(&self, key_id: &KeyId) -> Result<PrivateKey, BuildError> {
        let is_named = |held: &&HeldKey| {
            held.key_id
                .as_ref()
                .is_some_and(|id| id.names(key_id.as_str()))
        };
        if let Some(held) = self.keys.iter().find(is_named) {
            return held.private_key();
        }
        if self.keys.len() > 1 && self.keys.iter().any(|held| held.key_id.is_some()) {
            return Err(unusable(NOT_IN_THE_SET));
        }
        Ok(self
            .one_key()?
            .key
            .to_private_key()?
            .with_key_id(key_id.clone()))
    }

    fn one_key(&self) -> Result<&HeldKey, BuildError> {
        match &*self.keys {
            [] => Err(self.without_key.where_a_key_belongs()),
            [key] => Ok(key),
            keys if keys.iter().any(|held| held.key_id.is_some()) => {
                Err(unusable(WHICH_OF_THE_SET))
            }
            _ => Err(unusable(SEVERAL)),
        }
    }

    /// The private key whose certificate has this common name, under the certificate's key id.
    ///
    /// The name is the merchant id, or the portfolio id for a `MetaKey`. Key and certificate
    /// belong together by their public key, in whatever order they stand. Of several certificates,
    /// the one that ends last is taken.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no such certificate, its private key is missing, or it names no
    /// key id.
    pub fn signing_identity(&self, name: &str) -> Result<SigningIdentity, BuildError> {
        let (key, certificate) = self.named_key(name)?;
        let identity = SigningIdentity::new(key.clone(), certificate.key_id()?);
        Ok(identity.with_certificate(certificate.clone()))
    }

    /// Like [`signing_identity`](Self::signing_identity), but signs under the given key id instead of the
    /// certificate's.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no such certificate or its private key is missing.
    pub fn signing_identity_named(
        &self,
        name: &str,
        key_id: KeyId,
    ) -> Result<SigningIdentity, BuildError> {
        let (key, certificate) = self.named_key(name)?;
        let identity = SigningIdentity::new(key.clone(), key_id);
        Ok(identity.with_certificate(certificate.clone()))
    }

    fn named_key(&self, name: &str) -> Result<(&SigningKey, &Certificate), BuildError> {
        if self.keys.is_empty() {
            return Err(self.without_key.where_a_key_belongs());
        }
        self.certificate(name)?;
        let named = self.certificates.iter().filter(|held| held.is_for(name));
        let owned = named.filter_map(|held| {
            let owns = |key: &&SigningKey| held.holds_key(key.public_key());
            Some((self.keys.iter().map(|held| &held.key).find(owns)?, held))
        });
        owned
            .max_by_key(|(_, held)| held.not_after())
            .ok_or_else(|| BuildError::new("keystore", NOT_THE_KEYS))
    }

    fn not_named(&self) -> BuildError {
        let error = BuildError::new("keystore", NOT_NAMED);
        match Held::new(&self.certificates) {
            Some(held) => error.with_source(held),
            None => error,
        }
    }

    fn add(&mut self, part: Part, unlock: &mut Unlock<'_>) -> Result<(), KeystoreError> {
        match part {
            Part::Key(der) => self.add_key(&der, None),
            Part::Jwk(der, key_id) => self.add_key(&der, key_id),
            Part::EncryptedKey(der) => self.add_key(&unlock.key(&der)?, None),
            Part::OpensslKey(key) => self.add(key_file::key(&unlock.openssl_key(&key)?), unlock),
            Part::Certificate(der) => {
                self.certificates.push(Certificate::from_der(&der)?);
                self.without_key = Found::Certificate;
                Ok(())
            }
            Part::Pkcs7(der) => {
                for certificate in pkcs7::certificates(&der).unwrap_or_default() {
                    self.certificates.push(Certificate::from_der(certificate)?);
                }
                self.without_key = Found::Pkcs7;
                Ok(())
            }
            Part::EcKey(_) => Err(Found::Ec.where_a_key_belongs().into()),
            Part::OtherKey(found) | Part::Other(found) => Err(found.where_a_key_belongs().into()),
            // There are no keystores in PEM or in keystores.
            Part::Pkcs12(_) => Err(Found::OtherPem.where_a_key_belongs().into()),
        }
    }

    fn add_key(&mut self, der: &[u8], key_id: Option<KeyId>) -> Result<(), KeystoreError> {
        self.keys.push(HeldKey {
            key: SigningKey::new(rsa_key::import(der)?),
            key_id,
        });
        Ok(())
    }
}

impl fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key_id {
            Some(key_id) => write!(f, "{:?} ({key_id})", self.key),
            None => self.key.fmt(f),
        }
    }
}

impl HeldKey {
    fn private_key(&self) -> Result<PrivateKey, BuildError> {
        let key = self.key.to_private_key()?;
        Ok(match &self.key_id {
            Some(key_id) => key.with_key_id(key_id.clone()),
            None => key,
        })
    }
}

/// Which certificates there are, for callers that gave another name.
#[derive(Debug, Error)]
#[error("it holds certificates for {}", .0.join(", "))]
struct Held(Vec<String>);

impl Held {
    const MAX_NAMES: usize = 4;
    const MAX_NAME: usize = 64;

    fn new(certificates: &[Certificate]) -> Option<Self> {
        let names = certificates.iter().filter_map(Certificate::common_name);
        let shown: Vec<String> = names
            .take(Self::MAX_NAMES)
            .map(|name| printable(name, Self::MAX_NAME))
            .collect();
        (!shown.is_empty()).then_some(Self(shown))
    }
}
