//! Reads JSON that holds secrets, and wipes every copy of a value.
//!
//! `serde_json` validates the grammar and returns each value as a slice of the plaintext ([`RawValue`]). So
//! its own scratch buffer, which is never wiped, never holds a value. This module then unescapes strings
//! into memory that is wiped.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::json_depth;

use super::payload::{PayloadError, PayloadErrorKind};

/// A JSON object of the plaintext; members are taken out of it by name.
pub(super) struct Object<'a> {
    document: &'a str,
    path: String,
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// Parses a plaintext that consists of one object.
    pub(super) fn document(plaintext: &'a [u8]) -> Result<Self, PayloadError> {
        let fault = |fault, at| PayloadError::new(fault, "", Some(at));
        let text = str::from_utf8(plaintext)
            .map_err(|error| fault(PayloadErrorKind::NotUtf8, error.valid_up_to()))?;
        if text.trim_ascii().is_empty() {
            return Err(fault(PayloadErrorKind::Empty, 0));
        }
        if !json_depth::is_within_json_depth(plaintext) {
            return Err(fault(PayloadErrorKind::TooDeep, 0));
        }
        let whole: &RawValue = serde_json::from_str(text)
            .map_err(|error| fault(PayloadErrorKind::NotJson, offset(text, &error)))?;
        Self::read(text, String::new(), whole)?
            .ok_or_else(|| fault(PayloadErrorKind::NotAnObject, 0))
    }

    /// Reads a value as an object, if it is one.
    fn read(
        document: &'a str,
        path: String,
        value: &'a RawValue,
    ) -> Result<Option<Self>, PayloadError> {
        if !value.get().starts_with('{') {
            return Ok(None);
        }
        let at = position(document, value);
        let Ok(MemberList(members)) = serde_json::from_str(value.get()) else {
            return Err(PayloadError::new(
                PayloadErrorKind::NotJson,
                &path,
                Some(at),
            ));
        };
        let mut names = HashSet::with_capacity(members.len());
        for (name, value) in &members {
            if !names.insert(name) {
                let at = position(document, value);
                return Err(PayloadError::new(
                    PayloadErrorKind::Duplicate,
                    &path,
                    Some(at),
                ));
            }
        }
        Ok(Some(Self {
            document,
            path,
            members,
        }))
    }

    /// Takes a text, or a number as its text in the JSON.
    ///
    /// A member of any other type stays in the object, and so becomes one of the unknown members.
    pub(super) fn take_text(&mut self, name: &str) -> Option<Zeroizing<String>> {
        let (at, value) = self.find(name)?;
        let text = match value.get().as_bytes().first()? {
            b'"' => unescape(value.get())?,
            b'-' | b'0'..=b'9' => Zeroizing::new(value.get().to_owned()),
            _ => return None,
        };
        self.members.swap_remove(at);
        Some(text)
    }

    /// Takes an object; a member of any other type stays in this one.
    pub(super) fn take_object(&mut self, name: &str) -> Result<Option<Self>, PayloadError> {
        let Some((at, value)) = self.find(name) else {
            return Ok(None);
        };
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let object = Self::read(self.document, path, value)?;
        if object.is_some() {
            self.members.swap_remove(at);
        }
        Ok(object)
    }

    /// The members that were not taken; null members count as absent.
    pub(super) fn into_unknown(self) -> UnknownMembers {
        let kept = self
            .members
            .into_iter()
            .filter(|(_, value)| value.get() != "null");
        let copied =
            kept.map(|(name, value)| (name.into(), Zeroizing::new(value.get().to_owned())));
        UnknownMembers(copied.collect())
    }

    fn find(&self, name: &str) -> Option<(usize, &'a RawValue)> {
        let at = self.members.iter().position(|(member, _)| member == name)?;
        self.members.get(at).map(|(_, value)| (at, *value))
    }
}

/// Members that this version doesn't know, as JSON text: secret, and wiped on drop.
///
/// The vendor reserves the right to add members at any time. `Debug` shows the first names, never
/// values.
#[derive(Default)]
pub struct UnknownMembers(Vec<(Box<str>, Zeroizing<String>)>);

impl UnknownMembers {
    /// How many names are shown: a hostile response may have tens of thousands.
    const SHOWN: usize = 16;

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// The member's value as JSON text, which may hold card data.
    #[must_use]
    pub fn expose(&self, name: &str) -> Option<&str> {
        let member = self.0.iter().find(|(member, _)| **member == *name);
        member.map(|(_, json)| json.as_str())
    }
}

impl fmt::Debug for UnknownMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.names().map(|name| crate::shown::printable(name, 64));
        let mut set = f.debug_set();
        set.entries(shown.take(Self::SHOWN));
        if self.0.len() > Self::SHOWN {
            set.finish_non_exhaustive()
        } else {
            set.finish()
        }
    }
}

/// An object's members in their order, including duplicates.
struct MemberList<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for MemberList<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = MemberList<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(MemberList(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// The offset of a value in the document, in bytes.
fn position(document: &str, value: &RawValue) -> usize {
    let start = value.get().as_ptr().addr();
    start.saturating_sub(document.as_ptr().addr())
}

/// The offset of the syntax error, in bytes.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let before: usize = text
        .split_inclusive('\n')
        .take(lines_before)
        .map(str::len)
        .sum();
    before + error.column().saturating_sub(1)
}

/// Decodes a JSON string literal; `None` if an escape encodes no character.
///
/// The parser has validated the literal's grammar. The buffer has its final capacity from the start: a
/// buffer that grows would leave copies behind.
fn unescape(literal: &str) -> Option<Zeroizing<String>> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = Zeroizing::new(String::with_capacity(inner.len()));
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (character, after) = unescape_one(escape)?;
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// Decodes the character after a backslash; returns it with the rest of the text (RFC 8259 §7).
fn unescape_one(escape: &str) -> Option<(char, &str)> {
    let mut rest = escape.chars();
    let character = match rest.next()? {
        plain @ ('"' | '\\' | '/') => plain,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unescape_unit(rest.as_str()),
        _ => return None,
    };
    Some((character, rest.as_str()))
}

/// Decodes four hex digits, or two surrogates of four each.
fn unescape_unit(text: &str) -> Option<(char, &str)> {
    let (unit, rest) = hex_unit(text)?;
    if let Some(character) = char::from_u32(unit.into()) {
        return Some((character, rest));
    }
    let (low, rest) = hex_unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([unit, low]).next()?.ok()?;
    Some((character, rest))
}

fn hex_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(json: &str) -> Option<String> {
        let document = format!(r#"{{"a":{json}}}"#);
        let mut object = Object::document(document.as_bytes()).expect("an object");
        object.take_text("a").map(|text| text.to_string())
    }

    #[test]
    fn unescapes_as_json_does() {
        assert_eq!(
            text(r#""AwAAAADggP\/Ce5+Z\u003d""#).as_deref(),
            Some("AwAAAADggP/Ce5+Z=")
        );
        assert_eq!(
            text(r#""\"\\\b\f\n\r\t""#).as_deref(),
            Some("\"\\\u{8}\u{c}\n\r\t")
        );
        assert_eq!(text(r#""\ud83d\ude00""#).as_deref(), Some("😀"));
        assert_eq!(
            text("4895370016750801").as_deref(),
            Some("4895370016750801")
        );
    }

    #[test]
    fn leaves_what_is_not_text_among_the_unknown() {
        for json in [r#""\ud83d""#, r#""\ude00\ud83d""#, "true", "[1]", "{}"] {
            let document = format!(r#"{{"a":{json},"b":null}}"#);
            let mut object = Object::document(document.as_bytes()).expect("an object");
            assert!(object.take_text("a").is_none());
            let unknown = object.into_unknown();
            assert_eq!(unknown.expose("a"), Some(json));
            assert_eq!(unknown.names().collect::<Vec<_>>(), ["a"]);
        }
    }

    proptest! {
        #[test]
        fn reads_back_every_string(value in "\\PC*") {
            let json = serde_json::to_string(&value).expect("JSON");
            prop_assert_eq!(text(&json), Some(value));
        }

        #[test]
        fn never_panics(plaintext in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Object::document(&plaintext);
        }
    }
}
