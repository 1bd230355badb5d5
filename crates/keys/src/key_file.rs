//! Takes a file apart by what it holds, whatever its name says.

use zeroize::Zeroizing;

use crate::ber::{self, SEQUENCE};
use crate::cut;
use crate::der;
use crate::found::Found;
use crate::jwk;
use crate::limits;
use crate::part::Part;
use crate::pem;
use crate::ruined;
use crate::wrapping;

/// What a file holds: at least one part.
pub(crate) fn parts(file: &[u8]) -> Vec<Part> {
    if file.len() > limits::FILE_BYTES {
        return vec![Part::Other(Found::TooLong)];
    }
    let bare = bare(file, LAYERS);
    unwrapped(bare.as_ref().map_or(file, |inner| inner.as_slice()))
}

/// Whether the file is PEM, whatever is around it.
pub(crate) fn is_pem(file: &[u8]) -> bool {
    let bare = bare(file, LAYERS);
    pem::begins_somewhere(bare.as_ref().map_or(file, |inner| inner.as_slice()))
}

/// How many times a whole file may be in base64: secret stores encode what was encoded before.
const LAYERS: u8 = 2;

/// The file without an encoding of the whole: UTF-16, or base64. None, if it has none.
fn bare(file: &[u8], layers: u8) -> Option<Zeroizing<Vec<u8>>> {
    let in_utf8 = wrapping::from_utf16(file);
    let text = in_utf8.as_ref().map_or(file, |text| text.as_slice());
    let is_known = |file: &[u8]| {
        pem::begins_somewhere(file) || !matches!(&*unwrapped(file), [Part::Other(Found::Unknown)])
    };
    if pem::begins_somewhere(text) || ber::tags(text).is_some() {
        return in_utf8;
    }
    wrapping::from_base64(text)
        .or_else(|| wrapping::from_begun_base64(text))
        .and_then(|decoded| {
            let inner = layers.checked_sub(1).filter(|left| *left > 0);
            let inner = inner.and_then(|left| bare(&decoded, left));
            inner.or_else(|| is_known(&decoded).then_some(decoded))
        })
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
            json @ [b'{', ..] if ruined::is_sops(json) => vec![Part::Other(Found::Sops)],
            json @ [b'{', ..] if ruined::is_printed(json) => vec![Part::Other(Found::Printed)],
            json @ [b'{', ..] => jwk::parts(json),
            _ => vec![binary(file)],
        };
    }
    let is_broken = |part: &Part| {
        let is_broken =
            |found: Found| matches!(found, Found::BrokenPem | Found::PemLabels) || found.is_cut();
        matches!(part, Part::Other(found) | Part::OtherKey(found) if is_broken(*found))
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

/// What a file without PEM holds.
fn binary(file: &[u8]) -> Part {
    der::part(file).unwrap_or_else(|| Part::Other(unreadable(file)))
}

/// What a file is that is neither PEM nor DER.
fn unreadable(file: &[u8]) -> Found {
    match pem::without_mark(file).trim_ascii() {
        [] => Found::Nothing,
        [SEQUENCE, 0x80..=0x84, ..] => cut::found(file).unwrap_or(Found::BrokenDer),
        [0xfe, 0xed, 0xfe, 0xed, ..] => Found::JavaKeystore,
        [0xce, 0xce, 0xce, 0xce, ..] => Found::JceKeystore,
        [b'P', b'K', 3, 4, ..] => Found::Zip,
        text @ [b'<', ..] => markup(text),
        text if text.starts_with(b"PuTTY-User-Key-File-") => Found::Putty,
        text if SSH.iter().any(|begin| text.starts_with(begin)) => Found::Ssh,
        text => match ruined::found(file) {
            Some(found) => found,
            None if text.starts_with(b"MII") => Found::Base64,
            None => Found::Unknown,
        },
    }
}

/// How public keys of SSH begin.
const SSH: [&[u8]; 4] = [b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"---- BEGIN SSH2"];

fn markup(text: &[u8]) -> Found {
    let begins = |with: &[u8]| {
        text.get(..with.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(with))
    };
    if begins(b"<!doctype html") || begins(b"<html") {
        Found::WebPage
    } else {
        Found::Xml
    }
}
