//! Makes texts safe to show: printable, bounded, and without card numbers.
//!
//! People paste card numbers into id fields, and services repeat parts of a request. So every text that can
//! reach an error, a log line or a `Debug` passes through this module first. Of digits that look like a
//! card number (12 to 19 digits that pass the Luhn check), at most the first six and the last four stay
//! visible, as PCI DSS 3.4.1 allows.

use std::borrow::Cow;
use std::fmt;

use crate::text::first_other;

/// Shows a text with its card numbers masked.
pub(crate) struct CardSafe<'a>(pub(crate) &'a str);

impl fmt::Display for CardSafe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&card_safe(self.0))
    }
}

impl fmt::Debug for CardSafe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&card_safe(self.0), f)
    }
}

/// Hides a digit of a number.
const NUMBER_MASK: char = 'X';

/// Hides a digit of an id. No id may hold this character, so a mask can't be taken for an id.
pub(crate) const ID_MASK: char = '*';

/// Shows an id with everything masked that looks like a card number.
pub(crate) struct IdSafe<'a>(pub(crate) &'a str);

impl IdSafe<'_> {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        masked(self.0, ID_MASK, &hidden_digits(self.0))
    }
}

/// Shows an id that the service made for a call, masked if it consists only of a card number: 12 to 19
/// digits that pass the Luhn check, with no letter and only dashes between them. UUIDs and hexadecimal ids,
/// which support needs, are shown unchanged.
pub(crate) struct CallIdSafe<'a>(pub(crate) &'a str);

impl CallIdSafe<'_> {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        let Digits { digits, .. } = Digits::of(self.0);
        let dashes = self.0.bytes().filter(|byte| *byte == b'-').count();
        let is_number = digits.len() + dashes == self.0.len()
            && (MIN_CARD_DIGITS..=MAX_CARD_DIGITS).contains(&digits.len())
            && passes_luhn(&digits);
        let hidden: Vec<usize> = if is_number {
            middle(&digits).collect()
        } else {
            Vec::new()
        };
        masked(self.0, ID_MASK, &hidden)
    }
}

/// The text with every number masked that looks like a card number.
pub(crate) fn card_safe(text: &str) -> Cow<'_, str> {
    masked(text, NUMBER_MASK, &hidden_digits(text))
}

/// The byte offsets of the digits to hide in a text, ascending.
fn hidden_digits(text: &str) -> Vec<usize> {
    if has_enough_digits(text) {
        card_number_digits(text)
    } else {
        Vec::new()
    }
}

/// The text with the digits at these ascending byte offsets masked.
fn masked<'a>(text: &'a str, mask: char, hidden: &[usize]) -> Cow<'a, str> {
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut hidden = hidden.iter().peekable();
    let masked = text.char_indices().map(|(at, shown)| {
        while hidden.next_if(|next| **next < at).is_some() {}
        if hidden.peek() == Some(&&at) {
            mask
        } else {
            shown
        }
    });
    Cow::Owned(masked.collect())
}

/// The byte offsets of the digits of a number that must be hidden.
fn middle(number: &[(usize, u8)]) -> impl Iterator<Item = usize> {
    let shown = Ends::of(number.len());
    let digits = number.iter().enumerate();
    digits
        .filter(move |(at, _)| !shown.contains(*at))
        .map(|(_, digit)| digit.0)
}

/// Whether a text has as many digits in a row as a card number, with no letter and no colon between them.
/// Most texts have too few, and need no further search.
fn has_enough_digits(text: &str) -> bool {
    // Counting all of them is faster than the loop below.
    if text.bytes().filter(u8::is_ascii_digit).count() < MIN_CARD_DIGITS {
        return false;
    }
    let mut together = 0;
    text.bytes().any(|byte| {
        match byte {
            b'0'..=b'9' => together += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b':' => together = 0,
            _ => {}
        }
        together >= MIN_CARD_DIGITS
    })
}

/// At most `max` printable ASCII characters of a text from outside, with card numbers masked.
///
/// Any other character, such as a control character, a line end or a right-to-left mark, becomes a `?`, so
/// that the text can't forge a log line.
pub(crate) fn printable(text: &str, max: usize) -> String {
    // Most texts stay as they are, and need no further step.
    let is_plain = || first_other(text, is_printable).is_none() && !has_enough_digits(text);
    if text.len() <= max && is_plain() {
        return text.to_owned();
    }
    // Later characters can't be part of a number that begins before the cut.
    let most = max + MAX_CARD_LENGTH;
    let enough = if text.len() > most {
        text.char_indices().nth(most)
    } else {
        None
    };
    let text = enough.map_or(text, |(end, _)| text.get(..end).unwrap_or_default());
    // Masked before the other steps: a number in which a blank has become a `?`, or half a number, no
    // longer looks like a number.
    let safe = card_safe(text);
    let is_plain = |c: char| u8::try_from(c).is_ok_and(is_printable);
    let shown = safe.chars().map(|c| if is_plain(c) { c } else { '?' });
    let cut: String = shown.take(max).collect();
    // Masked again after the cut: a part of a longer number can look like a card number.
    match card_safe(&cut) {
        Cow::Borrowed(_) => cut,
        Cow::Owned(masked) => masked,
    }
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// A number with all digits hidden but the first six and the last four; a short number shows fewer.
pub(crate) fn masked_number(number: &str) -> String {
    let shown = Ends::of(number.chars().count());
    number
        .chars()
        .enumerate()
        .map(|(at, digit)| {
            if shown.contains(at) {
                digit
            } else {
                NUMBER_MASK
            }
        })
        .collect()
}

/// How many digits stay visible at each end of a number.
struct Ends {
    first: usize,
    last: usize,
    length: usize,
}

impl Ends {
    /// PCI DSS 3.4.1: at most the BIN (six digits here) and the last four digits.
    const FIRST: usize = 6;
    const LAST: usize = 4;
    /// Short numbers show fewer digits, so that at least this many are always hidden.
    const HIDDEN: usize = 5;

    fn of(length: usize) -> Self {
        let spare = length.saturating_sub(Self::HIDDEN);
        let last = spare.min(Self::LAST);
        Self {
            first: (spare - last).min(Self::FIRST),
            last,
            length,
        }
    }

    fn contains(&self, at: usize) -> bool {
        at < self.first || at >= self.length - self.last
    }
}

/// The byte offsets of the digits to hide, ascending.
///
/// Also finds numbers that are written in groups, as on a card, with up to three separators between two
/// digits: blanks and dashes of any kind, dots, slashes and underscores.
fn card_number_digits(text: &str) -> Vec<usize> {
    let Digits { digits, groups } = Digits::of(text);
    let mut hidden = Vec::new();
    for (first, group) in groups.iter().enumerate() {
        let later = groups.iter().skip(first + 1);
        let ends = later.map(|next| (next.from, next.joined));
        // After each group, `goes_on` is whether the next group may continue the number.
        for (to, goes_on) in ends.chain([(digits.len(), false)]) {
            let number = digits.get(group.from..to).unwrap_or_default();
            if number.len() > MAX_CARD_DIGITS {
                break;
            }
            if number.len() >= MIN_CARD_DIGITS && passes_luhn(number) {
                hidden.extend(middle(number));
            }
            if !goes_on {
                break;
            }
        }
    }
    hidden.sort_unstable();
    hidden.dedup();
    hidden
}

/// A card number has at least this many digits (ISO/IEC 7812).
pub(crate) const MIN_CARD_DIGITS: usize = 12;
/// A card number has at most this many digits (ISO/IEC 7812).
pub(crate) const MAX_CARD_DIGITS: usize = 19;
/// How many separators may be between two digits of a number.
const MAX_SEPARATORS: usize = 3;
/// A blank in a URL.
const ENCODED_BLANK: &str = "%20";
/// The longest form of a card number, in characters, with separators after each digit.
const MAX_CARD_LENGTH: usize = (1 + MAX_SEPARATORS * ENCODED_BLANK.len()) * MAX_CARD_DIGITS;

/// The digits of a text, each with its byte offset, and the groups that they form.
struct Digits {
    digits: Vec<(usize, u8)>,
    groups: Vec<Group>,
}

/// Digits with nothing between them.
struct Group {
    /// The index of the group's first digit among all digits.
    from: usize,
    /// Whether only separators are between the previous group and this one.
    joined: bool,
}

impl Digits {
    fn of(text: &str) -> Self {
        let mut found = Self {
            digits: Vec::with_capacity(text.len()),
            groups: Vec::new(),
        };
        // The number of separators since the last digit; `None` if any other character was between.
        let mut separators: Option<usize> = None;
        let mut behind = 0;
        for (at, char) in text.char_indices() {
            if at < behind {
                continue;
            }
            if let ('0'..='9', Ok(digit)) = (char, u8::try_from(char)) {
                if separators != Some(0) {
                    found.groups.push(Group {
                        from: found.digits.len(),
                        joined: separators.is_some(),
                    });
                }
                found.digits.push((at, digit - b'0'));
                separators = Some(0);
                continue;
            }
            let is_encoded = text
                .get(at..)
                .is_some_and(|rest| rest.starts_with(ENCODED_BLANK));
            if is_encoded {
                behind = at + ENCODED_BLANK.len();
            }
            separators = match separators {
                Some(count) if count < MAX_SEPARATORS && (is_encoded || is_separator(char)) => {
                    Some(count + 1)
                }
                _ => None,
            };
        }
        found
    }
}

/// A character that people and programs write between the groups of a number.
fn is_separator(char: char) -> bool {
    char.is_whitespace()
        || matches!(
            char,
            '-' | '.' | '/' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}'
        )
}

fn passes_luhn(digits: &[(usize, u8)]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &(_, digit))| {
            let digit = u32::from(digit);
            match (at % 2, digit) {
                (0, digit) => digit,
                (_, digit @ 0..=4) => digit * 2,
                (_, digit) => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(card_safe(text), expected);
    }

    #[test]
    fn masks_whatever_looks_like_a_card_number() {
        check("4111111111111111", "411111XXXXXX1111");
        check("card 4111 1111 1111 1111.", "card 4111 11XX XXXX 1111.");
        check("4111-1111-1111-1111", "4111-11XX-XXXX-1111");
        check("370000000000002", "370000XXXXX0002");
        check(
            "on 2026-11-22 4111111111111111",
            "on 2026-11-22 411111XXXXXX1111",
        );
        check("é4111111111111111", "é411111XXXXXX1111");
        check("7040890000006625091", "704089XXXXXXXXX5091");
    }

    #[test]
    fn a_number_is_found_however_its_groups_are_separated() {
        for gap in [
            " ", "  ", "-", "\t", ".", "/", "_", "%20", "\u{a0}", "\u{2011}", "\u{2009}",
            "\u{202f}", " - ", "\u{2013}", "\n",
        ] {
            let text = ["card 4111", "1111", "1111", "1111."].join(gap);
            let shown = printable(&text, 256);
            assert!(
                !shown.contains("1111?1111") && shown.contains("11XX"),
                "{shown}"
            );
            let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
            assert!(digits.trim_start_matches("20").len() <= 16, "{shown}");
            assert!(shown.matches('X').count() == 6, "{gap:?}: {shown}");
        }
        for gap in [":", " x ", "a", "    "] {
            let text = ["4111", "1111", "1111", "1111"].join(gap);
            assert_eq!(card_safe(&text), text);
        }
    }

    /// A number of 20 digits is no card number, but its first 19 or 16 digits can be one.
    #[test]
    fn what_is_cut_is_not_cut_into_a_card_number() {
        let long = "41111111111111110000000";
        assert_eq!(printable(long, 64), long);
        assert_eq!(printable(long, 16), "411111XXXXXX1111");
    }

    /// ISO/IEC 7812: 12 to 19 digits. A number of zeros passes Luhn, but is no card number.
    #[test]
    fn the_shortest_and_the_longest_card_number_are_masked_and_no_other() {
        for (digits, hidden) in [
            (11, 0),
            (12, 5),
            (13, 5),
            (15, 5),
            (16, 6),
            (19, 9),
            (20, 0),
        ] {
            let number = "0".repeat(digits);
            for text in [
                number.clone(),
                format!("at {number}."),
                format!("id:{number}"),
            ] {
                let shown = printable(&text, 64);
                let what = format!("{digits} digits: {shown}");
                assert_eq!(shown.matches('X').count(), hidden, "{what}");
            }
        }
    }

    #[test]
    fn leaves_other_numbers_alone() {
        check("", "");
        check("4111111111111112", "4111111111111112");
        check("41111111111", "41111111111");
        check("1757695744950028980655", "1757695744950028980655");
        check(
            "47CA8267360FD3EAE063AF598E0A5792",
            "47CA8267360FD3EAE063AF598E0A5792",
        );
    }

    #[test]
    fn makes_text_from_outside_fit_for_a_log_line() {
        assert_eq!(printable("a\r\nb\u{202e}c\0", 64), "a??b?c?");
        assert_eq!(printable("4111111111111111", 8), "411111XX");
        assert_eq!(printable(&"x".repeat(1_000_000), 256).len(), 256);
    }

    proptest! {
        #[test]
        fn what_is_cut_off_is_not_needed(
            text in "[0-9 -]{0,200}|[0-3 -]{0,150}",
            max in 0..100_usize,
        ) {
            // A text that is cut can only look more like a card number, and then more of it is
            // hidden.
            let whole = card_safe(&text);
            let cut = card_safe(&whole[..max.min(whole.len())]).into_owned();
            prop_assert_eq!(printable(&text, max), cut);
        }

        #[test]
        fn what_is_shown_is_printable_and_bounded(text in any::<String>(), max in 0..100_usize) {
            let shown = printable(&text, max);
            prop_assert!(shown.len() <= max && shown.bytes().all(|c| matches!(c, b' '..=b'~')));
        }

        #[test]
        fn a_card_number_is_found_however_it_is_grouped(
            gaps in proptest::collection::vec("[ -]?", 15),
            before in "[a-z:]{0,5}",
            after in "[a-z:]{0,5}",
        ) {
            let mut digits = "4111111111111111".chars();
            let mut number: String = digits.next().into_iter().collect();
            for (gap, digit) in gaps.iter().zip(digits) {
                number.push_str(gap);
                number.push(digit);
            }
            let shown = card_safe(&format!("{before}{number}{after}")).into_owned();
            prop_assert_eq!(shown.matches('X').count(), 6, "{}", shown);
        }

        #[test]
        fn shows_at_most_ten_digits_and_never_all(number in "[0-9]{12,19}") {
            let masked = masked_number(&number);
            let shown = masked.bytes().filter(u8::is_ascii_digit).count();
            prop_assert_eq!(masked.len(), number.len());
            prop_assert!(shown <= 10 && number.len() - shown >= 5);
        }

        #[test]
        fn never_panics_and_keeps_the_length(text in "\\PC*") {
            prop_assert_eq!(card_safe(&text).chars().count(), text.chars().count());
        }
    }
}
