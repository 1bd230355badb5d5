//! Canaries, the places where they could appear, and the search for them.

use std::collections::HashSet;
use std::error::Error;
use std::fmt::{Debug, Write as _};

use aws_lc_rs::rand;

use super::collector::{heard_since, listen};
use super::encodings::{Encoding, Haystack, encodings};

const WORD: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// One test's canaries, and the texts in which they could appear.
pub(crate) struct Scan {
    mark: usize,
    secrets: Vec<(&'static str, Vec<Encoding>)>,
    places: Vec<(String, Haystack)>,
}

impl Scan {
    pub(crate) fn begin() -> Self {
        Self {
            mark: listen(),
            secrets: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Creates a canary of 16 letters and digits.
    pub(crate) fn word(&mut self, name: &'static str) -> String {
        self.keep(name, &random(16, WORD))
    }

    /// Creates a canary with characters that most encodings change.
    pub(crate) fn odd(&mut self, name: &'static str) -> String {
        let word = random(16, WORD);
        self.keep(name, &format!("{}\"/\\ \u{e9}+{}", &word[..8], &word[8..]))
    }

    /// Creates an address in the documentation block (RFC 3849).
    pub(crate) fn ip_address(&mut self, name: &'static str) -> String {
        let groups = [(); 6].map(|()| random(4, b"123456789abcdef"));
        self.keep(name, &format!("2001:db8:{}", groups.join(":")))
    }

    /// Creates a number that passes as a card number.
    pub(crate) fn number(&mut self, name: &'static str) -> String {
        let fifteen = format!("4{}", random(14, b"0123456789"));
        let doubled = fifteen.bytes().enumerate().map(|(at, digit)| {
            let digit = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        });
        let check = (10 - doubled.sum::<u32>() % 10) % 10;
        self.keep(name, &format!("{fifteen}{check}"))
    }

    /// Uses a secret that was created elsewhere as a canary.
    pub(crate) fn keep(&mut self, name: &'static str, secret: &str) -> String {
        assert!(
            secret.len() >= 5,
            "{name} is too short: it could occur by chance"
        );
        self.secrets.push((name, encodings(secret)));
        secret.to_owned()
    }

    /// Uses each line of a PEM file as a canary, except the first and the last.
    pub(crate) fn keep_pem(&mut self, name: &'static str, pem: &str) {
        let lines = pem.lines().filter(|line| !line.starts_with("-----"));
        for line in lines.filter(|line| line.len() >= 16) {
            self.keep(name, line);
        }
    }

    /// Adds a text that a person could see.
    pub(crate) fn saw(&mut self, place: impl Into<String>, text: &str) {
        self.places.push((place.into(), Haystack::new(text)));
    }

    /// Adds a value's `Debug` output.
    pub(crate) fn shown(&mut self, place: &str, value: &dyn Debug) {
        self.saw(
            format!("Debug of {place}"),
            &format!("{value:?} {value:#?}"),
        );
    }

    /// Adds an error and its causes, as loggers write them.
    pub(crate) fn error(&mut self, place: &str, error: &dyn Error) {
        let mut said = format!("{error} {error:?} {error:#?}");
        let mut cause = error.source();
        while let Some(inner) = cause {
            write!(said, " {inner} {inner:?} {inner:#?}").expect("written");
            cause = inner.source();
        }
        self.saw(format!("error of {place}"), &said);
    }

    /// Where canaries were found: place, canary and encoding.
    fn findings(&self) -> Vec<String> {
        let mut said = HashSet::new();
        let heard: Vec<_> = heard_since(self.mark)
            .into_iter()
            .filter(|line| said.insert(line.text.clone()))
            .map(|line| (format!("log of {}", line.origin), Haystack::new(&line.text)))
            .collect();
        let mut findings = Vec::new();
        for (place, text) in self.places.iter().chain(&heard) {
            for (name, encodings) in &self.secrets {
                for encoding in encodings.iter().filter(|it| text.holds(it)) {
                    findings.push(format!("{place}: {name}, {}", encoding.name));
                }
            }
        }
        findings.sort();
        findings.dedup();
        findings
    }
}

/// Fails if a canary was found; reports the canary's place and encoding, and never the canary
/// itself.
#[track_caller]
pub(crate) fn assert_clean(scan: &Scan) {
    assert!(!scan.secrets.is_empty(), "nothing to look for");
    let findings = scan.findings();
    assert!(
        findings.is_empty(),
        "secrets leaked:\n{}",
        findings.join("\n")
    );
}

fn random(length: usize, alphabet: &[u8]) -> String {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).expect("randomness");
    let pick = |byte: u8| char::from(alphabet[usize::from(byte) % alphabet.len()]);
    bytes.into_iter().map(pick).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::super::encodings::joined;
    use super::*;

    /// Plants a canary in a place, and expects it to be found in this encoding.
    #[track_caller]
    fn check(encoding: &str, plant: impl Fn(&str) -> String) {
        let mut scan = Scan::begin();
        let canary = scan.odd("canary");
        scan.saw("a clean place", &plant("something else altogether"));
        assert_eq!(scan.findings(), [""; 0], "{encoding}");
        scan.saw("a place", &plant(&canary));
        let finding = format!("a place: canary, {encoding}");
        assert!(scan.findings().contains(&finding), "{encoding}");
    }

    fn each(secret: &str, encode: impl Fn(u8) -> String) -> String {
        secret.bytes().map(encode).collect()
    }

    #[test]
    fn f8_finds_a_leak_in_each_encoding() {
        check("plain", |secret| format!("x{secret}x"));
        check("plain", str::to_uppercase);
        check("plain", |secret| {
            let (one, two) = secret.split_at(7);
            format!("{one}\r\n    {two}")
        });
        for before in ["", "a", "ab"] {
            check("base64", |s| STANDARD.encode(format!("{before}{s}z")));
            check("base64url", |s| URL_SAFE.encode(format!("{before}{s}")));
        }
        check("hex", |secret| each(secret, |byte| format!("{byte:02x}")));
        check("hex", |secret| each(secret, |byte| format!("{byte:02X}")));
        check("percent", |secret| {
            let encoded = secret
                .replace('"', "%22")
                .replace('/', "%2F")
                .replace('\\', "%5C")
                .replace(' ', "%20");
            encoded.replace('\u{e9}', "%C3%A9").replace('+', "%2B")
        });
        check("percent, every byte", |secret| {
            each(secret, |byte| format!("%{byte:02X}"))
        });
        check("JSON", |secret| {
            serde_json::json!({ "a": secret }).to_string()
        });
        check("JSON, every character", |secret| {
            let units = secret.encode_utf16();
            joined(units.map(|unit| format!("\\u{unit:04X}")))
        });
        check("Debug", |secret| format!("{secret:?}"));
        check("bytes", |secret| format!("{:?}", secret.as_bytes()));
        check("bytes", |secret| format!("{:#?}", secret.as_bytes()));
        check("hex bytes", |secret| format!("{:#04x?}", secret.as_bytes()));
    }

    #[test]
    fn f12_finds_a_leak_in_logs_and_causes() {
        let mut scan = Scan::begin();
        let canary = scan.word("canary");
        tracing::trace!(field = %canary, "an event");
        log::trace!("a record: {canary}");
        scan.error("a call", &std::io::Error::other(canary));
        let module = module_path!();
        let places = ["error of a call", &format!("log of {module}")];
        assert_eq!(
            scan.findings(),
            places.map(|place| format!("{place}: canary, plain"))
        );
    }

    #[test]
    fn reports_place_and_encoding_but_never_the_canary() {
        let mut scan = Scan::begin();
        let canary = scan.word("canary");
        scan.saw("a place", &canary);
        let clean = std::panic::catch_unwind(|| assert_clean(&scan));
        let said = clean
            .expect_err("a finding")
            .downcast::<String>()
            .expect("a text");
        assert_eq!(*said, "secrets leaked:\na place: canary, plain");
    }

    #[test]
    fn a_number_passes_for_a_cards() {
        let mut scan = Scan::begin();
        let number = scan.number("number");
        assert!(super::super::repository::passes_luhn(number.as_bytes()));
    }
}
