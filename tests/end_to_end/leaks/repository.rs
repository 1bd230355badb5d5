//! Every number in this repository that could be a card number is a published one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The numbers that files may contain, and where each was published.
const PUBLISHED: [(&str, &str); 11] = [
    ("3566111111111113", "CyberSource's test cards: JCB"),
    ("370000000000002", "Adyen's test cards"),
    (
        "378282246310005",
        "test cards of PayPal, Stripe and CyberSource",
    ),
    (
        "4111111111111111",
        "CyberSource's and every processor's test card",
    ),
    (
        "4323126880354068",
        "TMS OpenAPI document, v3, example of the response",
    ),
    (
        "4895370016750801",
        "TMS developer guide, example of a network token",
    ),
    (
        "5204240250197840",
        "Google Pay's test environment, a network token of Mastercard's",
    ),
    (
        "5555555555554444",
        "test cards of PayPal, Stripe and CyberSource",
    ),
    (
        "6011111111111117",
        "test cards of PayPal, Stripe and CyberSource: Discover",
    ),
    (
        "7010000000016241111",
        "TMS developer guide, example of a token id",
    ),
    (
        "7040890000006625091",
        "TMS developer guide, example of a token id",
    ),
];

/// A word longer than any id or number is encoded data: hex, base64.
const ENCODED: usize = 40;

/// Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).
pub(crate) fn passes_luhn(digits: &[u8]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(at, digit)| {
        let digit = u32::from(digit - b'0') << (at % 2);
        digit / 10 + digit % 10
    });
    weighed.sum::<u32>() % 10 == 0
}

/// The texts of a file that could be card numbers, without their blanks and dashes.
fn card_like(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_+/=".contains(c);
    let words = text.split(|c| !is_word(c) && c != ' ' && c != '-');
    let phrases = words.map(|phrase| {
        phrase
            .split([' ', '-'])
            .filter(|word| word.len() < ENCODED)
            .collect::<Vec<_>>()
            .join(" ")
    });
    let mut found = Vec::new();
    for phrase in phrases {
        for run in phrase.split(|c: char| !c.is_ascii_digit() && c != ' ') {
            found.push(run.split(' ').collect());
            found.extend(run.split(' ').map(str::to_owned));
        }
    }
    found.dedup();
    // A number of zeros passes the check, but is no card number.
    found.retain(|run| {
        (12..=19).contains(&run.len()) && passes_luhn(run.as_bytes()) && run.contains(|c| c != '0')
    });
    found
}

/// Every file of the workspace except build output, git's own files, and Wycheproof's vectors, which are
/// unchanged and contain hex of every length.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if path.is_dir() {
            if !matches!(name, Some("target" | ".git" | "wycheproof")) {
                files(&path, found);
            }
        } else if name != Some(".git") {
            found.push(path);
        }
    }
}

#[test]
fn f14_files_hold_only_published_numbers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(root, &mut paths);
    let mut texts = 0;
    let mut unknown: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for path in paths {
        #[expect(clippy::disallowed_methods, reason = "what is scanned is files")]
        let bytes = fs::read(&path).expect("a file");
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        texts += 1;
        let published = |run: &String| PUBLISHED.iter().any(|(number, _)| number == run);
        let strange = card_like(&text)
            .iter()
            .filter(|run| !published(run))
            .count();
        if strange > 0 {
            unknown.insert(path, strange);
        }
    }
    assert!(texts > 100, "only {texts} files were read");
    assert!(
        unknown.is_empty(),
        "numbers that are not published: {unknown:?}"
    );
}

#[test]
fn finds_a_number_however_it_is_written() {
    let digits = ["4000", "0025", "0000", "0003"];
    for text in [
        digits.concat(),
        digits.join(" "),
        digits.join("-"),
        format!("pan{}x", digits.concat()),
        format!("\"number\": \"{}\",", digits.concat()),
        format!("12 {}", digits.concat()),
    ] {
        assert_eq!(card_like(&text), [digits.concat()], "{}", text.len());
    }
    let hex = format!("{}{}", digits.concat(), "0123456789abcdef".repeat(2));
    assert!(card_like(&hex).is_empty());
    assert!(card_like(&digits.concat().replace('3', "4")).is_empty());
}
