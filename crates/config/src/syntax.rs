//! What is wrong with a text that a parser refuses, in plain words.
//!
//! The parsers' own messages may repeat the text, which may be a secret, so only their beginnings are looked at.

/// Where a text is invalid, and what is wrong there, if that is plain to see.
#[derive(Debug)]
pub(crate) struct Malformed {
    /// From 1, as editors count.
    pub(crate) line: usize,
    /// In letters, from 1.
    pub(crate) column: usize,
    pub(crate) what: Option<&'static str>,
}

const TYPOGRAPHIC: &str =
    "has typographic quotes, as word processors write them; write straight ones";
const LOWER_CASE: &str = "must be true or false, in lower case";
const NO_COMMENT_IN_JSON: &str =
    "has a comment, which JSON doesn't have; delete the comment, or write the file as TOML";
const UNQUOTED: &str = "lacks quotes around the value";

impl Malformed {
    /// The mistake that the parser of TOML found at a byte of a text.
    pub(crate) fn in_toml(text: &str, start: usize, said: &str) -> Self {
        let here = Self::at(text, start);
        let rest = text.get(start..).unwrap_or_default();
        let line = text.lines().nth(here.line - 1).unwrap_or_default();
        if said.starts_with("key with no value") {
            return here.without_separator(text);
        }
        here.because(toml(said, rest, line.trim()))
    }

    /// The mistake that the parser of JSON found; it counts bytes, and at the end of a line from 0.
    pub(crate) fn in_json(text: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let before: usize = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let start = before + column - 1;
        let rest = text.get(start..).unwrap_or_default();
        let what = json(&error.to_string(), rest);
        Self::at(text, start).because(what)
    }

    /// The mistake of a whole line.
    pub(crate) fn line(line: usize, what: &'static str) -> Self {
        Self {
            line,
            column: 1,
            what: Some(what),
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
        Self { what, ..self }
    }

    /// A line of TOML without `=`; it may be the second line of a text whose quote doesn't close on the first.
    fn without_separator(self, text: &str) -> Self {
        let mut lines: Vec<_> = text.lines().take(self.line).collect();
        let line = lines.pop().unwrap_or_default().trim();
        let what = match line {
            _ if line.starts_with("//") || line.starts_with([';', '!']) => {
                "begins a comment as TOML doesn't; write # instead"
            }
            _ if line
                .split_once('=')
                .is_some_and(|(name, _)| name.trim().contains(' ')) =>
            {
                "has a blank in a field's name; write _ instead"
            }
            _ => "has no = between a name and its value",
        };
        let opened = lines.iter().rposition(|line| line.contains('='));
        let is_open = |line: &str| {
            let (_, value) = line.split_once('=').unwrap_or_default();
            let value = value.trim();
            ['"', '\'']
                .iter()
                .any(|quote| value.starts_with(*quote) && value.matches(*quote).count() == 1)
        };
        match opened.map(|at| (at, lines.get(at).copied().unwrap_or_default())) {
            Some((at, line)) if is_open(line) => Self {
                line: at + 1,
                column: 1 + line.chars().take_while(|letter| *letter != '=').count(),
                what: Some(
                    "begins a text that doesn't end on its line; write a text of several lines between \
                     ''' and '''",
                ),
            },
            _ => self.because(Some(what)),
        }
    }
}

/// What the message of TOML's parser means.
fn toml(said: &str, rest: &str, line: &str) -> Option<&'static str> {
    let begins = |beginning: &str| said.starts_with(beginning);
    let what = if begins("invalid multi-line") {
        "lacks the three quotes at the end of a text of several lines"
    } else if begins("invalid basic string") || begins("invalid literal string") {
        "lacks the closing quote"
    } else if said.contains("escape") || said.contains("unicode") {
        r"has a backslash that begins no escape; write a Windows path in single quotes, as 'C:\keys', or with /"
    } else if begins("unexpected key or value") && rest.starts_with([',', ';']) {
        "has a comma or semicolon behind the value; delete it"
    } else if begins("unexpected key or value") {
        "goes on behind the closing quote; write a quote inside of a text as \\\" between double quotes"
    } else if begins("string values must be quoted") && line.ends_with('=') {
        "gives no value; write it behind the =, or delete the line"
    } else if begins("string values must be quoted") && rest.starts_with(['“', '”', '‘', '’', '„'])
    {
        TYPOGRAPHIC
    } else if begins("string values must be quoted") {
        UNQUOTED
    } else if begins("extra `=`") {
        "has a second =; put quotes around a value that holds one"
    } else if begins("invalid boolean") {
        boolean(rest)
    } else if begins("duplicate key") && line.starts_with('[') {
        "begins a table a second time; put its fields into one"
    } else if begins("duplicate key") {
        "gives the field a second time; keep one of them"
    } else if begins("unclosed table") {
        "lacks the ] behind a table's name"
    } else if begins("missing comma between array") {
        "lacks a comma between two entries of a list"
    } else if begins("unexpected leading zero") {
        "has a number that begins with 0; write it without, or as a text in quotes"
    } else {
        return None;
    };
    Some(what)
}

/// A bare word that begins as `true` or `false` do.
fn boolean(rest: &str) -> &'static str {
    let word = rest
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .next();
    let is = |other: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(other));
    if is("true") || is("false") {
        return LOWER_CASE;
    }
    UNQUOTED
}

/// What the message of JSON's parser means.
fn json(said: &str, rest: &str) -> Option<&'static str> {
    let begins = |beginning: &str| said.starts_with(beginning);
    let what = if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
        NO_COMMENT_IN_JSON
    } else if begins("trailing comma") {
        "closes a bracket behind a comma; delete the comma"
    } else if begins("expected `,`") {
        "lacks a comma before this place"
    } else if rest.starts_with('\'') {
        "has single quotes; JSON takes double ones only"
    } else if rest.starts_with(['“', '”', '‘', '’', '„']) {
        TYPOGRAPHIC
    } else if begins("key must be a string") {
        "lacks double quotes around a name"
    } else if begins("invalid escape")
        || begins("invalid unicode")
        || begins("unexpected end of hex")
    {
        r"has a backslash that begins no escape; write \\ for a backslash, or / in a path"
    } else if begins("control character") {
        r"has a line break or a tab inside of a text; write \n or \t, and keep the text on one line"
    } else if begins("expected value") && rest.starts_with(['T', 'F']) {
        LOWER_CASE
    } else if begins("expected value") && rest.starts_with(['}', ']', ',']) {
        "lacks a value before this place"
    } else if begins("expected value") {
        "lacks double quotes around a text"
    } else if begins("EOF while parsing a string") {
        "lacks the closing quote"
    } else if begins("EOF") {
        "is the end, before the last bracket is closed; close it, or copy the whole file"
    } else if begins("trailing characters") {
        "goes on behind the last bracket; delete what is there"
    } else if begins("expected `:`") {
        "lacks a : between a name and its value"
    } else if begins("invalid number") {
        "has a number in a form that JSON doesn't have; write it without a 0 or a + at its beginning"
    } else {
        return None;
    };
    Some(what)
}
