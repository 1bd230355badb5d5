//! What stands in or around an id that is refused, where a copy is why.

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
    text.contains(char::is_whitespace)
        .then_some("it has a blank in it; delete it")
}
