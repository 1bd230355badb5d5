//! Just enough DER to say what a key file holds; the cryptography library does the parsing.

/// `rsaEncryption` (RFC 8017).
pub(crate) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-RSASSA-PSS` (RFC 8017).
pub(crate) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// `id-ecPublicKey` (RFC 5480).
pub(crate) const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// `id-Ed25519` (RFC 8410).
pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The algorithm of a PKCS#8 key (RFC 5208: version, algorithm, key).
pub(crate) fn pkcs8_algorithm(der: &[u8]) -> Option<&[u8]> {
    let (key, _) = take(SEQUENCE, der)?;
    let (_version, rest) = take(INTEGER, key)?;
    let (algorithm, _) = take(SEQUENCE, rest)?;
    take(OBJECT_IDENTIFIER, algorithm).map(|(oid, _)| oid)
}

/// Whether a file looks like DER.
pub(crate) fn is_sequence(file: &[u8]) -> bool {
    take(SEQUENCE, file).is_some()
}

/// Whether a file looks like PKCS#12, which begins with its version, 3 (RFC 7292).
pub(crate) fn is_pkcs12(file: &[u8]) -> bool {
    let version = take(SEQUENCE, file).and_then(|(content, _)| take(INTEGER, content));
    version.is_some_and(|(version, _)| version == [3])
}

/// Takes an element with this tag: its content, and what follows it.
fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        // Three bytes of length are more than any key file has.
        long @ 0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = length
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_panics(der in proptest::collection::vec(any::<u8>(), 0..64), length in any::<u8>()) {
            let framed = [&[SEQUENCE, length], &*der].concat();
            for der in [&der, &framed] {
                let _ = (pkcs8_algorithm(der), is_sequence(der), is_pkcs12(der));
            }
        }

        #[test]
        fn what_is_taken_and_what_follows_is_all_there_was(
            content in proptest::collection::vec(any::<u8>(), 0..300),
            rest in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let length = u16::try_from(content.len()).expect("short").to_be_bytes();
            let der = [&[SEQUENCE, 0x82], &length[..], &content, &rest].concat();
            prop_assert_eq!(take(SEQUENCE, &der), Some((&*content, &*rest)));
            prop_assert_eq!(take(INTEGER, &der), None);
        }
    }
}
