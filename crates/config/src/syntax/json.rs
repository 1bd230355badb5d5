use super::{LOWER_CASE, Malformed};

const NO_COMMENT: &str =
    "has a comment, which JSON doesn't have; delete the comment, or write the file as TOML";

impl Malformed {
    /// The mistake that the parser of JSON found; it counts bytes, and at the end of a line from 0.
    pub(crate) fn in_json(text: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let before: usize = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let start = before + column - 1;
        if let Some(of_letter) = Self::of_letter(text, start) {
            return of_letter;
        }
        let rest = text.get(start..).unwrap_or_default();
        let what = json(&error.to_string(), rest);
        Self::at(text, start).because(what)
    }
}

/// What the message of JSON's parser means.
fn json(said: &str, rest: &str) -> Option<&'static str> {
    let begins = |beginning: &str| said.starts_with(beginning);
    let what = if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
        NO_COMMENT
    } else if rest.starts_with("=>") {
        "has =>, as Ruby and PHP have; write : instead, as JSON.generate and json_encode do"
    } else if begins("trailing comma") {
        "closes a bracket behind a comma; delete the comma"
    } else if begins("expected `,`") {
        "lacks a comma before this place"
    } else if rest.starts_with('\'') {
        "has single quotes; JSON takes double ones only, as Python's json.dump writes them"
    } else if begins("key must be a string") && rest.starts_with(':') {
        "has a name as Ruby prints it; write the hash by JSON.generate"
    } else if begins("key must be a string") {
        "lacks double quotes around a name"
    } else if begins("invalid escape")
        || begins("invalid unicode")
        || begins("unexpected end of hex")
    {
        r"has a backslash that begins no escape; write \\ for a backslash, or / in a path"
    } else if begins("control character") {
        r"has a line break or a tab inside of a text; write \n or \t, and keep the text on one line"
    } else if begins("expected")
        && ["None", "nil", "undefined", "NaN"]
            .iter()
            .any(|it| rest.starts_with(it))
    {
        "has a word for no value that JSON doesn't have; write null, or delete the member"
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
