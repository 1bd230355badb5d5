//! Finds the members of all objects of a JSON document in one pass.

use std::borrow::Cow;
use std::iter;

use crate::json_depth::MAX_JSON_DEPTH;

use super::PayloadErrorKind;

/// A member of an object; the members within its value follow it in the list.
pub(super) struct Member<'a> {
    /// The text between the quotes, with its escapes until [`Object`](super::Object) decodes them.
    pub(super) name: Cow<'a, str>,
    /// The value, as JSON text.
    pub(super) value: &'a str,
    /// How many members are within the value.
    pub(super) within: usize,
    pub(super) is_taken: bool,
}

/// The members of an object, each with its index, without the members within their values.
pub(super) fn own<'m, 'a>(
    members: &'m [Member<'a>],
) -> impl Iterator<Item = (usize, &'m Member<'a>)> {
    let mut next = 0;
    iter::from_fn(move || {
        let (at, member) = (next, members.get(next)?);
        next = at + 1 + member.within;
        Some((at, member))
    })
}

/// The members of an object and of all objects within it, in their order; those in arrays are left out,
/// since nothing reads them.
///
/// The text is an object without white space around it, whose grammar has been validated.
pub(super) fn all(object: &str) -> Result<Vec<Member<'_>>, PayloadErrorKind> {
    let mut scan = Scan {
        text: object,
        at: 0,
        members: Vec::with_capacity(USUAL),
    };
    scan.object(1)?;
    Ok(scan.members)
}

/// The service's responses have 20 to 40 members; more make the list grow.
const USUAL: usize = 48;

/// A pass over a text. Since the grammar is valid, the pass looks only for the ends of names and values. The
/// end of the text, which it can't meet early, counts as an error nevertheless.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    members: Vec<Member<'a>>,
}

impl<'a> Scan<'a> {
    /// Passes an object, which begins at this depth.
    fn object(&mut self, depth: usize) -> Result<(), PayloadErrorKind> {
        within_limit(depth)?;
        self.at += 1;
        loop {
            match self.token()? {
                b'}' => break,
                _ => self.member(depth)?,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn member(&mut self, depth: usize) -> Result<(), PayloadErrorKind> {
        let place = self.members.len();
        let start = self.at + 1;
        self.string()?;
        let name = self.text.get(start..self.at - 1).unwrap_or_default();
        self.members.push(Member {
            name: Cow::Borrowed(name),
            value: "",
            within: 0,
            is_taken: false,
        });
        let value = self.value(depth)?;
        let within = self.members.len() - place - 1;
        if let Some(member) = self.members.get_mut(place) {
            (member.value, member.within) = (value, within);
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<&'a str, PayloadErrorKind> {
        let first = self.token()?;
        let start = self.at;
        match first {
            b'{' => self.object(depth + 1)?,
            b'[' => self.array(depth + 1)?,
            b'"' => self.string()?,
            _ => self.scalar(),
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Passes an array, and everything within it, which begins at this depth.
    fn array(&mut self, outer: usize) -> Result<(), PayloadErrorKind> {
        let mut depth = outer - 1;
        loop {
            match self.token()? {
                b'"' => self.string()?,
                b'[' | b'{' => {
                    depth += 1;
                    within_limit(depth)?;
                    self.at += 1;
                }
                b']' | b'}' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => self.scalar(),
            }
            if depth < outer {
                return Ok(());
            }
        }
    }

    /// Passes a number, `true`, `false` or `null`.
    fn scalar(&mut self) {
        self.pass(|byte| !is_blank(byte) && !matches!(byte, b',' | b'}' | b']'));
    }

    /// Passes a string with its quotes.
    fn string(&mut self) -> Result<(), PayloadErrorKind> {
        self.at += 1;
        loop {
            let start = self.at;
            self.pass(|byte| byte != b'"');
            self.byte()?;
            let text = self.text.as_bytes().get(start..self.at).unwrap_or_default();
            self.at += 1;
            // A backslash before the quote escapes it, unless that backslash is itself escaped.
            let backslashes = text.iter().rev().take_while(|byte| **byte == b'\\');
            if backslashes.count() % 2 == 0 {
                return Ok(());
            }
        }
    }

    /// The next byte that isn't between two tokens.
    fn token(&mut self) -> Result<u8, PayloadErrorKind> {
        self.pass(|byte| is_blank(byte) || matches!(byte, b',' | b':'));
        self.byte()
    }

    /// Passes the bytes that belong.
    fn pass(&mut self, belongs: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let other = rest.iter().position(|byte| !belongs(*byte));
        self.at += other.unwrap_or(rest.len());
    }

    fn byte(&self) -> Result<u8, PayloadErrorKind> {
        let byte = self.text.as_bytes().get(self.at);
        byte.copied().ok_or(PayloadErrorKind::NotJson)
    }
}

fn within_limit(depth: usize) -> Result<(), PayloadErrorKind> {
    if depth > MAX_JSON_DEPTH {
        return Err(PayloadErrorKind::TooDeep);
    }
    Ok(())
}

/// White space of JSON (RFC 8259 §2).
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            r#"["\\{}\[\],: \n\tau0é]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let members = proptest::collection::vec((r#"["\\{}:,aé]{0,4}"#, inner.clone()), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Value::from),
                members.prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Compares the members that were found with those that `serde_json` finds.
    fn is_same(members: &[Member<'_>], object: &Map<String, Value>) -> bool {
        let found = own(members).map(|(at, member)| {
            let name: String =
                serde_json::from_str(&format!("\"{}\"", member.name)).expect("a name");
            let value: Value = serde_json::from_str(member.value).expect("a value");
            let within = &members[at + 1..][..member.within];
            let is_same = match value.as_object() {
                Some(object) => is_same(within, object),
                None => within.is_empty(),
            };
            is_same && object.get(&name) == Some(&value)
        });
        let found: Vec<bool> = found.collect();
        found.len() == object.len() && found.iter().all(|is_same| *is_same)
    }

    proptest! {
        #[test]
        fn finds_what_a_parser_finds(json in json(), spaced: bool) {
            let object = json!({"a": json});
            let text = if spaced {
                serde_json::to_string_pretty(&object)
            } else {
                serde_json::to_string(&object)
            };
            let text = text.expect("JSON");
            let object = serde_json::from_str(&text).expect("an object");
            prop_assert!(is_same(&all(&text).expect("members"), &object), "{}", text);
        }

        /// The grammar has been validated; still, no text may make the pass panic or run on.
        #[test]
        fn never_panics(text in "\\{[\\[\\]{}\",:a1\\\\u é]{0,40}|\\PC{0,40}") {
            let _ = all(&text);
        }
    }

    #[test]
    fn counts_the_depth_of_objects_and_of_arrays() {
        for (open, close, levels) in [
            (r#"{"a":"#, "}", 1),
            ("[", "]", 1),
            (r#"[{"a":"#, "}]", 2),
            (r#"{"a":["#, "]}", 2),
        ] {
            let is_accepted = |times: usize| {
                let value = [&open.repeat(times), "{}", &close.repeat(times)].concat();
                all(&format!(r#"{{"a":[[]],"b":{value},"c":1}}"#)).is_ok()
            };
            let most = (MAX_JSON_DEPTH - 2) / levels;
            assert!(is_accepted(most) && !is_accepted(most + 1), "{open}");
        }
    }
}
