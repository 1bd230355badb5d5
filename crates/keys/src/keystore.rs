use payment_credentials_core::secret::Password;
use payment_credentials_core::{BuildError, KeyId};
use thiserror::Error;

use crate::certificate::Certificate;
use crate::key_file;
use crate::keystore_error::KeystoreError;
use crate::part::{CERTIFICATE, EC, NO_KEY, Part};
use crate::pbe::Unlock;
use crate::pkcs12;
use crate::printable::printable;
use crate::private_key::PrivateKey;
use crate::rsa_key::{self, SEVERAL, unusable};
use crate::signing_identity::SigningIdentity;
use crate::signing_key::SigningKey;

const NOT_NAMED: &str = "holds no certificate with the given name as its common name; give the \
                         merchant id, or the portfolio id of a MetaKey";
const NOT_THE_KEYS: &str = "holds a certificate with the given name, but not the private key that \
                            belongs to it; give the key file that was downloaded with it";

/// The keys and certificates of a file, whatever its format.
///
/// `Debug` shows how many keys there are, and subject and end of the certificates.
#[derive(Clone, Debug)]
pub struct Keystore {
    keys: Vec<SigningKey>,
    certificates: Vec<Certificate>,
    /// Why there is no key.
    without_key: &'static str,
}

impl Keystore {
    /// Reads a file's content: PKCS#12; or PEM or DER with PKCS#8, PKCS#1 and X.509 inside.
    ///
    /// The format is seen from the content. A password that isn't needed isn't used. The given
    /// bytes are the caller's to wipe.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`], which says whether it is the password or the file, what the file holds
    /// instead and what to do about it. It never repeats the password or a key.
    pub fn read(file: &[u8], password: Option<&Password>) -> Result<Self, KeystoreError> {
        let mut read = Self {
            keys: Vec::new(),
            certificates: Vec::new(),
            without_key: NO_KEY,
        };
        let mut unlock = Unlock::new(password);
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
        self.certificates
            .iter()
            .filter(|held| held.is_for(name))
            .max_by_key(|held| held.not_after())
            .ok_or_else(|| self.not_named())
    }

    /// The one private key, for opening.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no key or more than one.
    pub fn private_key(&self) -> Result<PrivateKey, BuildError> {
        self.signing_key()?.to_private_key()
    }

    /// The one private key, for signing under a key id of your own.
    ///
    /// # Errors
    ///
    /// [`BuildError`], if there is no key or more than one.
    pub fn signing_key(&self) -> Result<SigningKey, BuildError> {
        match &*self.keys {
            [] => Err(unusable(self.without_key)),
            [key] => Ok(key.clone()),
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
            return Err(unusable(self.without_key));
        }
        self.certificate(name)?;
        let named = self.certificates.iter().filter(|held| held.is_for(name));
        let owned = named.filter_map(|held| {
            let owns = |key: &&SigningKey| held.holds_key(key.public_key());
            Some((self.keys.iter().find(owns)?, held))
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
            Part::Key(der) => self.add_key(&der),
            Part::EncryptedKey(der) => self.add_key(&unlock.key(&der)?),
            Part::Certificate(der) => {
                self.certificates.push(Certificate::from_der(&der)?);
                self.without_key = CERTIFICATE;
                Ok(())
            }
            Part::EcKey(_) => Err(unusable(EC).into()),
            Part::OtherKey(rule) | Part::NoKey(rule) => Err(unusable(rule).into()),
            // There are no keystores in PEM or in keystores.
            Part::Pkcs12(_) => Err(unusable(NO_KEY).into()),
        }
    }

    fn add_key(&mut self, der: &[u8]) -> Result<(), KeystoreError> {
        self.keys.push(SigningKey::new(rsa_key::import(der)?));
        Ok(())
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
