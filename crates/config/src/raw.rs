//! The content of a file, before any field is interpreted.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// A value of TOML or JSON. Texts may be secrets, so they are wiped.
pub(crate) enum Raw {
    Flag(bool),
    List(Vec<Self>),
    Nothing,
    Number(u64),
    /// A number that no field takes: negative, or with a fraction.
    OtherNumber,
    /// Duplicate names are kept.
    Table(Vec<(String, Self)>),
    Text(Zeroizing<String>),
}

/// Where a text is invalid. The parsers' own messages may repeat the text, so they aren't kept.
#[derive(Debug)]
pub(crate) struct Position {
    pub(crate) line: usize,
}

impl Raw {
    /// Whether a text is a placeholder of a shell or of a template.
    pub(crate) fn is_placeholder(&self) -> bool {
        let Self::Text(text) = self else {
            return false;
        };
        let text = text.trim();
        (text.starts_with("${") && text.ends_with('}'))
            || (text.starts_with("{{") && text.ends_with("}}"))
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, Position> {
        serde_json::from_str(text).map_err(|error| Position { line: error.line() })
    }

    pub(crate) fn from_toml(text: &str) -> Result<Self, Position> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.bytes().take(start);
            let line = 1 + before.filter(|byte| *byte == b'\n').count();
            Position { line }
        })
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Flag(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(u64::try_from(value).map_or(Raw::OtherNumber, Raw::Number))
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Raw, E> {
        Ok(Raw::OtherNumber)
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(Zeroizing::new(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(Zeroizing::new(value)))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Raw, A::Error> {
        let mut table = Vec::new();
        while let Some(member) = members.next_entry()? {
            table.push(member);
        }
        Ok(Raw::Table(table))
    }
}
