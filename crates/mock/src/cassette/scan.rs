//! Searches a finished text for everything that was seen, in each encoding.

use super::format::written;
use super::grammar::is_of_the_format;

/// Shorter values occur by chance.
const SHORTEST: usize = 5;

/// Longer values are found by their beginning.
const LONGEST: usize = 256;

/// The name of an encoding in which the text holds one of the values; or that it holds a long number, which no line of
/// the format does.
pub(super) fn leak<'a>(text: &str, values: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let number = has_a_long_number(text).then_some("a number of 12 or more digits");
    found(text, values).or(number)
}

fn found<'a>(text: &str, values: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let words = || written(text).flat_map(|line| line.split(is_separator));
    let whole = Haystack::of(words());
    let foreign = Haystack::of(words().filter(|word| !is_of_the_format(word)));
    let mut found = values.filter_map(|value| {
        let plain = value.replace(is_separator, "");
        let is_by_chance = is_of_the_format(&plain) || is_short_word(&plain);
        // White space hides nothing.
        let value: String = value
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(LONGEST)
            .collect();
        if value.chars().count() < SHORTEST {
            return None;
        }
        let haystack = if is_by_chance { &foreign } else { &whole };
        haystack.holds(&value)
    });
    found.next()
}

/// Whether a value could be a part of the format's own words. Those reveal nothing, so such a value is searched in the
/// rest of the text.
fn is_short_word(value: &str) -> bool {
    value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || ":.[]".contains(c)
}

/// A text without separators.
struct Haystack {
    exact: String,
    lower: String,
}

impl Haystack {
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let exact: String = words.collect();
        let lower = exact.to_lowercase();
        Self { exact, lower }
    }

    /// The encoding in which the text holds a value.
    fn holds(&self, value: &str) -> Option<&'static str> {
        let joined = |text: &str| text.to_lowercase().replace(is_separator, "");
        let mut any_case = in_any_case(value).into_iter();
        let any_case = any_case.find(|(_, text)| self.lower.contains(&joined(text)));
        let exact = || {
            let mut exact = exactly(value).into_iter();
            exact.find(|(_, text)| self.exact.contains(text))
        };
        any_case.or_else(exact).map(|(name, _)| name)
    }
}

/// No line of the format holds one, whatever was seen. A number may be written in groups.
fn has_a_long_number(text: &str) -> bool {
    let joined = |line: &str| line.replace([' ', '-', '_'], "");
    let is_long = |line: String| {
        let mut runs = line.split(|c: char| !c.is_ascii_digit());
        runs.any(|run| run.len() >= 12)
    };
    text.lines().map(joined).any(is_long)
}

/// The encodings in which upper and lower case are the same.
fn in_any_case(value: &str) -> [(&'static str, String); 9] {
    let each = |encode: fn(u8) -> String| value.bytes().map(encode).collect::<Vec<_>>().concat();
    let listed = |encode: fn(u8) -> String| value.bytes().map(encode).collect::<Vec<_>>().join(",");
    let json = serde_json::Value::from(value).to_string();
    let debug = format!("{value:?}");
    let unquoted = |text: &str| text.get(1..text.len() - 1).unwrap_or_default().to_owned();
    let units = value.encode_utf16();
    [
        ("plain", value.to_owned()),
        ("hex", each(|byte| format!("{byte:02x}"))),
        ("percent", each(percent)),
        ("percent, every byte", each(|byte| format!("%{byte:02x}"))),
        ("JSON", unquoted(&json)),
        (
            "JSON, every character",
            units
                .map(|unit| format!("\\u{unit:04x}"))
                .collect::<Vec<_>>()
                .concat(),
        ),
        ("Debug", unquoted(&debug)),
        ("bytes", listed(|byte| byte.to_string())),
        ("hex bytes", listed(|byte| format!("0x{byte:02x}"))),
    ]
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02x}")
    }
}

/// The part of the base64 that doesn't depend on the text around it, at each offset, in both alphabets.
fn exactly(value: &str) -> Vec<(&'static str, String)> {
    let mut encodings = Vec::new();
    for offset in 0..3 {
        let mut bytes = vec![0; offset];
        bytes.extend(value.bytes());
        let first = (offset * 8).div_ceil(6);
        let end = bytes.len() * 8 / 6;
        let encoded = base64(&bytes);
        let part = encoded.get(first..end).unwrap_or_default().to_owned();
        let url = part.replace('+', "-").replace('/', "_");
        encodings.extend([("base64", part), ("base64url", url)]);
    }
    encodings
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=chunk.len() {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or_default();
            let character = ALPHABET.get(index).copied().unwrap_or_default();
            encoded.push(char::from(character));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Zoë \"4111\"/+\\x";

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(found(text, [SECRET].into_iter()), Some(expected), "{text}");
        assert_eq!(found(text, ["something else"].into_iter()), None, "{text}");
    }

    #[test]
    fn base64_is_the_standards() {
        for (text, encoded) in [
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_value_is_found_in_each_encoding() {
        check(&format!("card: a {SECRET} b"), "plain");
        check("zoë\n  \"4111\"/+\\X", "plain");
        check("Zo%C3%AB%224111%22%2F%2B%5Cx", "percent");
        check(r#"Zoë\"4111\"/+\\x"#, "JSON");
        let whole = SECRET.replace(' ', "");
        let each =
            |encode: fn(u8) -> String| whole.bytes().map(encode).collect::<Vec<_>>().concat();
        check(&format!("x{}", each(|byte| format!("{byte:02X}"))), "hex");
        check(&each(|byte| format!("%{byte:02x}")), "percent, every byte");
        let units = whole.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
        check(&units.collect::<Vec<_>>().concat(), "JSON, every character");
        check(&format!("{:?}", whole.as_bytes()), "bytes");
        check(&format!("{:#x?}", whole.as_bytes()), "hex bytes");
        for before in ["", "a", "ab"] {
            let encoded = base64(format!("{before}{whole}z").as_bytes());
            check(&encoded, "base64");
            let url = encoded.replace('+', "-").replace('/', "_");
            let name = found(&url, [SECRET].into_iter());
            assert!(name.is_some_and(|name| name.starts_with("base64")), "{url}");
        }
    }

    #[test]
    fn words_of_the_format_are_no_leak_and_short_values_are_not_searched() {
        let text =
            "[call]\ncard: gold visa\nversion: v3\nrequest transactionType: ECOM\nstate: ACTIVE\n";
        for word in ["ACTIVE", "version", "transactionType", "ECOM", "gold"] {
            assert_eq!(leak(text, [word].into_iter()), None, "{word}");
        }
        // A name may hold such a word.
        let text = "[call]\ncard: Anna visa 1\n";
        assert_eq!(leak(text, ["anna visa 1"].into_iter()), Some("plain"));
        assert_eq!(leak(text, ["annav"].into_iter()), None);
        assert_eq!(leak("card: Smith", ["SMITH"].into_iter()), Some("plain"));
    }

    #[test]
    fn a_long_number_is_a_leak_whatever_was_seen() {
        let found = leak("card: x 411111111111", [].into_iter());
        assert_eq!(found, Some("a number of 12 or more digits"));
        let found = leak("card: x 4111-1111 1111_1111", [].into_iter());
        assert_eq!(found, Some("a number of 12 or more digits"));
        assert_eq!(leak("card: x 41111111111", [].into_iter()), None);
    }
}
