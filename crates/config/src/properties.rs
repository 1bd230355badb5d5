//! Java's `.properties` files, as the vendor's samples for Java have them: names and values, all of them texts.

use zeroize::Zeroizing;

use crate::field::{Named, looked_up};
use crate::raw::Raw;
use crate::syntax::Malformed;

const JOINS: &str = r"ends in a backslash, which joins the next line to it; write \\ or / for a backslash at the end";
const DRIVE: &str = r"has a Windows path with single backslashes, which begin escapes in Java properties; write \\ or /";
const NO_ESCAPE: &str = concat!(
    "has a backslash before a letter or digit where it begins no escape, so that it would vanish; ",
    r"write \\"
);
const UNICODE: &str = r"has a broken escape; write \\ for a backslash";
const NO_VALUE: &str = concat!(
    r"has no = and isn't a field's name, so it may belong to the line before, and isn't shown; join the two by \ at ",
    r"the end of that line, the lines of a PEM by \n\, or name a file"
);
const SECTION: &str = "begins a section, which Java properties don't have; delete the line";
const NO_NAME: &str = "has no name before its value; write name=value";

/// Reads the lines `name=value`, `name: value` or `name value`; `#` and `!` begin comments, and `\` at the end
/// of a line continues it.
///
/// Blanks at a value's end belong to it, as in Java. Escapes that Java ignores silently are refused.
pub(crate) fn parse(text: &str) -> Result<Raw, Malformed> {
    let mut members = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((first, line)) = lines.next() {
        let first = first.trim_start();
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        // Of the right size at once: what a growing text leaves behind isn't wiped.
        let mut whole = Zeroizing::new(String::with_capacity(text.len()));
        whole.push_str(first);
        let mut last = line;
        while is_continued(&whole) {
            whole.pop();
            let Some((next, number)) = lines.next() else {
                return Err(Malformed::line(last, JOINS));
            };
            if begins_a_field(next) {
                return Err(Malformed::line(last, JOINS));
            }
            last = number;
            whole.push_str(next.trim_start());
        }
        if whole.starts_with('[') && whole.trim_end().ends_with(']') {
            return Err(Malformed::line(line, SECTION));
        }
        if has_no_value(&whole) {
            return Err(Malformed::line(line, NO_VALUE));
        }
        let member = member(&whole).map_err(|what| Malformed::line(line, what))?;
        members.push(member);
    }
    Ok(Raw::Table(members))
}

/// Whether a line ends in an odd number of backslashes.
fn is_continued(line: &str) -> bool {
    let slashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    slashes % 2 == 1
}

/// Whether a line gives a field, so that no earlier one can be meant to go on there.
fn begins_a_field(line: &str) -> bool {
    let name = line
        .split_once(['=', ':'])
        .map_or("", |(name, _)| name.trim());
    matches!(
        looked_up(name),
        Named::Field { .. } | Named::WithoutEffect(_)
    )
}

/// Whether a line is one word that names no field: the rest of a password or of a key, which must not be shown as
/// the name of a field.
fn has_no_value(line: &str) -> bool {
    let is_word = !line.contains(['=', ':', ' ', '\t']);
    is_word && matches!(looked_up(line), Named::Unknown { .. })
}

fn member(line: &str) -> Result<(String, Raw), &'static str> {
    let ends = |(at, letter): (usize, char)| {
        let is_escaped = line.get(..at).is_some_and(is_continued);
        (matches!(letter, '=' | ':' | ' ' | '\t') && !is_escaped).then_some(at)
    };
    let end = line.char_indices().find_map(ends).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end).ok_or(NO_NAME)?;
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    let name = unescaped(name)?;
    if name.is_empty() {
        return Err(NO_NAME);
    }
    if has_a_drive(value) {
        return Err(DRIVE);
    }
    Ok((name.as_str().to_owned(), Raw::Text(unescaped(value)?)))
}

/// Whether a value begins with a drive's letter, a colon and a single backslash.
fn has_a_drive(value: &str) -> bool {
    let mut letters = value.chars();
    let drive = letters
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic());
    let rest = letters.as_str();
    let rest = rest.strip_prefix('\\').unwrap_or(rest);
    let path = rest.strip_prefix(":\\");
    drive && path.is_some_and(|path| !path.starts_with('\\'))
}

/// The text without its escapes, or what is wrong with one of them.
fn unescaped(text: &str) -> Result<Zeroizing<String>, &'static str> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next().ok_or(JOINS)? {
            'f' => plain.push('\u{c}'),
            'n' => plain.push('\n'),
            'r' => plain.push('\r'),
            't' => plain.push('\t'),
            'u' => plain.push(by_number(letters.by_ref().take(4)).ok_or(UNICODE)?),
            other if other.is_ascii_alphanumeric() => return Err(NO_ESCAPE),
            other => plain.push(other),
        }
    }
    Ok(plain)
}

/// The letter with the number that four hexadecimal digits give.
fn by_number(digits: impl Iterator<Item = char>) -> Option<char> {
    let digits: String = digits.collect();
    let number = (digits.len() == 4).then(|| u32::from_str_radix(&digits, 16));
    char::from_u32(number?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let Ok(Raw::Table(members)) = parse(text) else {
            panic!("no properties");
        };
        let plain = |(name, raw)| {
            let Raw::Text(text) = raw else {
                panic!("a text");
            };
            (name, text.as_str().to_owned())
        };
        members.into_iter().map(plain).collect()
    }

    #[test]
    fn names_end_at_a_separator_and_values_are_texts() {
        for (line, name, value) in [
            ("a=b", "a", "b"),
            ("  a = b ", "a", "b "),
            ("a: b=c", "a", "b=c"),
            ("a b", "a", "b"),
            ("merchantID", "merchantID", ""),
            ("a\\=b=c", "a=b", "c"),
            ("a=\\u0062\\tc", "a", "b\tc"),
            ("a=C:\\\\keys", "a", "C:\\keys"),
            ("a=b\\\n   c", "a", "bc"),
        ] {
            let expected = [(name.to_owned(), value.to_owned())];
            assert_eq!(read(line), expected, "{line}");
        }
        assert!(read("# a=b\n! c\n\n   \n").is_empty());
        assert!(parse("a=\\u00").is_err());
        assert!(parse("=b").is_err());
    }
}
