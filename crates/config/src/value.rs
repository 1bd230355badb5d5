//! The values that fields hold.

use std::borrow::Cow;
use std::fmt;
use std::path::{self, PathBuf};

use payment_credentials_core::secret::Password;
use zeroize::Zeroizing;

use crate::notation::Notation;
use crate::raw::Raw;

/// The most entries of `opening_keys`, whose files are all read.
const MAX_KEYS: usize = 64;

/// What a field holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Flag,
    Keys,
    Number,
    Path,
    PerOperation,
    /// With `_file` or `File` at the end of its name, the field names a file that holds the secret.
    Secret,
    Text,
    /// A list of texts, or one text with commas between them, as in an environment variable.
    Words,
}

impl Kind {
    /// The text of the error for a value of another kind.
    pub(crate) fn rule(self, notation: Notation) -> Cow<'static, str> {
        let is_group = matches!(self, Self::Keys | Self::PerOperation);
        if let Some(rule) = notation.only_texts().filter(|_| is_group) {
            return rule.into();
        }
        let table = notation.table();
        let rule = match self {
            Self::Flag => "must be true or false",
            Self::Keys => {
                return format!(
                    "must be a list of {table}s, each with file or key, key_id and password"
                )
                .into();
            }
            Self::Number => "must be a whole number of 0 or more, without a unit",
            Self::Path => "must be a text that is a path",
            Self::PerOperation => {
                let article = if table == "object" { "an" } else { "a" };
                return format!(
                    "must be {article} {table} of operations, each with `request::response`, where each half is true, \
                     false or empty, such as \"true::false\""
                )
                .into();
            }
            Self::Secret | Self::Text => "must be a text; write it in quotes",
            Self::Words => "must be a list of texts, or one text with commas between them",
        };
        rule.into()
    }

    #[cfg(test)]
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Keys => "list",
            Self::Number => "number",
            Self::Path => "path",
            Self::PerOperation => "table",
            Self::Secret => "secret",
            Self::Text => "text",
            Self::Words => "list of texts",
        }
    }
}

/// The type of the values of each kind, under the kind's name.
pub(crate) mod held {
    use super::{OpeningKeyEntry, path};

    pub(crate) type Flag = bool;
    pub(crate) type Keys = [OpeningKeyEntry];
    pub(crate) type Number = u64;
    pub(crate) type Path = path::Path;
    pub(crate) type PerOperation = [(String, String)];
    pub(crate) type Secret = super::Secret;
    pub(crate) type Text = str;
    pub(crate) type Words = [String];
}

/// The value of a field: the variant of its kind.
pub(crate) enum Value {
    Flag(bool),
    Keys(Vec<OpeningKeyEntry>),
    Number(u64),
    Path(PathBuf),
    PerOperation(Vec<(String, String)>),
    Secret(Secret),
    Text(String),
    Words(Vec<String>),
}

/// A secret, or the path of the file that holds it.
pub(crate) enum Secret {
    Here(Password),
    InFile(PathBuf),
}

/// One entry of `opening_keys`.
pub(crate) struct OpeningKeyEntry {
    pub(crate) file: Option<PathBuf>,
    pub(crate) key: Option<Secret>,
    pub(crate) key_id: Option<String>,
    pub(crate) password: Option<Secret>,
}

impl OpeningKeyEntry {
    /// Whether the key or its password is in the entry itself.
    pub(crate) fn holds_secret(&self) -> bool {
        let secrets = [&self.key, &self.password].into_iter().flatten();
        secrets
            .into_iter()
            .any(|secret| matches!(secret, Secret::Here(_)))
    }
}

/// Reads a value; `None` if an empty value counts as a missing field. The error is the rule.
pub(crate) fn value(
    kind: Kind,
    raw: Raw,
    notation: Notation,
) -> Result<Option<Value>, Cow<'static, str>> {
    if raw.is_empty() {
        return Ok(None);
    }
    let value = match kind {
        Kind::Flag => flag(&raw).map(Value::Flag),
        Kind::Keys => return keys(raw, notation).map(|keys| Some(Value::Keys(keys))),
        Kind::Number => number(&raw).map(Value::Number),
        Kind::Path => text(&raw).map(|text| Value::Path(PathBuf::from(text.as_str()))),
        Kind::PerOperation => per_operation(raw).map(Value::PerOperation),
        Kind::Secret => text(&raw).map(|text| Value::Secret(Secret::Here(Password::from(text)))),
        Kind::Text => text(&raw).map(|text| Value::Text(text.as_str().to_owned())),
        Kind::Words => words(&raw).map(Value::Words),
    };
    value.map(Some).ok_or_else(|| kind.rule(notation))
}

impl Value {
    /// Whether two names of a field give the same value.
    pub(crate) fn has_the_value_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Flag(one), Self::Flag(other)) => one == other,
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Path(one), Self::Path(other))
            | (Self::Secret(Secret::InFile(one)), Self::Secret(Secret::InFile(other))) => {
                one.as_os_str() == other.as_os_str()
            }
            (Self::PerOperation(one), Self::PerOperation(other)) => one == other,
            (Self::Secret(Secret::Here(one)), Self::Secret(Secret::Here(other))) => {
                one.expose() == other.expose()
            }
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Words(one), Self::Words(other)) => one == other,
            _ => false,
        }
    }
}

/// The SDKs' files also hold flags as texts.
fn flag(raw: &Raw) -> Option<bool> {
    match raw {
        Raw::Flag(flag) => Some(*flag),
        Raw::Text(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Raw::List(_) | Raw::Nothing | Raw::Number(_) | Raw::OtherNumber | Raw::Table(_) => None,
    }
}

/// The SDKs' files also hold numbers as texts.
fn number(raw: &Raw) -> Option<u64> {
    match raw {
        Raw::Number(number) => Some(*number),
        Raw::Text(text) => text.trim().parse().ok(),
        Raw::Flag(_) | Raw::List(_) | Raw::Nothing | Raw::OtherNumber | Raw::Table(_) => None,
    }
}

fn text(raw: &Raw) -> Option<Zeroizing<String>> {
    match raw {
        Raw::Text(text) => Some(text.clone()),
        Raw::Number(number) => Some(Zeroizing::new(number.to_string())),
        Raw::Flag(_) | Raw::List(_) | Raw::Nothing | Raw::OtherNumber | Raw::Table(_) => None,
    }
}

fn words(raw: &Raw) -> Option<Vec<String>> {
    let word = |text: &str| text.trim().to_owned();
    match raw {
        Raw::List(texts) => texts.iter().map(|it| Some(word(&text(it)?))).collect(),
        Raw::Text(text) => Some(text.split(',').map(word).collect()),
        Raw::Flag(_) | Raw::Nothing | Raw::Number(_) | Raw::OtherNumber | Raw::Table(_) => None,
    }
}

fn per_operation(raw: Raw) -> Option<Vec<(String, String)>> {
    let Raw::Table(members) = raw else {
        return None;
    };
    let texts = members.into_iter().map(|(name, value)| {
        let flag = flag(&value).map(|flag| flag.to_string());
        Some((
            name,
            flag.or_else(|| Some(text(&value)?.as_str().to_owned()))?,
        ))
    });
    texts.collect()
}

fn keys(raw: Raw, notation: Notation) -> Result<Vec<OpeningKeyEntry>, Cow<'static, str>> {
    let Raw::List(tables) = raw else {
        return Err(Kind::Keys.rule(notation));
    };
    if tables.len() > MAX_KEYS {
        return Err("has more than 64 keys; keep those that are in use".into());
    }
    let keys = tables.into_iter().map(|table| key(table, notation));
    keys.collect()
}

fn key(raw: Raw, notation: Notation) -> Result<OpeningKeyEntry, Cow<'static, str>> {
    let Raw::Table(members) = raw else {
        return Err(Kind::Keys.rule(notation));
    };
    let (mut file, mut key, mut key_id, mut password) = (None, None, None, None);
    for (name, value) in members {
        let text = text(&value).ok_or("has a key with a member that isn't a text")?;
        match name.as_str() {
            "file" => file = Some(PathBuf::from(text.as_str())),
            "key" => key = Some(Secret::Here(Password::from(text))),
            "key_id" => key_id = Some(text.as_str().to_owned()),
            "password" => password = Some(Secret::Here(Password::from(text))),
            "password_file" => password = Some(Secret::InFile(text.as_str().into())),
            _ => {
                return Err(
                    "has a key with a member other than file, key, key_id, password and password_file; \
                     correct its name"
                        .into(),
                );
            }
        }
    }
    if file.is_some() == key.is_some() {
        let rule = "has an entry with neither a file nor a key, or with both; give one in each";
        return Err(rule.into());
    }
    Ok(OpeningKeyEntry {
        file,
        key,
        key_id,
        password,
    })
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Keys(keys) => write!(f, "{} keys", keys.len()),
            Self::Number(number) => number.fmt(f),
            Self::Path(path) => write!(f, "path of {} bytes", path.as_os_str().len()),
            Self::PerOperation(operations) => write!(f, "{} operations", operations.len()),
            Self::Secret(secret) => secret.fmt(f),
            Self::Text(text) => write!(f, "text of {} bytes", text.len()),
            Self::Words(words) => write!(f, "{} texts", words.len()),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here(_) => "redacted",
            Self::InFile(_) => "in a file",
        })
    }
}
