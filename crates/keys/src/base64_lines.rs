//! Base64 in lines, as PEM has it (RFC 7468 §3).

use base64ct::{Base64Unpadded, Encoding as _};
use zeroize::Zeroizing;

/// The bytes that the whole groups of four stand for, of base64 that ends too early.
pub(crate) fn decode_begun(lines: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let digits = |byte: &&u8| !byte.is_ascii_whitespace();
    let whole = lines.iter().filter(digits).count() / 4 * 4;
    let last = lines
        .iter()
        .enumerate()
        .filter(|(_, byte)| digits(byte))
        .nth(whole.checked_sub(1)?)?;
    decode(lines.get(..=last.0)?)
}

/// The bytes that lines of base64 stand for.
pub(crate) fn decode(lines: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Room for all of it at once: growing would leave a copy that nobody wipes.
    let mut text = Zeroizing::new(Vec::with_capacity(lines.len()));
    text.extend(lines.iter().filter(|byte| !byte.is_ascii_whitespace()));
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    if padding > 2 || (padding > 0 && text.len() % 4 != 0) {
        return None;
    }
    let digits = text.len() - padding;
    text.truncate(digits);
    // The time that this decoder takes doesn't depend on the content.
    let mut der = Zeroizing::new(vec![0; digits]);
    let decoded = Base64Unpadded::decode(text.as_slice(), &mut der)
        .ok()?
        .len();
    der.truncate(decoded);
    Some(der)
}
