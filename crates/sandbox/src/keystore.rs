//! A keystore with the same entries as the vendor's.

use rcgen::PublicKeyData as _;
use zeroize::Zeroizing;

use crate::keystore_authority::{Authority, BoxError, PublicKey};
use crate::pem;
use crate::pkcs12::{self, Anatomy};
use crate::rsa_keys::Role;

/// A PKCS#12 file, and the key in it.
pub(crate) struct Keystore {
    pub(crate) pkcs12: Zeroizing<Vec<u8>>,
    /// The same private key as PKCS#8 in PEM.
    pub(crate) pem: Zeroizing<String>,
    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) public_key: Vec<u8>,
    /// The certificate of the key, in DER.
    pub(crate) certificate: Vec<u8>,
}

impl Keystore {
    pub(crate) fn generate(
        owner: &str,
        role: Role,
        digits: &str,
        password: &str,
        authority: &Authority,
    ) -> Result<Self, BoxError> {
        let key = authority.keys().pkcs8(role)?;
        let public_key = PublicKey::of(&authority.keys().pair(role)?);
        let certificates = authority.get()?.certify(owner, digits, &public_key)?;
        let [own, ..] = &certificates;
        Ok(Self {
            pkcs12: pkcs12::encode(password, &key, &certificates, Anatomy::Modern)?,
            pem: pem::private_key(&key),
            public_key: public_key.subject_public_key_info(),
            certificate: own.der().to_vec(),
        })
    }
}
