//! The formats of a configuration, by the name of its file, and what another format is taken for.

use std::path::Path;

use crate::field::{Named, looked_up};
use crate::origin::PREFIX;
use crate::properties;
use crate::raw::{Position, Raw};

/// A format that is read.
#[derive(Clone, Copy)]
pub(crate) struct Format {
    name: &'static str,
    parse: fn(&str) -> Result<Raw, Position>,
}

pub(crate) const JSON: Format = Format {
    name: "JSON",
    parse: Raw::from_json,
};

pub(crate) const TOML: Format = Format {
    name: "TOML",
    parse: Raw::from_toml,
};

const PROPERTIES: Format = Format {
    name: "Java properties",
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
        _ => Ok(TOML),
    }
}

impl Format {
    /// Parses a text; the error is the rule that the text breaks.
    pub(crate) fn read(self, text: &str) -> Result<Raw, String> {
        (self.parse)(text).map_err(|position| {
            let line = text.lines().nth(position.line.saturating_sub(1));
            let hint = line.and_then(|line| self.hint(line));
            let (name, number) = (self.name, position.line);
            match hint {
                Some(hint) => format!("is no valid {name}: line {number} {hint}"),
                None => format!("is no valid {name}: check line {number}"),
            }
        })
    }

    /// What is wrong with a line, if that is plain to see. Of the line, only the name of a known field is
    /// repeated: anything else may be a secret.
    fn hint(self, line: &str) -> Option<String> {
        let line = line.trim();
        if self.name == PROPERTIES.name {
            return Some(r"has a broken escape; write \\ for a backslash".to_owned());
        }
        if self.name == JSON.name {
            return (!line.starts_with(['{', '"', '}', ']'])).then(|| "isn't JSON".to_owned());
        }
        if line.starts_with(['{', '}']) {
            return Some("is JSON; name the file .json".to_owned());
        }
        if let Some(rest) = line.strip_prefix("export ") {
            let name = named(rest.split('=').next().unwrap_or_default());
            return Some(format!("sets {name} as a shell does: {ENV}"));
        }
        if let Some((name, value)) = line.split_once('=') {
            let (name, value) = (named(name), value.trim());
            let is_bare = !value.is_empty() && !value.starts_with(['"', '\'', '[', '{']);
            return is_bare.then(|| format!("lacks quotes around the value of {name}"));
        }
        let (name, _) = line.split_once(':')?;
        Some(format!("gives {} as YAML does: {YAML}", named(name)))
    }
}

/// The name, if it is that of a field.
fn named(name: &str) -> &str {
    let name = name.trim();
    let field = name.strip_prefix(PREFIX).unwrap_or(name);
    match looked_up(field) {
        Named::Field { .. } | Named::WithoutEffect(_) => name,
        Named::Unknown { .. } => "a field",
    }
}
