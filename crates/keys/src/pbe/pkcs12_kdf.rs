//! How PKCS#12 makes keys of passwords (RFC 7292 appendix B.2).

use std::num::NonZeroU32;

use aws_lc_rs::digest::{Algorithm, Context, digest};
use zeroize::Zeroizing;

/// What is derived: each comes out different.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// Derives `length` bytes from a password in the encoding of PKCS#12.
pub(crate) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = hash.block_len();
    let diversifier = vec![purpose as u8; block];
    let filled = |text: &[u8]| text.len().next_multiple_of(block);
    let (salt_len, password_len) = (filled(salt), filled(password));
    // Of the right size at once: what a growing vector leaves behind isn't wiped.
    let mut input = Zeroizing::new(Vec::with_capacity(salt_len + password_len));
    input.extend(salt.iter().cycle().take(salt_len));
    input.extend(password.iter().cycle().take(password_len));

    let mut derived = Zeroizing::new(Vec::with_capacity(length + hash.output_len()));
    loop {
        let mut first = Context::new(hash);
        first.update(&diversifier);
        first.update(&input);
        let first = first.finish();
        let last = (1..iterations.get()).fold(first, |before, _| digest(hash, before.as_ref()));
        derived.extend_from_slice(last.as_ref());
        if derived.len() >= length {
            derived.truncate(length);
            return derived;
        }
        for part in input.chunks_exact_mut(block) {
            add_and_one(part, last.as_ref());
        }
    }
}

/// Adds a hash, repeated to the number's length, and one; what overflows is dropped.
fn add_and_one(number: &mut [u8], hash: &[u8]) {
    let repeated: Vec<u8> = hash.iter().copied().cycle().take(number.len()).collect();
    let mut carry = 1;
    for (digit, added) in number.iter_mut().zip(repeated).rev() {
        let sum = u16::from(*digit) + u16::from(added) + carry;
        *digit = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
}
