//! Decodes the strings of a JSON text into memory that is wiped.

use zeroize::Zeroizing;

/// Decodes the text between the quotes of a JSON string; `None` if an escape encodes no character.
///
/// The parser has validated the string's grammar. The buffer has its final capacity from the start: a
/// buffer that grows would leave copies behind.
pub(super) fn unescape(escaped: &str) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(escaped.len()));
    let mut rest = escaped;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (character, after) = unescape_one(escape)?;
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Decodes the character after a backslash; returns it with the rest of the text (RFC 8259 §7).
fn unescape_one(escape: &str) -> Option<(char, &str)> {
    let mut rest = escape.chars();
    let character = match rest.next()? {
        plain @ ('"' | '\\' | '/') => plain,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unescape_unit(rest.as_str()),
        _ => return None,
    };
    Some((character, rest.as_str()))
}

/// Decodes four hex digits, or two surrogates of four each.
fn unescape_unit(text: &str) -> Option<(char, &str)> {
    let (unit, rest) = hex_unit(text)?;
    if let Some(character) = char::from_u32(unit.into()) {
        return Some((character, rest));
    }
    let (low, rest) = hex_unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([unit, low]).next()?.ok()?;
    Some((character, rest))
}

fn hex_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}
