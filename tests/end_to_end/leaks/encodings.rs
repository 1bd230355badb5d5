//! The encodings in which a text can appear.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret in one encoding.
pub(crate) struct Encoding {
    pub(crate) name: &'static str,
    text: String,
    /// Whether upper and lower case differ, as they do in base64.
    is_exact: bool,
}

/// A text to search, without white space, so that a secret that is split over lines is found as
/// well.
pub(crate) struct Haystack {
    exact: String,
    lower: String,
}

impl Haystack {
    pub(crate) fn new(text: &str) -> Self {
        let exact = without_white_space(text);
        let lower = exact.to_lowercase();
        Self { exact, lower }
    }

    pub(crate) fn holds(&self, encoding: &Encoding) -> bool {
        if encoding.is_exact {
            self.exact.contains(&encoding.text)
        } else {
            self.lower.contains(&encoding.text)
        }
    }
}

fn without_white_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A secret in every encoding; the case of letters matters only in base64.
pub(crate) fn encodings(secret: &str) -> Vec<Encoding> {
    let any_case = |name, text: String| Encoding {
        name,
        text: without_white_space(&text).to_lowercase(),
        is_exact: false,
    };
    let bytes = || secret.bytes();
    let json = serde_json::to_string(secret).expect("JSON");
    let debug = format!("{secret:?}");
    let mut encodings = vec![
        any_case("plain", secret.to_owned()),
        any_case("hex", joined(bytes().map(|b| format!("{b:02x}")))),
        any_case("percent", percent(secret)),
        any_case(
            "percent, every byte",
            joined(bytes().map(|b| format!("%{b:02x}"))),
        ),
        any_case("JSON", json[1..json.len() - 1].to_owned()),
        any_case("JSON, every character", escaped(secret)),
        any_case("Debug", debug[1..debug.len() - 1].to_owned()),
        any_case("bytes", listed(bytes().map(|b| b.to_string()))),
        any_case("hex bytes", listed(bytes().map(|b| format!("0x{b:02x}")))),
    ];
    // Most encodings leave letters and digits as they are: one copy is enough.
    let plain = encodings[0].text.clone();
    encodings.retain(|it| it.name == "plain" || it.text != plain);
    encodings.extend((0..3).flat_map(|offset| base64_at(secret, offset)));
    encodings
}

/// The part of a secret's base64 that doesn't depend on the text around it.
fn base64_at(secret: &str, offset: usize) -> [Encoding; 2] {
    let mut bytes = vec![0; offset];
    bytes.extend(secret.bytes());
    let first = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    let exact = |name, encoded: String| Encoding {
        name,
        text: encoded[first..end].to_owned(),
        is_exact: true,
    };
    [
        exact("base64", STANDARD_NO_PAD.encode(&bytes)),
        exact("base64url", URL_SAFE_NO_PAD.encode(&bytes)),
    ]
}

fn percent(secret: &str) -> String {
    let encoded = secret.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02x}")
        }
    });
    encoded.collect()
}

fn escaped(secret: &str) -> String {
    let units = secret.encode_utf16();
    joined(units.map(|unit| format!("\\u{unit:04x}")))
}

pub(crate) fn joined(pieces: impl Iterator<Item = String>) -> String {
    pieces.collect()
}

fn listed(bytes: impl Iterator<Item = String>) -> String {
    bytes.collect::<Vec<_>>().join(",")
}
