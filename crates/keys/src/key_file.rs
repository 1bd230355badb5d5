//! Takes a file apart by what it holds, whatever its name says.

use zeroize::Zeroizing;

use crate::ber::{self, BIT_STRING, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use crate::found::Found;
use crate::jwk;
use crate::limits;
use crate::part::Part;
use crate::pem;
use crate::wrapping;

/// What a file holds: at least one part.
pub(crate) fn parts(file: &[u8]) -> Vec<Part> {
    if file.len() > limits::FILE_BYTES {
        return vec![Part::Other(Found::TooLong)];
    }
    let bare = bare(file);
    unwrapped(bare.as_ref().map_or(file, |inner| inner.as_slice()))
}

/// Whether the file is PEM, whatever is around it.
pub(crate) fn is_pem(file: &[u8]) -> bool {
    let bare = bare(file);
    pem::begins_somewhere(bare.as_ref().map_or(file, |inner| inner.as_slice()))
}

/// The file without an encoding of the whole: UTF-16, or base64. None, if it has none.
fn bare(file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let in_utf8 = wrapping::from_utf16(file);
    let text = in_utf8.as_ref().map_or(file, |text| text.as_slice());
    let is_known = |file: &[u8]| {
        pem::begins_somewhere(file) || !matches!(&*unwrapped(file), [Part::Other(Found::Unknown)])
    };
    if pem::begins_somewhere(text) || ber::tags(text).is_some() {
        return in_utf8;
    }
    wrapping::from_base64(text)
        .filter(|decoded| is_known(decoded))
        .or(in_utf8)
}

/// What a decrypted private key is.
pub(crate) fn key(der: &[u8]) -> Part {
    let part = binary(der);
    if matches!(part, Part::Key(_) | Part::EcKey(_)) {
        return part;
    }
    Part::OtherKey(Found::OtherKey)
}

/// What a file holds that isn't encoded as a whole.
fn unwrapped(file: &[u8]) -> Vec<Part> {
    if !pem::begins_somewhere(file) {
        return match pem::without_mark(file).trim_ascii() {
            json @ [b'{', ..] => jwk::parts(json),
            _ => vec![binary(file)],
        };
    }
    let is_broken = |part: &Part| {
        let broken = Found::BrokenPem;
        matches!(part, Part::Other(found) | Part::OtherKey(found) if *found == broken)
            || matches!(part, Part::Certificate(der) if der.is_empty())
    };
    let parts: Vec<Part> = pem::sections(file).map(pem::Section::part).collect();
    if !parts.is_empty() && !parts.iter().any(is_broken) {
        return parts;
    }
    let relined = wrapping::relined(file);
    let parts: Vec<Part> = pem::sections(&relined).map(pem::Section::part).collect();
    if parts.is_empty() {
        return vec![Part::Other(Found::BrokenPem)];
    }
    parts
}

/// What a file without PEM holds, by its tags.
fn binary(file: &[u8]) -> Part {
    match ber::tags(file).as_deref() {
        // A DSA key: version, and five numbers.
        Some([INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER]) => {
            Part::OtherKey(Found::OtherKey)
        }
        Some([INTEGER, SEQUENCE, OCTET_STRING, ..] | [INTEGER, INTEGER, INTEGER, ..]) => {
            Part::Key(Zeroizing::new(file.to_vec()))
        }
        Some([INTEGER, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE]) => {
            Part::Pkcs12(Zeroizing::new(file.to_vec()))
        }
        Some([SEQUENCE, OCTET_STRING]) => Part::EncryptedKey(file.to_vec()),
        Some([SEQUENCE, SEQUENCE, BIT_STRING]) => Part::Certificate(file.to_vec()),
        Some([INTEGER, OCTET_STRING, ..]) => Part::EcKey(Zeroizing::new(file.to_vec())),
        Some([SEQUENCE, BIT_STRING] | [INTEGER, INTEGER]) => Part::Other(Found::PublicKey),
        Some([OBJECT_IDENTIFIER, CONTEXT_0]) => Part::Pkcs7(file.to_vec()),
        Some(_) => Part::Other(Found::OtherPem),
        None => Part::Other(unreadable(file)),
    }
}

/// What a file is that is neither PEM nor DER.
fn unreadable(file: &[u8]) -> Found {
    match pem::without_mark(file).trim_ascii() {
        [] => Found::Nothing,
        [SEQUENCE, 0x80..=0x84, ..] => Found::BrokenDer,
        [0xfe, 0xed, 0xfe, 0xed, ..] => Found::JavaKeystore,
        [0xce, 0xce, 0xce, 0xce, ..] => Found::JceKeystore,
        text if text.starts_with(b"ssh-") => Found::Ssh,
        text if text.starts_with(b"MII") => Found::Base64,
        _ => Found::Unknown,
    }
}
