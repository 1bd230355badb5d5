//! Imports RSA private keys, or says why one can't be used.

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::KeyPair as _;
use payment_credentials_core::BuildError;

use crate::ber::{INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use crate::key_file;
use crate::part::{BROKEN_PEM, CERTIFICATE, EC, Part};
use crate::roca;

const BROKEN: &str = "is not usable: this file holds an RSA key that is broken; copy it again";
const ED25519: &str = "is not usable: this file holds an Ed25519 key; the service takes RSA keys \
                       only";
const OTHER: &str = "is not usable: this file holds a key that is not RSA; the service takes RSA \
                     keys only";
const PSS: &str = "is not usable: this file holds an RSA-PSS key, whose use is limited to another \
                   kind of signature; give the RSA key whose public half the service has";
const TOO_LARGE: &str = "is not usable: this file holds an RSA key of more than 8192 bits; make a \
                         shorter one";
const TOO_SMALL: &str = "is not usable: this file holds an RSA key of less than 2048 bits; make a \
                         longer one";

const ROCA: &str = "is not usable: this file holds an RSA key that others can compute, because of the \
                    chip that made it (CVE-2017-15361, ROCA); make another one, in software";

const ENCRYPTED: &str = "is not usable: this file holds an encrypted private key; read it with \
                         `Keystore::read` and its password";
const NOT_PEM: &str = "is not usable: this file holds DER, not PEM; read it with `Keystore::read`";
const PKCS12: &str = "is not usable: this file holds PKCS#12; read it with `Keystore::read` and \
                      its password";
pub(crate) const SEVERAL: &str = "is not usable: this file holds more than one private key; give \
                                  each a file of its own";

/// `rsaEncryption` (RFC 8017).
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-RSASSA-PSS` (RFC 8017).
const OID_RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// `id-ecPublicKey` (RFC 5480).
const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `id-Ed25519` (RFC 8410).
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// The one private key of a PEM file that isn't encrypted.
pub(crate) fn from_pem(file: &[u8]) -> Result<rsa::KeyPair, BuildError> {
    let is_pem = crate::pem::sections(file).next().is_some();
    let (mut keys, mut no_key) = (Vec::new(), None);
    for part in key_file::parts(file) {
        match part {
            Part::Key(_) if !is_pem => keys.push(Err(NOT_PEM)),
            Part::Key(der) => keys.push(Ok(der)),
            Part::EncryptedKey(_) => keys.push(Err(ENCRYPTED)),
            Part::Pkcs12(_) => keys.push(Err(PKCS12)),
            Part::EcKey(_) => keys.push(Err(EC)),
            Part::OtherKey(rule) => keys.push(Err(rule)),
            Part::Certificate(_) => no_key = no_key.or(Some(CERTIFICATE)),
            Part::NoKey(rule) => no_key = no_key.or(Some(rule)),
        }
    }
    let several = keys.len() > 1;
    match keys.pop() {
        None => Err(unusable(no_key.unwrap_or(BROKEN_PEM))),
        Some(_) if several => Err(unusable(SEVERAL)),
        Some(Err(rule)) => Err(unusable(rule)),
        Some(Ok(der)) => import(&der),
    }
}

/// The key of a PKCS#8 or PKCS#1 structure.
pub(crate) fn import(der: &[u8]) -> Result<rsa::KeyPair, BuildError> {
    let imported = match pkcs8_algorithm(der) {
        // What can't be read here is for the import to refuse.
        None => rsa::KeyPair::from_der(der),
        Some(OID_RSA) => rsa::KeyPair::from_pkcs8(der),
        Some(OID_EC) => return Err(unusable(EC)),
        Some(OID_ED25519) => return Err(unusable(ED25519)),
        Some(OID_RSA_PSS) => return Err(unusable(PSS)),
        Some(_) => return Err(unusable(OTHER)),
    };
    let key = imported.map_err(refused)?;
    let modulus = key.public_key().modulus();
    if roca::can_be_factored(modulus.big_endian_without_leading_zero()) {
        return Err(unusable(ROCA));
    }
    Ok(key)
}

/// What the cryptography library says of a key, in words.
pub(crate) fn refused(rejected: KeyRejected) -> BuildError {
    let rule = match rejected.description_() {
        "TooLarge" => TOO_LARGE,
        "TooSmall" => TOO_SMALL,
        _ => BROKEN,
    };
    unusable(rule).with_source(rejected)
}

pub(crate) fn unusable(rule: &'static str) -> BuildError {
    BuildError::new("private key", rule)
}

/// The algorithm of a PKCS#8 key (RFC 5208: version, algorithm, key).
fn pkcs8_algorithm(der: &[u8]) -> Option<&[u8]> {
    let mut key = Reader::new(der).enter(SEQUENCE)?;
    key.content(INTEGER)?;
    key.enter(SEQUENCE)?.content(OBJECT_IDENTIFIER)
}
