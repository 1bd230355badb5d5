//! Takes off what shells, mail programs and secret stores put around a key file.
//!
//! Only what has one meaning is taken off: UTF-16, quotes, indentation, `\n` instead of line breaks, blanks
//! instead of line breaks, and base64 of the whole file.

use zeroize::Zeroizing;

use crate::base64_lines;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// The file in ASCII, if it is UTF-16, as PowerShell writes it; with or without a byte order mark.
pub(crate) fn from_utf16(file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (pairs, []) = file.as_chunks::<2>() else {
        return None;
    };
    let little = match pairs.first()? {
        [0xff, 0xfe] | [1..=0x7f, 0] => true,
        [0xfe, 0xff] | [0, 1..=0x7f] => false,
        _ => return None,
    };
    let mut text = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for pair in pairs {
        let unit = if little {
            u16::from_le_bytes(*pair)
        } else {
            u16::from_be_bytes(*pair)
        };
        if unit == 0 {
            // Binary that only looks like it.
            return None;
        }
        if unit != 0xfeff {
            // Only comments beside a key have letters outside of ASCII.
            text.push(u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?'));
        }
    }
    Some(text)
}

/// The file with each PEM marker on a line of its own, real line breaks, and no quotes.
pub(crate) fn relined(file: &[u8]) -> Zeroizing<Vec<u8>> {
    // Each marker gets two line breaks more. Of the right size at once: what a growing vector leaves behind
    // isn't wiped.
    let markers = file.windows(2).filter(|window| window == b"--").count();
    let mut text = Zeroizing::new(Vec::with_capacity(file.len() + 2 * markers));
    let mut rest = file;
    while let Some((byte, after)) = rest.split_first() {
        if let Some((marker, after)) = marker(rest) {
            text.push(b'\n');
            text.extend_from_slice(marker);
            text.push(b'\n');
            rest = after;
            continue;
        }
        let escapes = rest.iter().take_while(|byte| **byte == b'\\').count();
        let letter = rest.get(escapes);
        rest = match (byte, letter) {
            (b'"' | b'\'', _) => after,
            (b'\\', Some(b'n' | b'r' | b't')) => {
                text.push(b'\n');
                rest.get(escapes + 1..).unwrap_or_default()
            }
            // The whole run at once: a run that is counted at each of its bytes costs the square of its length.
            (b'\\', _) => {
                let (run, after) = rest.split_at_checked(escapes).unwrap_or((rest, &[]));
                text.extend_from_slice(run);
                after
            }
            _ => {
                text.push(*byte);
                after
            }
        };
    }
    text
}

/// The marker that a text begins with, such as `-----BEGIN PRIVATE KEY-----`, and what follows it.
fn marker(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let kind = [BEGIN, END]
        .into_iter()
        .find(|kind| text.starts_with(kind))?;
    let label = text.get(kind.len()..)?;
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b' ';
    let length = label.iter().take_while(|byte| is_label(byte)).count();
    let end = kind.len() + length + 5;
    let marker = text.get(..end)?;
    marker
        .ends_with(b"-----")
        .then(|| (marker, text.get(end..).unwrap_or_default()))
}

/// What the whole file stands for in base64, if it is nothing but base64.
pub(crate) fn from_base64(file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // A key is longer; a word isn't base64 of anything.
    if file.len() < 64 {
        return None;
    }
    base64_lines::decode(&unquoted(file))
}

/// What the beginning of a file stands for whose base64 ends too early.
pub(crate) fn from_begun_base64(file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    base64_lines::decode_begun(&unquoted(file))
}

fn unquoted(file: &[u8]) -> Zeroizing<Vec<u8>> {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let mut text = Zeroizing::new(Vec::with_capacity(file.len()));
    text.extend(file.iter().filter(|byte| !is_quote(byte)));
    text
}
