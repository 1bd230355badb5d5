//! The content of a file, before any field is interpreted.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::syntax::Malformed;

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

impl Raw {
    /// Whether it counts as a missing value.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.is_empty(),
            Self::Flag(_)
            | Self::List(_)
            | Self::Number(_)
            | Self::OtherNumber
            | Self::Table(_) => false,
        }
    }

    pub(crate) fn from_json(text: &str) -> Result<Self, Malformed> {
        serde_json::from_str(text).map_err(|error| Malformed::in_json(text, &error))
    }

    pub(crate) fn from_toml(text: &str) -> Result<Self, Malformed> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            Malformed::in_toml(text, start, error.message())
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
