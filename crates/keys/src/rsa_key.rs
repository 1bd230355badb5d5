//! Imports RSA private keys, or says why one can't be used.

use aws_lc_rs::error::KeyRejected;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::KeyPair as _;
use payment_credentials_core::BuildError;

use crate::ber::{INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use crate::found::Found;
use crate::key_file;
use crate::part::Part;
use crate::roca;

const BROKEN: &str = "is not usable: this file holds an RSA key that is broken; copy it again";
const ED25519: &str = "is not usable: this file holds an Ed25519 key; the service takes RSA keys \
                       only";
const PEM: &str = "is not usable: this file holds PEM, not DER; read it with `from_pem`";
const PSS: &str = "is not usable: this file holds an RSA-PSS key, whose use is limited to another \
                   kind of signature; give the RSA key whose public half the service has";
const TOO_LARGE: &str = "is not usable: this file holds an RSA key of more than 8192 bits; make a \
                         shorter one";
const TOO_SMALL: &str = "is not usable: this file holds an RSA key of less than 2048 bits; make a \
                         longer one";

const ROCA: &str = "is not usable: this file holds an RSA key that others can compute, because of the \
                    chip that made it (CVE-2017-15361, ROCA); make another one, in software";

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
    let is_pem = key_file::is_pem(file);
    let (mut keys, mut other) = (Vec::new(), None);
    for part in key_file::parts(file) {
        match part {
            Part::Key(der) if is_pem => keys.push(Ok(der)),
            Part::Certificate(_) | Part::Pkcs7(_) | Part::Other(_) => {
                other.get_or_insert_with(|| part.found());
            }
            Part::Key(_)
            | Part::Jwk(..)
            | Part::EcKey(_)
            | Part::EncryptedKey(_)
            | Part::OpensslKey(_)
            | Part::Pkcs12(_)
            | Part::OtherKey(_) => keys.push(Err(part.found())),
        }
    }
    let several = keys.len() > 1;
    match keys.pop() {
        None => Err(other.unwrap_or(Found::BrokenPem).where_a_key_belongs()),
        Some(_) if several => Err(unusable(SEVERAL)),
        Some(Err(found)) => Err(found.where_a_key_belongs()),
        Some(Ok(der)) => import(&der),
    }
}

/// The key of a PKCS#8 or PKCS#1 structure, or what the file is instead.
pub(crate) fn from_der(file: &[u8]) -> Result<rsa::KeyPair, BuildError> {
    if key_file::is_pem(file) {
        return Err(from_pem(file).err().unwrap_or_else(|| unusable(PEM)));
    }
    match &*key_file::parts(file) {
        [Part::Key(der)] => import(der),
        _ => from_pem(file),
    }
}

/// The key of a PKCS#8 or PKCS#1 structure.
pub(crate) fn import(der: &[u8]) -> Result<rsa::KeyPair, BuildError> {
    let imported = match pkcs8_algorithm(der) {
        // What can't be read here is for the import to refuse.
        None => rsa::KeyPair::from_der(der),
        Some(OID_RSA) => rsa::KeyPair::from_pkcs8(der),
        Some(OID_EC) => return Err(Found::Ec.where_a_key_belongs()),
        Some(OID_ED25519) => return Err(unusable(ED25519)),
        Some(OID_RSA_PSS) => return Err(unusable(PSS)),
        Some(_) => return Err(Found::OtherKey.where_a_key_belongs()),
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
