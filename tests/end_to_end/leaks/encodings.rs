//! The ways in which a text can be written down by whoever passes it on.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// One way to write a secret.
pub(crate) struct Spelling {
    pub(crate) encoding: &'static str,
    text: String,
    /// Whether upper and lower case differ, as they do in base64.
    is_exact: bool,
}

/// A text to search, without white space: so a secret that is split over lines is whole again.
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

    pub(crate) fn holds(&self, spelling: &Spelling) -> bool {
        if spelling.is_exact {
            self.exact.contains(&spelling.text)
        } else {
            self.lower.contains(&spelling.text)
        }
    }
}

fn without_white_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Every spelling of a secret; the case of letters doesn't matter but in base64.
pub(crate) fn spellings(secret: &str) -> Vec<Spelling> {
    let any_case = |encoding, text: String| Spelling {
        encoding,
        text: without_white_space(&text).to_lowercase(),
        is_exact: false,
    };
    let bytes = || secret.bytes();
    let json = serde_json::to_string(secret).expect("JSON");
    let debug = format!("{secret:?}");
    let mut spellings = vec![
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
    // Letters and digits alone are spelt alike by most: once is enough.
    let plain = spellings[0].text.clone();
    spellings.retain(|it| it.encoding == "plain" || it.text != plain);
    spellings.extend((0..3).flat_map(|offset| base64_at(secret, offset)));
    spellings
}

/// The part of a secret's base64 that is the same whatever stands around it.
fn base64_at(secret: &str, offset: usize) -> [Spelling; 2] {
    let mut bytes = vec![0; offset];
    bytes.extend(secret.bytes());
    let first = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    let exact = |encoding, encoded: String| Spelling {
        encoding,
        text: encoded[first..end].to_owned(),
        is_exact: true,
    };
    [
        exact("base64", STANDARD_NO_PAD.encode(&bytes)),
        exact("base64url", URL_SAFE_NO_PAD.encode(&bytes)),
    ]
}

fn percent(secret: &str) -> String {
    let spelt = secret.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02x}")
        }
    });
    spelt.collect()
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
