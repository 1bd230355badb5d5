//! Digests of something else than the body.

use aws_lc_rs::digest::{self, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

pub(super) fn wanted(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(sha_256(body)))
}

/// What a digest is of, if it isn't that of the body; none if nothing fits. It comes without `SHA-256=`.
pub(in super::super) fn digest(body: &[u8], got: &str) -> Option<&'static str> {
    let hash = sha_256(body);
    let hexadecimal: String = hexadecimal(&hash);
    for (text, what) in [
        (
            hexadecimal.clone(),
            "the right digest in hexadecimal; it is in base64",
        ),
        (
            STANDARD.encode(&hexadecimal),
            "base64 of the digest in hexadecimal; it is base64 of its 32 bytes",
        ),
        (
            URL_SAFE_NO_PAD.encode(&hash),
            "the right digest in base64url; it is in standard base64, with padding",
        ),
    ] {
        if got.eq_ignore_ascii_case(&text) || got.trim_end_matches('=') == text {
            return Some(what);
        }
    }
    let is_of = |other: &[u8]| STANDARD.encode(sha_256(other)) == got;
    let mut others = others(body).into_iter();
    others.find_map(|(other, what)| is_of(&other).then_some(what))
}

/// What a client may have in place of the body that it sends.
fn others(body: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let trimmed = body.trim_ascii_end().to_vec();
    let mut others = vec![
        (
            [body, b"\n"].concat(),
            "the digest of this body with a line feed at its end",
        ),
        (
            [body, b"\r\n"].concat(),
            "the digest of this body with CR LF at its end",
        ),
        (
            trimmed,
            "the digest of this body without the white space at its end",
        ),
        (Vec::new(), "the digest of no body"),
    ];
    // Of a body that is no JSON there is no other form.
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let what = "the digest of the same JSON in another form; it is that of the very bytes that are sent";
        let forms = [
            serde_json::to_vec(&value),
            serde_json::to_vec_pretty(&value),
        ];
        others.extend(forms.into_iter().flatten().map(|form| (form, what)));
        others.push((compact(body), what));
        others.push((spaced(body), what));
        let quoted = String::from_utf8_lossy(body);
        others.extend(serde_json::to_vec(&quoted).ok().map(|text| {
            (text, "the digest of the body as a JSON string; it is that of the very bytes that are sent")
        }));
    }
    others
}

/// The JSON without white space between its parts, in the order in which it was sent.
fn compact(json: &[u8]) -> Vec<u8> {
    outside_strings(json, |byte| {
        if byte.is_ascii_whitespace() {
            vec![]
        } else {
            vec![byte]
        }
    })
}

/// The JSON as Python writes it by default, with a blank after commas and colons.
fn spaced(json: &[u8]) -> Vec<u8> {
    outside_strings(&compact(json), |byte| match byte {
        b',' | b':' => vec![byte, b' '],
        _ => vec![byte],
    })
}

fn outside_strings(json: &[u8], change: impl Fn(u8) -> Vec<u8>) -> Vec<u8> {
    let (mut is_inside, mut is_escaped) = (false, false);
    let mut changed = Vec::with_capacity(json.len());
    for &byte in json {
        if is_inside {
            changed.push(byte);
        } else {
            changed.extend(change(byte));
        }
        if byte == b'"' && !is_escaped {
            is_inside = !is_inside;
        }
        is_escaped = is_inside && byte == b'\\' && !is_escaped;
    }
    changed
}

fn sha_256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&SHA256, bytes).as_ref().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}
