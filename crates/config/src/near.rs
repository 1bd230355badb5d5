//! How near a text is to one that is known, for "did you mean".

/// The nearest of the known texts, if at most `most` letters differ.
pub(crate) fn nearest<T>(
    given: &str,
    known: impl IntoIterator<Item = (impl AsRef<str>, T)>,
    most: usize,
) -> Option<T> {
    known
        .into_iter()
        .map(|(text, meaning)| (distance(given, text.as_ref(), most), meaning))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, meaning)| meaning)
}

/// The number of letters to insert, remove or change to get one text from the other.
///
/// Texts of very different length aren't compared, so a long one costs nothing.
fn distance(one: &str, other: &str, most: usize) -> usize {
    if one.len().abs_diff(other.len()) > most {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.bytes().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (above, other_letter) in row.iter().skip(1).zip(other.bytes()) {
            let changed = diagonal + usize::from(letter != other_letter);
            left = changed.min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_letters() {
        for (one, other, expected) in [
            ("", "ab", 2),
            ("abc", "abc", 0),
            ("abc", "ac", 1),
            ("abc", "acb", 2),
            ("abcd", "a", usize::MAX),
        ] {
            assert_eq!(distance(one, other, 2), expected, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_text_is_found_unless_all_are_far() {
        let known = [("test", 1), ("production", 2)];
        assert_eq!(nearest("tset", known, 2), Some(1));
        assert_eq!(nearest("productoin", known, 2), Some(2));
        assert_eq!(nearest("elsewhere", known, 2), None);
    }
}
