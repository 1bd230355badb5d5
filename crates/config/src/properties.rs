//! Java's `.properties` files, as the vendor's samples for Java have them: names and values, all of them texts.

use zeroize::Zeroizing;

use crate::raw::{Position, Raw};

/// Reads the lines `name=value`, `name: value` or `name value`; `#` and `!` begin comments, and `\` at the end
/// of a line continues it.
pub(crate) fn parse(text: &str) -> Result<Raw, Position> {
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
        while is_continued(&whole) {
            whole.pop();
            let Some((next, _)) = lines.next() else { break };
            whole.push_str(next.trim_start());
        }
        let member = member(&whole).ok_or(Position { line })?;
        members.push(member);
    }
    Ok(Raw::Table(members))
}

/// Whether a line ends in an odd number of backslashes.
fn is_continued(line: &str) -> bool {
    let slashes = line.bytes().rev().take_while(|byte| *byte == b'\\').count();
    slashes % 2 == 1
}

fn member(line: &str) -> Option<(String, Raw)> {
    let ends = |(at, letter): (usize, char)| {
        let is_escaped = line.get(..at).is_some_and(is_continued);
        (matches!(letter, '=' | ':' | ' ' | '\t') && !is_escaped).then_some(at)
    };
    let end = line.char_indices().find_map(ends).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    let name = unescaped(name)?;
    if name.is_empty() {
        return None;
    }
    Some((name.as_str().to_owned(), Raw::Text(unescaped(value)?)))
}

/// The text without its escapes; none, if `\u` isn't followed by four hexadecimal digits.
fn unescaped(text: &str) -> Option<Zeroizing<String>> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next()? {
            'n' => plain.push('\n'),
            'r' => plain.push('\r'),
            't' => plain.push('\t'),
            'u' => {
                let digits: String = letters.by_ref().take(4).collect();
                if digits.len() != 4 {
                    return None;
                }
                plain.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
            }
            other => plain.push(other),
        }
    }
    Some(plain)
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
            ("a", "a", ""),
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
