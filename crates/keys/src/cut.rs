//! What a file begins as that ends too early.

use crate::ber::{self, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use crate::found::Found;

/// The schemes of PKCS#5 and of PKCS#12, by which private keys are encrypted.
const ENCRYPTIONS: [&[u8]; 2] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c],
];

/// What a file in DER is the beginning of; none, if it doesn't end too early.
pub(crate) fn found(file: &[u8]) -> Option<Found> {
    let (lengths, mut content) = ber::cut(file)?;
    let (first, inner) = content.begun()?;
    match first {
        INTEGER => Some(match content.content(INTEGER) {
            Some([3]) => Found::CutPkcs12(lengths),
            _ => Found::CutKey(lengths),
        }),
        OBJECT_IDENTIFIER => Some(Found::CutPkcs7(lengths)),
        SEQUENCE => match inner.begun()?.0 {
            // Version 0 is a request's; a certificate of the first version begins with its serial number.
            INTEGER if is_zero(inner) => Some(Found::Csr),
            CONTEXT_0 | INTEGER => Some(Found::CutCertificate(lengths)),
            OBJECT_IDENTIFIER => Some(of_algorithm(inner, Found::CutKey(lengths))),
            _ => None,
        },
        _ => None,
    }
}

fn is_zero(mut number: Reader<'_>) -> bool {
    number.content(INTEGER) == Some(&[0])
}

/// What begins with an algorithm: an encrypted private key, or a public key.
fn of_algorithm(mut algorithm: Reader<'_>, encrypted: Found) -> Found {
    let name = algorithm.content(OBJECT_IDENTIFIER).unwrap_or_default();
    if ENCRYPTIONS.iter().any(|family| name.starts_with(family)) {
        return encrypted;
    }
    Found::PublicKey
}
