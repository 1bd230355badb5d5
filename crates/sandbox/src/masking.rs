//! Which part of a caller's text a message may repeat.
//!
//! One rule says what is masked: 12 to 19 digits that pass the Luhn check.

/// Digits of the shortest card number, ISO/IEC 7812-1 as the vendor applies it.
const SHORTEST: usize = 12;
/// Digits of the longest.
const LONGEST: usize = 19;
/// Characters of a caller's text that a message quotes: enough to recognise a header.
const QUOTED: usize = 80;

/// Characters that are quoted of a text that has to be compared, such as a path.
const COMPARED: usize = 200;

/// A caller's text as a message shows it: printable ASCII, no card numbers, not too long.
pub(crate) fn shown(text: &str) -> String {
    // The text is masked before it is cut, because a cut card number would no longer be recognised.
    cut(mask(&printable(text)), QUOTED)
}

/// A caller's text in full, for a record: printable ASCII, no card numbers.
pub(crate) fn masked(text: &str) -> String {
    mask(&printable(text))
}

/// A caller's text with all its digits, for explanations of what was signed.
pub(crate) fn quoted(text: &str) -> String {
    cut(printable(text), COMPARED)
}

/// A key id that isn't enrolled. A text that doesn't look like a key id is hidden, because it may be a
/// secret in the wrong place.
pub(crate) fn shown_key_id(key_id: &str) -> String {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    // Whole numbers are checked, with the dashes in them: part of a certificate's 22-digit id may well pass the
    // check.
    let mut numbers = key_id.split(|c: char| !c.is_ascii_digit() && c != '-');
    let is_masked = numbers.any(|number| is_card_number(&digits(number)));
    if (1..=40).contains(&key_id.len()) && key_id.bytes().all(letter) && !is_masked {
        key_id.to_owned()
    } else {
        format!("a text of {} characters", key_id.chars().count())
    }
}

fn printable(text: &str) -> String {
    let printable = |c: char| c.is_ascii_graphic() || c == ' ';
    text.chars()
        .map(|c| if printable(c) { c } else { '?' })
        .collect()
}

fn cut(text: String, length: usize) -> String {
    if text.chars().count() <= length {
        return text;
    }
    let mut short: String = text.chars().take(length).collect();
    short.push_str("...");
    short
}

/// Replaces every run of digits that holds a card number, also one grouped by spaces or dashes.
fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() || (!run.is_empty() && (c == ' ' || c == '-')) {
            run.push(c);
        } else {
            flush(&mut run, &mut masked);
            masked.push(c);
        }
    }
    flush(&mut run, &mut masked);
    masked
}

fn flush(run: &mut String, masked: &mut String) {
    if holds_card_number(&digits(run)) {
        masked.push_str("[digits masked]");
    } else {
        masked.push_str(run);
    }
    run.clear();
}

/// The values of the digits in a text.
fn digits(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|byte| byte - b'0')
        .collect()
}

/// Whether any neighbouring digits are a card number.
fn holds_card_number(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).any(|length| digits.windows(length).any(is_card_number))
}

fn is_card_number(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len()) && passes_luhn(digits)
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, digit) {
            (0, digit) => u32::from(digit),
            (_, digit @ 0..=4) => u32::from(digit) * 2,
            (_, digit) => u32::from(digit) * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(shown(text), expected, "{text:?}");
    }

    #[test]
    fn card_numbers_are_masked_wherever_they_stand() {
        check("4111111111111111", "[digits masked]");
        check("id=4111111111111111;", "id=[digits masked];");
        check("4111 1111 1111 1111", "[digits masked]");
        check("4111-1111-1111-1111/x", "[digits masked]/x");
        check("378282246310005", "[digits masked]");
        check("99941111111111111119999", "[digits masked]");
        let long = "x".repeat(70);
        check(
            &format!("{long}4111111111111111"),
            &format!("{long}[digits ma..."),
        );
    }

    #[test]
    fn other_text_stays_readable() {
        check("text/plain", "text/plain");
        check("41111111111", "41111111111");
        check("123456789013", "123456789013");
        check("2026-11-22", "2026-11-22");
        check("a\r\nb\u{e9}", "a??b?");
        check(&"y".repeat(81), &format!("{}...", "y".repeat(80)));
    }

    #[test]
    fn a_key_id_is_hidden_where_it_is_a_card_number_or_no_key_id() {
        for shown in ["1700000000000000000033", "08c94330-f618", "123456789013"] {
            assert_eq!(shown_key_id(shown), shown);
        }
        assert_eq!(shown_key_id("4111111111111111"), "a text of 16 characters");
        for number in [
            "4111-1111-1111-1111",
            "4111111111111111a",
            "kid-4111-1111-1111-1111x",
        ] {
            let expected = format!("a text of {} characters", number.len());
            assert_eq!(shown_key_id(number), expected);
        }
        assert_eq!(shown_key_id("p@ss"), "a text of 4 characters");
        assert_eq!(shown_key_id(""), "a text of 0 characters");
    }

    #[test]
    fn what_is_compared_keeps_its_digits() {
        assert_eq!(quoted("/4111111111111111\n"), "/4111111111111111?");
        assert_eq!(quoted(&"y".repeat(201)), format!("{}...", "y".repeat(200)));
    }
}
