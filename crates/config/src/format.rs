//! The formats of a configuration, by the name of its file, and what another format is taken for.

mod foreign;
mod wrapper;

use std::borrow::Cow;
use std::path::Path;

use crate::field::{Named, looked_up};
use crate::notation::Notation;
use crate::origin::PREFIX;
use crate::properties;
use crate::raw::Raw;
use crate::syntax::Malformed;

use foreign::XML;

pub(crate) use wrapper::{no_object, wrapper};

/// A format that is read.
#[derive(Clone, Copy)]
pub(crate) struct Format {
    pub(crate) notation: Notation,
    parse: fn(&str) -> Result<Raw, Malformed>,
}

pub(crate) const JSON: Format = Format {
    notation: Notation::Json,
    parse: Raw::from_json,
};

pub(crate) const TOML: Format = Format {
    notation: Notation::Toml,
    parse: Raw::from_toml,
};

const PROPERTIES: Format = Format {
    notation: Notation::Properties,
    parse: properties::parse,
};

const ENV: &str = "is a file of environment variables, which isn't read as such; load it with \
                   `set -a; . ./.env; set +a`, and use Config::from_env";
const YAML: &str = "is YAML, which isn't read; write it as TOML (name = \"value\") or as JSON";

/// The format of a file, by its name; the error is the rule that the file breaks.
pub(crate) fn of_file(path: &Path) -> Result<Format, &'static str> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    if name == ".env" || name.starts_with(".env.") {
        return Err(ENV);
    }
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => Ok(JSON),
        Some("properties") => Ok(PROPERTIES),
        Some("yaml" | "yml") => Err(YAML),
        Some("env") => Err(ENV),
        Some("xml" | "config") => Err(XML),
        _ => Ok(TOML),
    }
}

/// What a text is by its beginning, if it can't be a configuration, whatever its file is called.
pub(crate) fn by_beginning(text: &str) -> Option<&'static str> {
    foreign::by_beginning(text)
}

/// What is wrong with the bytes of a file that aren't UTF-8 from one of them on.
pub(crate) fn no_utf_8(content: &[u8], from: usize) -> String {
    if content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]) {
        return "is UTF-16 text, as Windows PowerShell writes it; save it as UTF-8".to_owned();
    }
    let binary = [
        &b"\x30\x82"[..],
        b"\x30\x80",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"\xfe\xed\xfe\xed",
    ];
    if binary
        .iter()
        .any(|beginning| content.starts_with(beginning))
    {
        return "is no text but a binary file, such as a key file or an archive; give the path of the configuration, and \
                name a key file in a field there"
            .to_owned();
    }
    let before = content.get(..from).unwrap_or_default();
    let line = before.split(|byte| *byte == b'\n').count();
    format!("isn't UTF-8 text, at line {line} for the first time; save it as UTF-8")
}

impl Format {
    /// Parses a text; the error is the rule that the text breaks.
    pub(crate) fn read(self, text: &str) -> Result<Raw, String> {
        if let Some(other) = foreign::by_beginning(text) {
            return Err(other.to_owned());
        }
        if self.notation == Notation::Json && text.trim().is_empty() {
            return Err("is empty; write the fields into it, or {}".to_owned());
        }
        if self.notation == Notation::Properties
            && let Some(other) = foreign::in_place_of_properties(text)
        {
            return Err(other);
        }
        let read = (self.parse)(text).map_err(|malformed| {
            if let Some(other) = foreign::unparsed(text) {
                return other;
            }
            let Malformed { line, column, what } = malformed;
            let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let name = self.notation.name();
            let field = field_at(text, line, column);
            let place = format!("line {line}, column {column}{field}");
            match self
                .hint(shown.trim())
                .or_else(|| what.map(Cow::into_owned))
            {
                Some(hint) => format!("is no valid {name}: {place} {hint}"),
                None => format!("is no valid {name}: check {place}"),
            }
        })?;
        // Any text can be read as Java properties.
        if self.notation == Notation::Properties
            && !names_a_field(&read)
            && let Some(other) = foreign::unparsed(text)
        {
            return Err(other);
        }
        Ok(read)
    }

    /// What is wrong with a line that is of another format. Nothing of the line is repeated: it may be a secret.
    fn hint(self, line: &str) -> Option<String> {
        if self.notation != Notation::Toml {
            let is_json =
                self.notation != Notation::Json || line.starts_with(['{', '"', '}', ']', '[']);
            let is_of_toml = !is_json && (line.starts_with('[') || line.contains('='));
            return is_of_toml.then(|| {
                "isn't JSON; name a file of TOML .toml, and one of Java properties .properties"
                    .to_owned()
            });
        }
        if line.starts_with("export ") {
            return Some(format!("sets a variable as a shell does: {ENV}"));
        }
        if ["{\"", "[{", "[\""].iter().any(|it| line.starts_with(it)) || line == "{" || line == "}"
        {
            return Some("is JSON; name the file .json".to_owned());
        }
        let (name, _) = line.split_once(':')?;
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_-\"' ".contains(letter);
        let is_yaml = !line.contains('=') && name.chars().all(is_name);
        is_yaml.then(|| format!("gives a field as YAML does: {YAML}"))
    }
}

/// Whether a field is among the members of a table.
fn names_a_field(raw: &Raw) -> bool {
    let is_field = |(name, _): &(String, Raw)| named(name).is_some();
    matches!(raw, Raw::Table(members) if members.iter().any(is_field))
}

/// The field that stands before a place, on its line or on the last one before it that names one.
fn field_at(text: &str, line: usize, column: usize) -> String {
    let mut lines: Vec<_> = text.lines().take(line).collect();
    let here = lines.pop().unwrap_or_default();
    let before: String = here.chars().take(column).collect();
    // A name alone, before it is known whether a value follows.
    if let Some(field) = last_field(&before).or_else(|| first_field(here)) {
        return format!(" ({field})");
    }
    let earlier = lines.iter().rev().find_map(|line| last_field(line));
    earlier.map_or_else(String::new, |field| format!(" (after {field})"))
}

/// The last field that a part of a line names.
fn last_field(part: &str) -> Option<&str> {
    let mut separators = part.rmatch_indices(['=', ':']);
    separators.find_map(|(at, _)| {
        let before = part.get(..at)?;
        named(before.rsplit(['{', ',']).next().unwrap_or_default())
    })
}

/// The field that a line begins with.
fn first_field(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let end = line.find(['=', ':', ' ']).unwrap_or(line.len());
    named(line.get(..end)?)
}

/// The name, if it is that of a field. No other text is repeated: in a file that can't be parsed, what looks like
/// a name may be part of a secret.
fn named(name: &str) -> Option<&str> {
    let name = name.trim().trim_matches(['"', '\'']);
    let field = name.strip_prefix(PREFIX).unwrap_or(name);
    match looked_up(field) {
        Named::Field { .. } | Named::WithoutEffect(_) => Some(name),
        Named::Unknown { .. } => None,
    }
}
