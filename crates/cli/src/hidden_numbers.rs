//! What stands in an argument may be a card number, by mistake: it isn't repeated.

/// As many digits as the shortest card number has.
const LEAST_DIGITS: usize = 12;

const HIDDEN: &str = "(a number that isn't shown)";

/// The text without runs of digits, blanks, dots and dashes that are long enough for a card number.
pub(crate) fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|at: char| at.is_ascii_digit()) {
        let (before, run) = rest.split_at(begin);
        let end =
            run.find(|at: char| !at.is_ascii_digit() && !matches!(at, ' ' | '.' | '-' | '_' | '/'));
        let (run, after) = run.split_at(end.unwrap_or(run.len()));
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        shown.push_str(before);
        shown.push_str(if digits < LEAST_DIGITS { run } else { HIDDEN });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// A path or a word for a screen: without long numbers, and without characters that steer a terminal or turn the
/// direction of the text.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in without_numbers(text).chars() {
        let turns = matches!(letter, '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, shown, without_numbers};

    #[test]
    fn long_runs_of_digits_are_hidden_whatever_stands_between_them() {
        for number in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111_1111_1111_1111",
            "4111/1111/1111/1111",
            "411111111111",
        ] {
            assert_eq!(
                without_numbers(&format!("a '{number}' b")),
                format!("a '{HIDDEN}' b")
            );
        }
    }

    #[test]
    fn short_ones_and_all_else_stay() {
        for text in ["", "byte 4 of 0-9, A-Z", "403", "2026-11-28", "é1ü"] {
            assert_eq!(without_numbers(text), text);
        }
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(
            shown("a\u{1b}[31m\nb\u{202e}.pem"),
            "a\\u{1b}[31m\\nb\\u{202e}.pem"
        );
    }
}
