//! Opens PKCS#12 (RFC 7292): checks its MAC, decrypts its bags, and lists what is inside.
//!
//! Written for the files of the field: keys with and without encryption, any order of bags, open
//! lengths, defaults written out. Names and links of bags are ignored: key and certificate belong
//! together by the public key.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::ber::{CONTEXT_0, CONTEXT_0_STRING, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use crate::keystore_error::KeystoreError;
use crate::part::Part;
use crate::pbe::{Pbkdf2, Purpose, SEALED, Unlock, broken, derive, unsupported_mac, unusable};

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
/// The kinds of bags differ in their last byte.
const BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01];
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];
/// The HMACs differ in their last byte.
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
/// The hashes of the second family differ in their last byte.
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// The keys and certificates of a keystore, in its order.
///
/// One without a MAC is accepted: an attacker who could change its content could as well replace the file.
pub(crate) fn open(file: &[u8], unlock: &mut Unlock<'_>) -> Result<Vec<Part>, KeystoreError> {
    let mut pfx = Reader::new(file).enter(SEQUENCE).ok_or_else(broken)?;
    if pfx.content(INTEGER) != Some(&[3]) {
        return Err(broken());
    }
    let mut safe = pfx.enter(SEQUENCE).ok_or_else(broken)?;
    if safe.content(OBJECT_IDENTIFIER).ok_or_else(broken)? != DATA {
        return Err(unusable(SEALED));
    }
    let safe = data(safe).ok_or_else(broken)?;
    if !pfx.is_empty() {
        let mac = pfx.enter(SEQUENCE).ok_or_else(broken)?;
        Mac::read(mac)?.verify(&safe, unlock)?;
    }

    let mut parts = Vec::new();
    let mut infos = Reader::new(&safe).enter(SEQUENCE).ok_or_else(broken)?;
    while !infos.is_empty() {
        let info = infos.enter(SEQUENCE).ok_or_else(broken)?;
        add_bags(&content(info, unlock)?, unlock, &mut parts)?;
    }
    Ok(parts)
}

/// What seals the keystore (RFC 7292 §4: digest, salt, iterations).
struct Mac {
    hmac: hmac::Algorithm,
    digest: Zeroizing<Vec<u8>>,
    derivation: Derivation,
}

/// How the MAC's key is made of the password.
enum Derivation {
    /// By the derivation of PKCS#12.
    Pkcs12 {
        salt: Zeroizing<Vec<u8>>,
        iterations: u32,
    },
    /// By PBKDF2: PBMAC1 (RFC 9579).
    Pbmac1(Pbkdf2),
}

impl Mac {
    fn read(mut mac: Reader<'_>) -> Result<Self, KeystoreError> {
        let mut info = mac.enter(SEQUENCE).ok_or_else(broken)?;
        let mut algorithm = info.enter(SEQUENCE).ok_or_else(broken)?;
        let name = algorithm.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        let digest = info.octets().ok_or_else(broken)?;
        if name == PBMAC1 {
            return Self::pbmac1(algorithm, digest);
        }
        Ok(Self {
            hmac: hmac_of(name).ok_or_else(|| unusable(unsupported_mac(name)))?,
            digest,
            derivation: Derivation::Pkcs12 {
                salt: mac.octets().ok_or_else(broken)?,
                // One is the default, and some write it out.
                iterations: if mac.is_empty() {
                    1
                } else {
                    // What doesn't fit is over the limit.
                    mac.small_integer().unwrap_or(u32::MAX)
                },
            },
        })
    }

    /// PBMAC1 (RFC 8018 appendix A.5: key derivation, MAC). The salt and the iterations behind it mean
    /// nothing.
    fn pbmac1(
        mut algorithm: Reader<'_>,
        digest: Zeroizing<Vec<u8>>,
    ) -> Result<Self, KeystoreError> {
        let mut parameters = algorithm.enter(SEQUENCE).ok_or_else(broken)?;
        let derivation = parameters.enter(SEQUENCE).ok_or_else(broken)?;
        let mut scheme = parameters.enter(SEQUENCE).ok_or_else(broken)?;
        let name = scheme.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        Ok(Self {
            hmac: hmac_named(name).ok_or_else(|| unusable(unsupported_mac(name)))?,
            digest,
            derivation: Derivation::Pbmac1(Pbkdf2::read(derivation)?),
        })
    }

    fn verify(&self, safe: &[u8], unlock: &mut Unlock<'_>) -> Result<(), KeystoreError> {
        let is_right = |key: &[u8]| {
            let key = hmac::Key::new(self.hmac, key);
            hmac::verify(&key, safe, &self.digest).is_ok()
        };
        let hash = self.hmac.digest_algorithm();
        match &self.derivation {
            Derivation::Pkcs12 { salt, iterations } => {
                // The service's MAC has been of SHA-256 since passwords can be chosen.
                if *iterations == 1 && self.hmac == hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY {
                    unlock.note_old_service();
                }
                unlock.verify(unlock.in_utf16(), |unlock, password| {
                    let iterations = unlock.spend(salt, *iterations)?;
                    let length = hash.output_len();
                    let purpose = Purpose::Mac;
                    let key = derive(hash, purpose, password, salt, iterations, length);
                    Ok(is_right(&key))
                })
            }
            Derivation::Pbmac1(derivation) => {
                let length = derivation.mac_key_len()?;
                unlock.verify(unlock.in_utf8(), |unlock, password| {
                    Ok(is_right(&derivation.key(unlock, password, length)?))
                })
            }
        }
    }
}

/// The content of one part of the keystore, decrypted where it is encrypted.
fn content(
    mut info: Reader<'_>,
    unlock: &mut Unlock<'_>,
) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    match info.content(OBJECT_IDENTIFIER).ok_or_else(broken)? {
        DATA => data(info).ok_or_else(broken),
        ENCRYPTED_DATA => {
            let (algorithm, encrypted) = encrypted_data(info).ok_or_else(broken)?;
            unlock.decrypt(algorithm, encrypted)
        }
        _ => Err(unusable(SEALED)),
    }
}

fn data(mut info: Reader<'_>) -> Option<Zeroizing<Vec<u8>>> {
    info.enter(CONTEXT_0)?.octets()
}

/// How it is encrypted, and what (RFC 5652 §8: version, and type, algorithm and content).
fn encrypted_data(mut info: Reader<'_>) -> Option<(Reader<'_>, Zeroizing<Vec<u8>>)> {
    let mut data = info.enter(CONTEXT_0)?.enter(SEQUENCE)?;
    data.content(INTEGER)?;
    let mut data = data.enter(SEQUENCE)?;
    data.content(OBJECT_IDENTIFIER)?;
    Some((data.enter(SEQUENCE)?, data.string(CONTEXT_0_STRING)?))
}

/// Adds the keys and certificates of what was decrypted (RFC 7292 §4.2: kind, value, attributes).
fn add_bags(
    content: &[u8],
    unlock: &mut Unlock<'_>,
    parts: &mut Vec<Part>,
) -> Result<(), KeystoreError> {
    let mut bags = Reader::new(content).enter(SEQUENCE).ok_or_else(broken)?;
    while !bags.is_empty() {
        let mut bag = bags.enter(SEQUENCE).ok_or_else(broken)?;
        let kind = bag.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        let value = bag.content(CONTEXT_0).ok_or_else(broken)?;
        match kind.strip_prefix(BAG) {
            Some([1]) => parts.push(Part::Key(Zeroizing::new(value.to_vec()))),
            Some([2]) => parts.push(Part::Key(unlock.key(value)?)),
            Some([3]) => parts.push(certificate(value).ok_or_else(broken)?),
            // Revocation lists, secret keys, bags of bags: nothing of ours.
            _ => {}
        }
    }
    Ok(())
}

/// A certificate (RFC 7292 §4.2.3: kind, value).
fn certificate(value: &[u8]) -> Option<Part> {
    let mut certificate = Reader::new(value).enter(SEQUENCE)?;
    // Those of the other kind, SDSI, will turn out not to be X.509.
    let _kind = certificate.content(OBJECT_IDENTIFIER)?;
    let der = certificate.enter(CONTEXT_0)?.octets()?;
    Some(Part::Certificate(der.to_vec()))
}

/// The MAC over the hash of this name.
fn hmac_of(name: &[u8]) -> Option<hmac::Algorithm> {
    if name == SHA1 {
        return Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY);
    }
    match name.strip_prefix(SHA2)? {
        [1] => Some(hmac::HMAC_SHA256),
        [2] => Some(hmac::HMAC_SHA384),
        [3] => Some(hmac::HMAC_SHA512),
        [4] => Some(hmac::HMAC_SHA224),
        _ => None,
    }
}

/// The MAC of this name.
fn hmac_named(name: &[u8]) -> Option<hmac::Algorithm> {
    match name.strip_prefix(HMAC)? {
        [7] => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        [8] => Some(hmac::HMAC_SHA224),
        [9] => Some(hmac::HMAC_SHA256),
        [10] => Some(hmac::HMAC_SHA384),
        [11] => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}
