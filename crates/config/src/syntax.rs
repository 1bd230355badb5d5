//! What is wrong with a text that a parser refuses, in plain words.
//!
//! The parsers' own messages may repeat the text, which may be a secret, so only their beginnings are looked at.

mod json;
mod toml;

use std::borrow::Cow;

use crate::letter;

/// Where a text is invalid, and what is wrong there, if that is plain to see.
#[derive(Debug)]
pub(crate) struct Malformed {
    /// From 1, as editors count.
    pub(crate) line: usize,
    /// In letters, from 1.
    pub(crate) column: usize,
    pub(crate) what: Option<Cow<'static, str>>,
}

const LOWER_CASE: &str = "must be true or false, in lower case";

impl Malformed {
    /// The mistake of a whole line.
    pub(crate) fn line(line: usize, what: &'static str) -> Self {
        Self {
            line,
            column: 1,
            what: Some(what.into()),
        }
    }

    fn at(text: &str, start: usize) -> Self {
        let before = text.get(..start).unwrap_or(text);
        let of_line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: 1 + before.matches('\n').count(),
            column: 1 + of_line.chars().count(),
            what: None,
        }
    }

    fn because(self, what: Option<&'static str>) -> Self {
        let what = what.map(Cow::Borrowed);
        Self { what, ..self }
    }

    /// The mistake at a byte of a text, if there is a letter that looks like another one or like none.
    fn of_letter(text: &str, start: usize) -> Option<Self> {
        let letter = text.get(start..)?.chars().next()?;
        let what = format!("has {}", letter::named(letter)?);
        Some(Self {
            what: Some(what.into()),
            ..Self::at(text, start)
        })
    }
}
