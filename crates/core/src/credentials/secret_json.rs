//! Reads JSON that holds secrets, and wipes every copy of a value.
//!
//! `serde_json` validates the grammar of the whole document as one [`RawValue`]. So its own scratch buffer,
//! which is never wiped, never holds a value. A second pass finds the [`members`] of all objects as slices
//! of the plaintext, and strings are unescaped into memory that is wiped.

mod members;
mod unescape;

use std::borrow::Cow;
use std::collections::HashSet;
use std::mem;
use std::ops::Deref;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::json_depth;

use super::payload::{PayloadError, PayloadErrorKind};
use super::unknown_members::UnknownMembers;

use members::{Member, own};
use unescape::unescape;

/// A plaintext that consists of one JSON object.
pub(super) struct Document<'a> {
    text: &'a str,
    object: &'a str,
    members: Vec<Member<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn parse(plaintext: &'a [u8]) -> Result<Self, PayloadError> {
        let fault = |kind, at| PayloadError::new(kind, Some(at));
        let text = str::from_utf8(plaintext)
            .map_err(|error| fault(PayloadErrorKind::NotUtf8, error.valid_up_to()))?;
        if text.trim_ascii().is_empty() {
            return Err(fault(PayloadErrorKind::Empty, 0));
        }
        // Text that nests too deep is rejected as such, whatever else is wrong with it.
        let refused = |kind, at| {
            if json_depth::is_within_json_depth(plaintext) {
                fault(kind, at)
            } else {
                fault(PayloadErrorKind::TooDeep, 0)
            }
        };
        let whole: &RawValue = serde_json::from_str(text)
            .map_err(|error| refused(PayloadErrorKind::NotJson, offset(text, &error)))?;
        let object = whole.get();
        if !object.starts_with('{') {
            return Err(refused(PayloadErrorKind::NotAnObject, 0));
        }
        Ok(Self {
            text,
            object,
            members: members::all(object).map_err(|kind| fault(kind, 0))?,
        })
    }

    /// The object, whose members can be taken.
    pub(super) fn object(&mut self) -> Result<Object<'_, 'a>, PayloadError> {
        Object::read(self.text, self.object, &mut self.members)
    }
}

/// An object of a document; members are taken out of it by name.
pub(super) struct Object<'m, 'a> {
    document: &'a str,
    members: &'m mut [Member<'a>],
}

impl<'m, 'a> Object<'m, 'a> {
    /// Decodes the names of an object's own members, and rejects duplicates.
    fn read(
        document: &'a str,
        value: &'a str,
        members: &'m mut [Member<'a>],
    ) -> Result<Self, PayloadError> {
        let fault = |kind, value| PayloadError::new(kind, Some(position(document, value)));
        decode_names(members).ok_or_else(|| fault(PayloadErrorKind::NotJson, value))?;
        match duplicate(members) {
            Some(member) => Err(fault(PayloadErrorKind::Duplicate, member.value)),
            None => Ok(Self { document, members }),
        }
    }

    /// Takes a text, or a number as its text in the JSON.
    ///
    /// A member of any other type stays in the object, and so becomes one of the unknown members.
    pub(super) fn take_text(&mut self, name: &str) -> Option<Zeroizing<String>> {
        Some(match self.take_decoded(name)? {
            Decoded::AsWritten(text) => Zeroizing::new(text.to_owned()),
            Decoded::Unescaped(text) => text,
        })
    }

    /// Does the same as [`take_text`](Self::take_text), and copies only a text that has escapes.
    pub(super) fn take_decoded(&mut self, name: &str) -> Option<Decoded<'a>> {
        let member = self.members.get_mut(self.find(name)?)?;
        let text = decoded(member.value)?;
        member.is_taken = true;
        Some(text)
    }

    /// Takes an object; a member of any other type stays in this one.
    pub(super) fn take_object(
        &mut self,
        name: &str,
    ) -> Result<Option<Object<'_, 'a>>, PayloadError> {
        let from = self.find(name).and_then(|at| self.members.get_mut(at..));
        let Some((member, later)) = from.and_then(<[_]>::split_first_mut) else {
            return Ok(None);
        };
        if !member.value.starts_with('{') {
            return Ok(None);
        }
        member.is_taken = true;
        let within = later.get_mut(..member.within).unwrap_or_default();
        Object::read(self.document, member.value, within).map(Some)
    }

    /// The members that were not taken; null members count as absent.
    pub(super) fn into_unknown(self) -> UnknownMembers {
        let own = own(self.members).map(|(_, member)| member);
        let kept = own.filter(|member| !member.is_taken && member.value != "null");
        UnknownMembers::copied(kept.map(|member| (&*member.name, member.value)))
    }

    fn find(&self, name: &str) -> Option<usize> {
        let found = own(self.members).find(|(_, member)| member.name == name);
        found.map(|(at, _)| at)
    }
}

/// A text of the plaintext.
pub(super) enum Decoded<'a> {
    /// A slice of the plaintext.
    AsWritten(&'a str),
    Unescaped(Zeroizing<String>),
}

impl Deref for Decoded<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::AsWritten(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

/// The text of a string or a number; `None` for any other value, and if an escape encodes no character.
fn decoded(value: &str) -> Option<Decoded<'_>> {
    match value.as_bytes() {
        [b'"', .., b'"'] => {
            let text = value.get(1..value.len() - 1)?;
            if text.contains('\\') {
                unescape(text).map(Decoded::Unescaped)
            } else {
                Some(Decoded::AsWritten(text))
            }
        }
        [b'-' | b'0'..=b'9', ..] => Some(Decoded::AsWritten(value)),
        _ => None,
    }
}

/// Decodes the escapes in an object's names; `None` if one encodes no character. Names aren't secret.
fn decode_names(mut members: &mut [Member<'_>]) -> Option<()> {
    while let Some((member, later)) = members.split_first_mut() {
        if member.name.contains('\\') {
            let mut name = unescape(&member.name)?;
            member.name = Cow::Owned(mem::take(&mut *name));
        }
        members = later.get_mut(member.within..)?;
    }
    Some(())
}

/// Up to this many names, comparing each with each costs less than a set of them.
const FEW: usize = 32;

/// The first of an object's members whose name an earlier one has.
fn duplicate<'m, 'a>(members: &'m [Member<'a>]) -> Option<&'m Member<'a>> {
    let is_twin = |at: usize, member: &Member<'_>| {
        let mut earlier = own(members).take_while(|(earlier, _)| *earlier < at);
        earlier.any(|(_, earlier)| earlier.name == member.name)
    };
    let found = if own(members).nth(FEW).is_none() {
        own(members).find(|(at, member)| is_twin(*at, member))
    } else {
        let mut names = HashSet::new();
        own(members).find(|(_, member)| !names.insert(&*member.name))
    };
    found.map(|(_, member)| member)
}

/// The offset of a value in the document, in bytes.
fn position(document: &str, value: &str) -> usize {
    let start = value.as_ptr().addr();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(json: &str) -> Option<String> {
        let document = format!(r#"{{"a":{json}}}"#);
        let mut document = Document::parse(document.as_bytes()).expect("a document");
        let mut object = document.object().expect("an object");
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
            let mut document = Document::parse(document.as_bytes()).expect("a document");
            let mut object = document.object().expect("an object");
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
            let _ = Document::parse(&plaintext);
        }
    }
}
