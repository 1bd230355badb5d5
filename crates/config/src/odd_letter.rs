//! The letter for which an id is refused, where a copy is why.

/// What is odd in a text, and the remedy, as the end of a sentence; none, if nothing is noticed.
pub(crate) fn noticed(text: &str) -> Option<&'static str> {
    if text.contains('@') {
        return Some("it has an @, as the name of a user has; give the id");
    }
    if text.starts_with(['{', '[', '(', '<', '"', '\''])
        && text.ends_with(['}', ']', ')', '>', '"', '\''])
    {
        return Some("it has brackets or quotes around it; delete them");
    }
    let odd = text.chars().find(|letter| !letter.is_ascii_graphic())?;
    match odd {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => Some(
            "that is an invisible character, as web pages and chats add; delete it, or type the id",
        ),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => {
            Some("that is another dash than -, as word processors write; write -")
        }
        '\u{2018}'..='\u{201f}' | '«' | '»' => Some("that is a quotation mark; delete it"),
        letter if letter.is_whitespace() => Some("that is a blank; delete it"),
        _ => None,
    }
}
