use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use zeroize::Zeroizing;

use super::{Unlock, broken, unsupported, unusable};
use crate::ber::{self, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use crate::keystore_error::KeystoreError;
use crate::limits;

const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// The HMACs differ in their last byte.
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];

/// PBKDF2 with its parameters (RFC 8018 §5.2, appendix A.2).
pub(crate) struct Pbkdf2 {
    hash: pbkdf2::Algorithm,
    salt: Zeroizing<Vec<u8>>,
    iterations: u32,
    /// The length of the key in bytes, if it is stated.
    length: Option<u32>,
}

impl Pbkdf2 {
    /// Reads an algorithm identifier.
    pub(crate) fn read(mut algorithm: Reader<'_>) -> Result<Self, KeystoreError> {
        let name = algorithm.content(OBJECT_IDENTIFIER).ok_or_else(broken)?;
        if name != PBKDF2 {
            return Err(unusable(unsupported::derivation(name)));
        }
        let mut parameters = algorithm.enter(SEQUENCE).ok_or_else(broken)?;
        let salt = parameters.octets().ok_or_else(broken)?;
        let iterations = parameters
            .small_integer()
            .ok_or_else(|| unusable(limits::TOO_MANY_ITERATIONS))?;
        let mut read = Self {
            hash: pbkdf2::PBKDF2_HMAC_SHA1,
            salt,
            iterations,
            length: None,
        };
        while !parameters.is_empty() {
            let element = parameters.next().ok_or_else(broken)?;
            if element.tag == SEQUENCE {
                let name = Reader::new(element.content).content(OBJECT_IDENTIFIER);
                let hash = name.and_then(prf);
                read.hash = hash.ok_or_else(|| unusable(unsupported::HASH))?;
            } else if element.tag == INTEGER {
                // What doesn't fit is over the limit.
                read.length = Some(ber::small(element.content).unwrap_or(u32::MAX));
            }
        }
        Ok(read)
    }

    /// The length that a MAC's key has, which must be stated and within the limits.
    pub(crate) fn mac_key_len(&self) -> Result<usize, KeystoreError> {
        let length = self
            .length
            .filter(|length| limits::MAC_KEY_BYTES.contains(length));
        length
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(|| unusable(limits::MAC_KEY))
    }

    /// Derives a key of this many bytes.
    pub(crate) fn key(
        &self,
        unlock: &mut Unlock<'_>,
        password: &[u8],
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let times = u32::try_from(length.div_ceil(limits::COUNTED_BYTES)).unwrap_or(u32::MAX);
        unlock.spend(&self.salt, self.iterations.saturating_mul(times))?;
        let iterations = NonZeroU32::new(self.iterations)
            .ok_or_else(|| unusable(limits::TOO_MANY_ITERATIONS))?;
        let mut key = Zeroizing::new(vec![0; length]);
        pbkdf2::derive(self.hash, iterations, &self.salt, password, &mut key);
        Ok(key)
    }
}

/// PBKDF2's hash of this name.
fn prf(name: &[u8]) -> Option<pbkdf2::Algorithm> {
    match name.strip_prefix(HMAC)? {
        [7] => Some(pbkdf2::PBKDF2_HMAC_SHA1),
        [9] => Some(pbkdf2::PBKDF2_HMAC_SHA256),
        [10] => Some(pbkdf2::PBKDF2_HMAC_SHA384),
        [11] => Some(pbkdf2::PBKDF2_HMAC_SHA512),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment_credentials_core::BuildError;

    #[test]
    fn b3_a_long_key_counts_as_often_as_its_iterations_are_run() {
        let derive = |iterations, length| {
            let derivation = Pbkdf2 {
                hash: pbkdf2::PBKDF2_HMAC_SHA512,
                salt: Zeroizing::default(),
                iterations,
                length: None,
            };
            let mut unlock = Unlock::new(None, None);
            let derived = derivation.key(&mut unlock, b"password", length);
            let spent = limits::ALL_ITERATIONS - unlock.iterations_left;
            derived
                .map(|_| spent)
                .map_err(|error| BuildError::from(error).message())
        };
        assert_eq!(derive(3, 64), Ok(3));
        assert_eq!(derive(3, 65), Ok(6));
        assert_eq!(derive(3, 1024), Ok(48));
        assert_eq!(derive(125_001, 1024), Err(limits::TOO_MANY_ITERATIONS));
        assert_eq!(derive(u32::MAX, 65), Err(limits::TOO_MANY_ITERATIONS));
        assert_eq!(derive(0, 64), Err(limits::TOO_MANY_ITERATIONS));
    }
}
