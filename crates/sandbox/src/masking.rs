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
    // The text is masked first, because a card number that is cut, or whose separators became question marks, would
    // no longer be recognised.
    cut(printable(&mask(text)), QUOTED)
}

/// A line of an explanation as `Debug` and `Display` show it: as [`shown`], but long enough for a path.
pub(crate) fn shown_line(line: &str) -> String {
    cut(printable(&mask(line)), COMPARED)
}

/// The lines of an explanation, each as [`shown_line`] has it.
pub(crate) fn shown_lines(text: &str) -> Vec<String> {
    text.lines().map(shown_line).collect()
}

/// What a check expected and what it got. An expected text of several lines follows, each on a line of its own.
pub(crate) fn expectation(expected: &str, got: &str) -> String {
    let got = shown_line(got);
    let mut lines = expected.lines();
    if let (Some(only), None) = (lines.next(), lines.next()) {
        return format!("expected {}, got {got}", shown_line(only));
    }
    let lines = expected
        .lines()
        .map(|line| format!("\n  {}", shown_line(line)));
    format!(
        "expected the signature of the lines below, got {got}{}",
        lines.collect::<String>()
    )
}

/// A caller's text in full, for a record: printable ASCII, no card numbers.
pub(crate) fn masked(text: &str) -> String {
    mask(&printable(text))
}

/// Replaces what a terminal or a viewer acts on instead of showing it: control characters, but for line breaks, and
/// those that change the direction of text.
pub(crate) fn without_controls(text: &mut String) {
    let is_acted_on = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    if text.contains(is_acted_on) {
        *text = text.replace(is_acted_on, "?");
    }
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

/// Replaces every run of digits that holds a card number, also one in groups.
fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = Run::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if run.text.is_empty() {
            0
        } else {
            separator(rest, c)
        };
        let (taken, after) = rest.split_at(length.max(c.len_utf8()));
        if let Some(digit) = c.to_digit(10) {
            run.push(c, digit);
        } else if length > 0 {
            run.separators.push_str(taken);
        } else {
            run.flush(&mut masked);
            masked.push_str(taken);
        }
        rest = after;
    }
    run.flush(&mut masked);
    masked
}

/// Digits with separators between them.
#[derive(Default)]
struct Run {
    text: String,
    digits: Vec<u8>,
    /// What stands after the last digit: it belongs to the run only if another digit follows.
    separators: String,
}

impl Run {
    fn push(&mut self, c: char, digit: u32) {
        self.text.push_str(&self.separators);
        self.text.push(c);
        self.separators.clear();
        self.digits.extend(u8::try_from(digit));
    }

    fn flush(&mut self, masked: &mut String) {
        let is_masked = holds_card_number(&self.digits);
        masked.push_str(if is_masked {
            "[digits masked]"
        } else {
            &self.text
        });
        masked.push_str(&self.separators);
        self.text.clear();
        self.digits.clear();
        self.separators.clear();
    }
}

/// Bytes of the separator that a text begins with: one that people or programs put between groups of digits. 0 if
/// there is none. A colon is none, because times have it.
fn separator(text: &str, first: char) -> usize {
    if let Some(code) = text.strip_prefix('%') {
        let is_code = |code: &[u8]| matches!(code, b"20" | b"09" | b"2D" | b"2d" | b"2E" | b"2e");
        return if code.as_bytes().get(..2).is_some_and(is_code) {
            3
        } else {
            0
        };
    }
    let is_separator = matches!(first, ' ' | '-' | '.' | '/' | '_')
        || first.is_control()
        || (!first.is_ascii() && !first.is_alphanumeric());
    if is_separator { first.len_utf8() } else { 0 }
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
        for separator in [
            "\u{a0}", "\t", "\u{2011}", "  ", ".", "/", "_", "%20", "%2D", " - ", "\r\n",
        ] {
            let groups = ["4111", "1111", "1111", "1111"].join(separator);
            check(&groups, "[digits masked]");
        }
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
        let date = "2026-05-28 20:26:40.998 +00:00:00";
        check(date, date);
        check("4111%zz1111", "4111%zz1111");
        check("7%", "7%");
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
    fn what_a_terminal_acts_on_is_replaced_and_letters_are_not() {
        let mut text = "\u{1b}[2J a\tb\u{9b}31m \u{202e}c\u{7f} é\nd".to_owned();
        without_controls(&mut text);
        assert_eq!(text, "?[2J a?b?31m ?c? é\nd");
    }

    #[test]
    fn what_is_compared_keeps_its_digits() {
        assert_eq!(quoted("/4111111111111111\n"), "/4111111111111111?");
        assert_eq!(quoted(&"y".repeat(201)), format!("{}...", "y".repeat(200)));
    }
}
