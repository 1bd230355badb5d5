//! How PKCS#12 derives keys and encrypts, RFC 7292 appendix B and C: what the vendor's portal uses.

#![expect(
    deprecated,
    reason = "the vendor's portal encrypts keystores with 3DES"
)]

use aws_lc_rs::cipher::{
    DES_EDE3_FOR_LEGACY_USE_ONLY, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

/// B.3: what is derived.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Key = 1,
    Vector = 2,
    Mac = 3,
}

/// B.2, for hashes with blocks of 64 bytes.
pub(super) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    password: &str,
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    const BLOCK: usize = 64;
    let mut text: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::with_capacity(password.len() * 2 + 2));
    for unit in password.encode_utf16().chain([0]) {
        text.extend_from_slice(&unit.to_be_bytes());
    }
    let padded = |part: &[u8]| part.len().next_multiple_of(BLOCK);
    let mut input = Zeroizing::new(Vec::with_capacity(padded(salt) + padded(&text)));
    for part in [salt, text.as_slice()] {
        input.extend(part.iter().cycle().take(padded(part)));
    }
    let mut derived = Zeroizing::new(Vec::with_capacity(length + BLOCK));
    loop {
        let mut first = Context::new(hash);
        first.update(&[purpose as u8; BLOCK]);
        first.update(&input);
        let first = first.finish();
        let block = (1..iterations).fold(first, |block, _| digest(hash, block.as_ref()));
        derived.extend_from_slice(block.as_ref());
        if derived.len() >= length {
            derived.truncate(length);
            return derived;
        }
        for part in input.chunks_mut(BLOCK) {
            add(part, block.as_ref());
        }
    }
}

/// Adds the repeated hash and one to a number in big-endian bytes.
fn add(number: &mut [u8], hash: &[u8]) {
    let repeated: Vec<u8> = hash.iter().copied().cycle().take(number.len()).collect();
    let mut carry = 1;
    for (digit, other) in number.iter_mut().zip(repeated).rev() {
        let sum = u16::from(*digit) + u16::from(other) + carry;
        [_, *digit] = sum.to_be_bytes();
        carry = sum >> 8;
    }
}

/// `pbeWithSHAAnd3-KeyTripleDES-CBC`, iterated once.
pub(super) fn encrypt(password: &str, salt: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let hash = &SHA1_FOR_LEGACY_USE_ONLY;
    let derived = |purpose, length| derive(hash, purpose, password, salt, 1, length);
    let cipher = UnboundCipherKey::new(&DES_EDE3_FOR_LEGACY_USE_ONLY, &derived(Purpose::Key, 24))?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(cipher)?;
    let vector = derived(Purpose::Vector, 8);
    let vector: &[u8; 8] = vector
        .as_slice()
        .try_into()
        .map_err(|_length| Unspecified)?;
    // The capacity includes the padding, because growing would leave an unwiped copy.
    let mut text = Vec::with_capacity(plain.len() + 8);
    text.extend_from_slice(plain);
    cipher.less_safe_encrypt(
        &mut text,
        EncryptionContext::Iv64(FixedLength::from(vector)),
    )?;
    Ok(text)
}
