//! Slips of the pen in a value that would otherwise be found late, or told as something else.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::field::{AnyField, Field};
use crate::misplaced::is_key;
use crate::raw::Raw;
use crate::reference;
use crate::value::Kind;

const PLACEHOLDER: &str =
    "holds a placeholder such as ${NAME}, which nothing has replaced; give the value";
const QUOTED: &str = "has quotes around it that are a part of the value here; delete them";
const EXPANDED: &str =
    "begins with ~ or holds a variable, which only a shell replaces; give the whole path";
const URL: &str = "is a file: address; give the path alone";
const CONTROL: &str = r"holds a line break or a tab, as \n and \t in a path with backslashes are read; write / or \\ instead of \";

/// Words that stand for a value that is still to be given.
const TO_DO: &[&str] = &[
    "todo",
    "tbd",
    "fixme",
    "changeme",
    "replaceme",
    "placeholder",
    "redacted",
    // As Terraform shows a secret.
    "(sensitivevalue)",
    "(knownafterapply)",
];

/// The beginnings of such words, without `_` and `-`.
const TO_DO_BEGINNINGS: &[&str] = &["your ", "insert ", "enter ", "replace with ", "<your "];

/// The rule that a value breaks because it is certainly not what was meant, whatever the field's own rules are.
pub(crate) fn slip(field: AnyField, in_file: bool, raw: &Raw) -> Option<Cow<'static, str>> {
    let holds = if in_file || field.kind == Kind::Path || is_file_name(field) {
        Holds::Path
    } else if field.kind == Kind::Secret {
        Holds::Secret
    } else {
        Holds::Text
    };
    slip_of(field, holds, raw)
}

/// What a text is, by its field or member.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Holds {
    Path,
    Secret,
    Text,
}

fn slip_of(field: AnyField, holds: Holds, raw: &Raw) -> Option<Cow<'static, str>> {
    match raw {
        Raw::Text(text) => slip_in_text(field, holds, text.trim()),
        Raw::List(values) => values.iter().find_map(|it| slip_of(field, holds, it)),
        Raw::Table(members) => members.iter().find_map(|(name, it)| {
            let holds = match (field.kind, name.as_str()) {
                (Kind::Keys, "key" | "password") => Holds::Secret,
                (Kind::Keys, "file" | "password_file") => Holds::Path,
                _ => holds,
            };
            slip_of(field, holds, it)
        }),
        Raw::Flag(_) | Raw::Nothing | Raw::Number(_) | Raw::OtherNumber => None,
    }
}

fn slip_in_text(field: AnyField, holds: Holds, text: &str) -> Option<Cow<'static, str>> {
    let (is_path, is_secret) = (holds == Holds::Path, holds == Holds::Secret);
    if is_placeholder(text) || (!is_secret && holds_placeholder(text, is_path)) {
        return Some(PLACEHOLDER.into());
    }
    // Somebody may have chosen such a password, or such a name for a file; one of no use is told of that.
    let may_be_chosen = is_secret || is_path || is_user(field);
    let reference = if may_be_chosen && !is_issued(field) {
        reference::certain(text)
    } else {
        reference::in_text(text)
    };
    if let Some(rule) = reference {
        return Some(rule.into());
    }
    // A password may have quotes around it; a wrong one is told of that.
    if !is_secret && is_quoted(text) {
        return Some(QUOTED.into());
    }
    is_path.then(|| path(text)).flatten().map(Cow::from)
}

/// The rule that the content of a secret's file breaks, because it certainly isn't the secret.
pub(crate) fn unresolved(text: &str) -> Option<Cow<'static, str>> {
    if is_placeholder(text.trim()) {
        return Some(PLACEHOLDER.into());
    }
    reference::certain(text).map(Cow::from)
}

/// Whether a field holds a user's name, which may be any text.
fn is_user(field: AnyField) -> bool {
    field.name == Field::PROXY_USER.row().name
}

/// Whether a field holds a secret that a service issues, so that nobody chooses it.
fn is_issued(field: AnyField) -> bool {
    field.name == Field::ACCESS_TOKEN.row().name
}

/// Whether a text has the same quote at both ends.
pub(crate) fn is_quoted(text: &str) -> bool {
    let quotes = ['"', '\''];
    let is_around = |quote: &char| text.starts_with(*quote) && text.ends_with(*quote);
    text.len() > 1 && quotes.iter().any(is_around)
}

/// Fields that hold the name of a file in a folder.
fn is_file_name(field: AnyField) -> bool {
    [
        Field::KEY_FILE_NAME,
        Field::SSL_CLIENT_CERT,
        Field::PRIVATE_KEY,
    ]
    .iter()
    .any(|name| name.row().name == field.name)
}

/// Whether a whole text is a placeholder of a shell, of a template, or of a person.
fn is_placeholder(text: &str) -> bool {
    let is_between = |start, end| text.len() > 2 && text.starts_with(start) && text.ends_with(end);
    // Of the right size at once: what a growing text leaves behind isn't wiped, and the text may be a secret.
    let mut word = Zeroizing::new(String::with_capacity(3 * text.len()));
    word.extend(text.chars().flat_map(char::to_lowercase).map(spaced));
    let is_to_do = |it: &&str| {
        let bare = word.trim_matches(['[', ']']).chars();
        bare.filter(|letter| *letter != ' ').eq(it.chars())
    };
    let is_filled =
        |letters: &[char]| text.len() > 2 && text.chars().all(|letter| letters.contains(&letter));
    is_between("${", "}")
        || is_between("$(", ")")
        || is_between("{{", "}}")
        || is_between_angles(text)
        || is_between("%(", ")s")
        || is_variable(text, '$', "")
        || is_variable(text, '%', "%")
        || TO_DO.iter().any(is_to_do)
        || TO_DO_BEGINNINGS.iter().any(|it| word.starts_with(it))
        || is_camel_case_of_your(text)
        || is_filled(&['x', 'X', '-'])
        || is_filled(&['*'])
        || is_filled(&['.'])
        || is_filled(&['…'])
}

/// A blank in place of what else separates words.
fn spaced(letter: char) -> char {
    if matches!(letter, '_' | '-') {
        return ' ';
    }
    letter
}

/// As in `<merchant id>`; a password may have the angles and other signs between them.
fn is_between_angles(text: &str) -> bool {
    let inner = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let is_part = |letter: char| letter.is_alphanumeric() || " _.:/'-".contains(letter);
    inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(is_part))
}

/// Whether a text is a variable's name in upper case, between these.
fn is_variable(text: &str, start: char, end: &str) -> bool {
    let name = text
        .strip_prefix(start)
        .and_then(|rest| rest.strip_suffix(end));
    let is_name = |name: &str| {
        let is_letter = |letter: char| letter.is_ascii_uppercase() || letter == '_';
        name.starts_with(is_letter)
            && name
                .chars()
                .all(|letter| is_letter(letter) || letter.is_ascii_digit())
    };
    name.is_some_and(is_name)
}

/// As in `yourMerchantId`.
fn is_camel_case_of_your(text: &str) -> bool {
    let rest = text
        .strip_prefix("your")
        .or_else(|| text.strip_prefix("Your"));
    let is_word = |rest: &str| {
        rest.starts_with(|letter: char| letter.is_ascii_uppercase())
            && rest.chars().all(|letter| letter.is_ascii_alphanumeric())
            && rest.chars().any(|letter| letter.is_ascii_lowercase())
    };
    rest.is_some_and(is_word)
}

/// Whether a part of a text is a placeholder; in a path, variables are told as such.
fn holds_placeholder(text: &str, is_path: bool) -> bool {
    text.contains("{{") || text.contains("<your") || (!is_path && text.contains("${"))
}

/// The rule that a path breaks.
fn path(text: &str) -> Option<&'static str> {
    let has_variable = |(at, _): (usize, &str)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        rest.starts_with(|letter: char| letter == '{' || letter.is_ascii_uppercase())
    };
    let is_of_windows = || text.split('%').count() > 2;
    // A key itself is told where the file is looked for.
    if is_key(text) {
        return None;
    }
    if text.contains(['\n', '\r', '\t', '\u{8}', '\u{c}']) {
        return Some(CONTROL);
    }
    if text.starts_with("file:") {
        return Some(URL);
    }
    let is_expanded = text == "~"
        || text.starts_with("~/")
        || text.starts_with("~\\")
        || text.match_indices('$').any(has_variable)
        || is_of_windows();
    is_expanded.then_some(EXPANDED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_shells_templates_and_people_are_told_from_values() {
        for text in [
            "${SECRET}",
            "$(cat secret)",
            "{{ secret }}",
            "<your merchant id>",
            "<SECRET>",
            "$SECRET",
            "%SECRET%",
            "TODO",
            "change-me",
            "[REDACTED]",
            "(sensitive value)",
            "your_merchant_id",
            "YOUR-KEY-ID",
            "Your merchant id",
            "yourMerchantId",
            "xxx",
            "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "********",
            "...",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "testrest",
            "yourstore",
            "yoursIncluded2u$",
            "$ecret",
            "100%",
            "p<a>s",
            "<k3$Q~9>",
            "todoist",
            "changeit",
            "xx",
            "08c94330-f618-42a3-b09d-e1e43be5efda",
            "",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
