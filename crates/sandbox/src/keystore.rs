//! A keystore with the same entries as the vendor's.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{self, KeySize};
use rcgen::PublicKeyData as _;
use zeroize::Zeroizing;

use crate::keystore_authority::{Authority, BoxError, PublicKey};
use crate::pem;
use crate::pkcs12;

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
        digits: &str,
        password: &str,
        authority: &Authority,
    ) -> Result<Self, BoxError> {
        let key = rsa::KeyPair::generate(KeySize::Rsa2048)?;
        let public_key = PublicKey::of(&key);
        let certificates = authority.get()?.certify(owner, digits, &public_key)?;
        let [own, ..] = &certificates;
        let der: Pkcs8V1Der<'_> = key.as_der()?;
        Ok(Self {
            pkcs12: pkcs12::encode(password, der.as_ref(), &certificates)?,
            pem: pem::private_key(der.as_ref()),
            public_key: public_key.subject_public_key_info(),
            certificate: own.der().to_vec(),
        })
    }
}
