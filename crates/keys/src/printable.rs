//! Text from a file, made safe to display.

/// Limits the length in characters; what isn't visible ASCII or a space becomes `?`.
pub(crate) fn printable(text: &str, max: usize) -> String {
    let visible = |char: char| char.is_ascii_graphic() || char == ' ';
    let shown = text.chars().take(max);
    shown
        .map(|char| if visible(char) { char } else { '?' })
        .collect()
}
