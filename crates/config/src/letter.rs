//! Letters that look like others, or like nothing: copied from documents, chats and web pages, they break a value
//! in a way that nobody sees.

/// What such letters are.
enum Looks {
    LikeNothing,
    LikeABlank,
    LikeAHyphen,
    LikeAQuote,
    LikeALetter,
    Broken,
}

/// The first and the last of some letters, their name, and what they look like.
type Letters = (char, char, &'static str, Looks);

const LETTERS: &[Letters] = &[
    ('\u{a0}', '\u{a0}', "a no-break space", Looks::LikeABlank),
    ('\u{ad}', '\u{ad}', "a soft hyphen", Looks::LikeNothing),
    ('\u{370}', '\u{3ff}', "a Greek letter", Looks::LikeALetter),
    (
        '\u{400}',
        '\u{52f}',
        "a Cyrillic letter",
        Looks::LikeALetter,
    ),
    (
        '\u{2000}',
        '\u{200a}',
        "a typographic space",
        Looks::LikeABlank,
    ),
    (
        '\u{200b}',
        '\u{200b}',
        "a zero-width space",
        Looks::LikeNothing,
    ),
    (
        '\u{200c}',
        '\u{200c}',
        "a zero-width non-joiner",
        Looks::LikeNothing,
    ),
    (
        '\u{200d}',
        '\u{200d}',
        "a zero-width joiner",
        Looks::LikeNothing,
    ),
    (
        '\u{200e}',
        '\u{200f}',
        "a mark of the writing direction",
        Looks::LikeNothing,
    ),
    (
        '\u{2010}',
        '\u{2010}',
        "a typographic hyphen",
        Looks::LikeAHyphen,
    ),
    (
        '\u{2011}',
        '\u{2011}',
        "a non-breaking hyphen",
        Looks::LikeAHyphen,
    ),
    ('\u{2012}', '\u{2012}', "a figure dash", Looks::LikeAHyphen),
    ('\u{2013}', '\u{2013}', "an en dash", Looks::LikeAHyphen),
    ('\u{2014}', '\u{2015}', "an em dash", Looks::LikeAHyphen),
    ('\u{2018}', '\u{201f}', "", Looks::LikeAQuote),
    (
        '\u{2028}',
        '\u{2029}',
        "a line separator",
        Looks::LikeNothing,
    ),
    (
        '\u{202a}',
        '\u{202e}',
        "a mark of the writing direction",
        Looks::LikeNothing,
    ),
    (
        '\u{202f}',
        '\u{202f}',
        "a narrow no-break space",
        Looks::LikeABlank,
    ),
    ('\u{2060}', '\u{2064}', "a word joiner", Looks::LikeNothing),
    (
        '\u{2066}',
        '\u{206f}',
        "a mark of the writing direction",
        Looks::LikeNothing,
    ),
    ('\u{2212}', '\u{2212}', "a minus sign", Looks::LikeAHyphen),
    (
        '\u{3000}',
        '\u{3000}',
        "an ideographic space",
        Looks::LikeABlank,
    ),
    ('\u{fe58}', '\u{fe63}', "a small hyphen", Looks::LikeAHyphen),
    (
        '\u{feff}',
        '\u{feff}',
        "a byte order mark",
        Looks::LikeNothing,
    ),
    (
        '\u{ff01}',
        '\u{ff5e}',
        "a full-width character",
        Looks::LikeALetter,
    ),
    (
        '\u{fffd}',
        '\u{fffd}',
        "a replacement character",
        Looks::Broken,
    ),
];

/// What such a letter is, and what to do about it; `None` for other letters.
pub(crate) fn named(letter: char) -> Option<String> {
    let (_, _, name, looks) = LETTERS
        .iter()
        .find(|(first, last, ..)| (*first..=*last).contains(&letter))?;
    let number = u32::from(letter);
    let rest = match looks {
        Looks::LikeAQuote => {
            return Some(
                "typographic quotes, as word processors write them; write straight ones".to_owned(),
            );
        }
        Looks::LikeNothing => "which is invisible; delete it",
        Looks::LikeABlank => "which looks like a blank; delete it, or write a plain blank",
        Looks::LikeAHyphen => "which looks like a hyphen; write - instead",
        Looks::LikeALetter => "which looks like a plain one; type it anew",
        Looks::Broken => {
            "which stands for one that was lost when the text was copied or saved; type it anew"
        }
    };
    Some(format!("{name} (U+{number:04X}), {rest}"))
}

/// The rule that a text breaks whose letters aren't what they look like, or whose last one is too many. Only for a
/// text that is refused anyway.
pub(crate) fn rule(text: &str) -> Option<String> {
    if text.ends_with([',', ';']) {
        return Some(
            "ends in a comma or semicolon that is a part of the value here; delete it".to_owned(),
        );
    }
    let mut letters = text.chars().zip(1..);
    letters.find_map(|(letter, at)| Some(format!("has, as character {at}, {}", named(letter)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_like_others_have_names() {
        for (letter, name) in [
            (
                '\u{a0}',
                "a no-break space (U+00A0), which looks like a blank; ",
            ),
            (
                '\u{200b}',
                "a zero-width space (U+200B), which is invisible; delete it",
            ),
            (
                '–',
                "an en dash (U+2013), which looks like a hyphen; write - instead",
            ),
            ('−', "a minus sign (U+2212)"),
            ('\u{feff}', "a byte order mark (U+FEFF)"),
            (
                'а',
                "a Cyrillic letter (U+0430), which looks like a plain one; type it anew",
            ),
            ('”', "typographic quotes"),
        ] {
            assert!(
                named(letter).is_some_and(|named| named.starts_with(name)),
                "{name}"
            );
        }
        for letter in "aZ09 -_.:/+=\t\n\"'éüß日".chars() {
            assert_eq!(named(letter), None, "{letter}");
        }
        let rule_of = rule("ab\u{200b}c").expect("a letter");
        assert!(
            rule_of.starts_with("has, as character 3, a zero-width space"),
            "{rule_of}"
        );
        assert_eq!(rule("key-id"), None);
    }

    #[test]
    fn the_table_is_in_order() {
        for pair in LETTERS.windows(2) {
            assert!(pair[0].1 < pair[1].0, "{}", pair[1].2);
        }
    }
}
