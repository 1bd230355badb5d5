//! What no response and no record repeats, wherever in a request it stood, and in whatever encoding.

mod pieces;
mod shapes;
mod views;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aws_lc_rs::digest::SHA256_OUTPUT_LEN;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::HeaderMap;
use zeroize::Zeroizing;

use pieces::{PIECE, Pieces};
use views::{View, views};

/// Bytes of the shortest text that is hidden; a shorter one could stand in any text.
const SHORTEST: usize = 8;
/// Characters of a signature that are hidden: nobody can do anything with the rest alone.
const BEGINNING: usize = 64;

const HIDDEN: &str = "[secret hidden]";
const HIDDEN_JWT: &str = "[JWT hidden]";

/// The shared secrets, passwords and access tokens that the sandbox knows, and the signature of one request. A client
/// with a mixed-up configuration sends them as something else, and explanations repeat what was sent.
#[derive(Default)]
pub(crate) struct Secrets {
    /// Every piece of every secret, and of its base64. `-` counts as `+`, and `_` as `/`, so this is base64url too.
    pieces: Pieces,
    /// Every piece in hexadecimal, in lower case.
    hexadecimal: Pieces,
    /// Secrets that are shorter than a piece.
    short: Vec<Zeroizing<String>>,
    count: usize,
    /// The sandbox's own, where these are those of one request.
    known: Option<Arc<Self>>,
}

impl Secrets {
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        self.count += 1;
        if secret.len() < PIECE {
            self.short.push(Zeroizing::new(secret.to_owned()));
        }
        self.pieces.add(&normalized(secret.as_bytes()));
        for offset in 0..3 {
            let base64 = base64_at(secret.as_bytes(), offset);
            self.pieces.add(&normalized(base64.as_bytes()));
        }
        self.hexadecimal.add(&hexadecimal(secret.as_bytes()));
        if let Some(bytes) = decoded(secret) {
            self.hexadecimal.add(&hexadecimal(&bytes));
        }
    }

    /// Adds the signature of one request, in fewer forms: this is done for each.
    fn add_signature(&mut self, signature: &str, bytes: &[u8]) {
        self.count += 1;
        self.pieces.add(&normalized(signature.as_bytes()));
        self.hexadecimal.add(&hexadecimal(bytes));
    }

    /// The signature that a request was sent with, which must not be repeated where it was sent once more. It is good
    /// for a call, and the record has all else that such a call needs.
    pub(crate) fn of_request(headers: &HeaderMap, known: &Arc<Self>) -> Self {
        let mut secrets = Self {
            known: Some(Arc::clone(known)),
            ..Self::default()
        };
        for name in ["authorization", "signature"] {
            let Some(text) = headers.get(name).and_then(|value| value.to_str().ok()) else {
                continue;
            };
            let signature = match text.split_once("signature=\"") {
                Some((_, rest)) => rest.split('"').next(),
                None => text.rsplit(['.', ' ']).next(),
            };
            let beginning = signature.map(|it| it.get(..BEGINNING).unwrap_or(it));
            // Other words, such as a misplaced host, may be told.
            if let Some(beginning) = beginning
                && let Some(bytes) = decoded(beginning)
                && bytes.len() >= SHA256_OUTPUT_LEN
            {
                secrets.add_signature(beginning, &bytes);
            }
        }
        secrets
    }

    /// Replaces known secrets, their pieces, whole JWTs, which may be good for a call, and what looks like a
    /// shared secret or a signature that the sandbox doesn't know.
    pub(crate) fn hide(&self, text: &mut String) {
        self.hide_in(text, false);
    }

    /// As [`hide`](Self::hide). Where a text is about a digest, that has the form of a signature and is left.
    pub(crate) fn hide_in(&self, text: &mut String, is_about_digest: bool) {
        let has_short = |secrets: &Self| !secrets.short.is_empty();
        let has_short = has_short(self) || self.known.as_deref().is_some_and(has_short);
        if is_harmless(text, if has_short { SHORTEST } else { PIECE }) {
            return;
        }
        let mut found = Vec::new();
        for view in views(text) {
            found.extend(self.find(&view).into_iter().map(|at| (at, HIDDEN)));
            found.extend(shapes::jwts(&view).map(|at| (at, HIDDEN_JWT)));
            if !is_about_digest {
                found.extend(shapes::signatures(&view).map(|at| (at, HIDDEN)));
            }
        }
        if !found.is_empty() {
            *text = replaced(text, found).unwrap_or_else(|| HIDDEN.to_owned());
        }
    }

    /// Where in the text a piece of a secret stands.
    fn find(&self, view: &View) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let plain = normalized(&view.bytes);
        let lower = view.bytes.to_ascii_lowercase();
        for secrets in [Some(self), self.known.as_deref()].into_iter().flatten() {
            for (bytes, known) in [(&plain, &secrets.pieces), (&lower, &secrets.hexadecimal)] {
                found.extend(known.places(bytes).map(|at| view.range(at, PIECE)));
            }
            for secret in &secrets.short {
                let windows = view.bytes.windows(secret.len()).enumerate();
                let same = windows.filter(|(_, it)| *it == secret.as_bytes());
                found.extend(same.map(|(at, it)| view.range(at, it.len())));
            }
        }
        found
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.count)
    }
}

/// Whether all words of a text are too short for anything secret, as is usual.
fn is_harmless(text: &str, shortest: usize) -> bool {
    let mut words = text.split([' ', '\n']);
    // A list of bytes has blanks between them.
    words.all(|word| word.len() < shortest) && text.matches(',').count() < PIECE - 1
}

/// Base64url as base64. Other texts are compared after the same change.
fn normalized(bytes: &[u8]) -> Vec<u8> {
    let same = bytes.iter().map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    });
    same.collect()
}

/// The part of a text's base64 that doesn't depend on the bytes around it, of which there are so many before.
fn base64_at(text: &[u8], offset: usize) -> Zeroizing<String> {
    let bytes = Zeroizing::new([&vec![0; offset], text].concat());
    let whole = Zeroizing::new(STANDARD_NO_PAD.encode(&*bytes));
    let (first, end) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
    Zeroizing::new(whole.get(first..end).unwrap_or_default().to_owned())
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| DIGITS.get(usize::from(digit)).copied())
        .collect()
}

/// The bytes of base64 or base64url.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = normalized(text.trim_end_matches('=').as_bytes());
    STANDARD_NO_PAD.decode(text).ok()
}

/// The text with a label in place of each part that was found. Parts that overlap get one.
fn replaced(text: &str, mut found: Vec<(Range<usize>, &str)>) -> Option<String> {
    found.sort_by_key(|(at, _)| at.start);
    let mut hidden = String::new();
    let mut end = 0;
    for (at, label) in &found {
        if at.start > end || hidden.is_empty() {
            hidden.push_str(text.get(end..at.start)?);
            hidden.push_str(label);
        }
        end = end.max(at.end);
    }
    hidden.push_str(text.get(end..)?);
    Some(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

    fn hidden(text: &str) -> String {
        let mut secrets = Secrets::default();
        secrets.add(SECRET);
        secrets.add("short");
        secrets.add("password");
        let mut text = text.to_owned();
        secrets.hide(&mut text);
        text
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands_and_where_it_is_cut() {
        assert_eq!(hidden(SECRET), HIDDEN);
        assert_eq!(
            hidden(&format!("got {SECRET}, {SECRET}.")),
            format!("got {HIDDEN}, {HIDDEN}.")
        );
        for length in BEGINNING..SECRET.len() {
            assert_eq!(
                hidden(&format!("a {}...", &SECRET[..length])),
                format!("a {HIDDEN}...")
            );
        }
        assert_eq!(hidden("my password is"), format!("my {HIDDEN} is"));
    }

    #[test]
    fn a_secret_is_hidden_from_any_part_of_it_on() {
        for start in 1..SECRET.len() - PIECE {
            let text = format!("...{}", &SECRET[start..]);
            assert_eq!(hidden(&text), format!("...{HIDDEN}"));
        }
        assert_eq!(hidden("TmcPGu+GaJr"), "TmcPGu+GaJr");
    }

    /// The eight encodings that the leak scan of the whole repository looks for, and two at once.
    #[test]
    fn a_secret_is_hidden_in_every_encoding() {
        let escaped = |prefix: &str, suffix: &str| -> String {
            let bytes = SECRET.bytes();
            let bytes = bytes.map(|b| format!("{prefix}{b:02x}{suffix}"));
            bytes.collect::<Vec<_>>().concat()
        };
        let percent = SECRET
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3d");
        let raw = STANDARD_NO_PAD
            .decode(SECRET.trim_end_matches('='))
            .unwrap();
        let hex = String::from_utf8(hexadecimal(&raw)).unwrap().to_uppercase();
        let list: Vec<String> = SECRET.bytes().map(|byte| byte.to_string()).collect();
        let mut encoded = vec![
            percent.replace('%', "%25"),
            percent,
            escaped("%", ""),
            escaped("\\u00", ""),
            escaped("\\x", ""),
            escaped("", ""),
            hex,
            SECRET.replace('/', r"\/"),
            SECRET.replace('+', "-").replace('/', "_"),
            list.join(","),
            list.join(", "),
            escaped("0x", ", "),
        ];
        for before in ["", "m", "me"] {
            let base64 = STANDARD_NO_PAD.encode(format!("{before}:{SECRET}:{before}"));
            encoded.push(base64.replace('+', "-").replace('/', "_"));
            encoded.push(base64);
        }
        for text in encoded {
            let hidden = hidden(&format!("a={text}&b"));
            let (before, after) = hidden.split_once(HIDDEN).expect(&text);
            let least = text.len() - before.len() - after.len();
            assert!(
                before.len() < 12 && after.len() < 12 && least > 20,
                "{hidden} of {text}"
            );
        }
    }

    #[test]
    fn what_has_the_form_of_a_secret_is_hidden_unless_it_is_a_digest() {
        let other = "p4ZAm9QxKb7eWv3s+RdTnYc0oLh1iUfJ8/gCz5aE2aA=";
        assert_eq!(hidden(other), HIDDEN);
        assert_eq!(hidden(&format!("/a/{other}")), format!("/a/{HIDDEN}"));
        assert_eq!(hidden(&other.replace('=', "%3D")), HIDDEN);
        for before in ["digest: ", "SHA-256=", "sha-256=", "digest "] {
            let digest = format!("{before}{other}");
            assert_eq!(hidden(&digest), digest);
        }
        let mut digest = other.to_owned();
        Secrets::default().hide_in(&mut digest, true);
        assert_eq!(digest, other);
    }

    #[test]
    fn the_signature_of_a_request_is_hidden_in_it() {
        let signature = "RCvYx6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";
        let hex = String::from_utf8(hexadecimal(&decoded(signature).unwrap())).unwrap();
        for (name, value) in [
            (
                "signature",
                format!(r#"keyid="a", signature="{signature}""#),
            ),
            (
                "authorization",
                format!(r#"Signature keyid="a",signature="{signature}""#),
            ),
            (
                "authorization",
                format!("Bearer eyJh.eyJp.{}", signature.trim_end_matches('=')),
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let secrets = Secrets::of_request(&headers, &Arc::default());
            for text in [signature, signature.trim_end_matches('='), &hex] {
                let mut text = format!("a {text}");
                secrets.hide(&mut text);
                assert!(
                    text == format!("a {HIDDEN}") || text == format!("a {HIDDEN}="),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_jwt_is_hidden_whole_and_where_it_is_cut() {
        for jwt in [
            "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJzaG9wIn0.c2lnbmF0dXJl",
            "eyAiYWxnIjoiSFMyNTYifQ.eyJpc3MiOiJzaG9wIn0.",
            "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJz",
        ] {
            assert_eq!(hidden(jwt), HIDDEN_JWT);
            assert_eq!(
                hidden(&format!("date: {jwt}\nx")),
                format!("date: {HIDDEN_JWT}\nx")
            );
            assert_eq!(hidden(&format!("?a={jwt}")), format!("?a={HIDDEN_JWT}"));
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in [
            "",
            "short",
            "yBJxy6LjM2T",
            "request-target: post /tms/v2/tokens/47CA8267360FD3EAE063AF598E0A5792/payment-credentials",
            "host: apitest.cybersource.com\ndate: Fri, 27 Nov 2026 09:05:02 GMT",
            "digest: SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "eyJhbGciOiJIUzI1NiJ9",
            "ключ",
        ] {
            assert_eq!(hidden(text), text);
        }
    }
}
