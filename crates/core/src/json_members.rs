//! Reads only the wanted part of JSON, so that the rest never becomes a tree.
//!
//! A body from outside may hold a hundred thousand values, of which only a dozen matter.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The wanted members of an object, in the order of the given names; `None` if the text isn't an object.
///
/// Of a duplicate member, this is the last one, as in most parsers.
pub(crate) fn members<'de, const N: usize>(
    json: &'de str,
    wanted: [&str; N],
) -> Option<[Option<&'de RawValue>; N]> {
    members_and_others(json, wanted).map(|(found, _others)| found)
}

/// Like [`members`], with the number of other members, which includes duplicates of wanted ones.
pub(crate) fn members_and_others<'de, const N: usize>(
    json: &'de str,
    wanted: [&str; N],
) -> Option<Found<'de, N>> {
    let mut parser = serde_json::Deserializer::from_str(json);
    let found = Wanted(wanted).deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    Some(found)
}

type Found<'de, const N: usize> = ([Option<&'de RawValue>; N], usize);

/// The first objects of an array, at most `max`; `None` if the text isn't an array.
pub(crate) fn objects(json: &str, max: usize) -> Option<Vec<&str>> {
    let mut parser = serde_json::Deserializer::from_str(json);
    let found = Objects { max }.deserialize(&mut parser).ok()?;
    parser.end().ok()?;
    Some(found)
}

struct Wanted<'w, const N: usize>([&'w str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Wanted<'_, N> {
    type Value = Found<'de, N>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Wanted<'_, N> {
    type Value = Found<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut others) = ([None; N], 0);
        while let Some(name) = map.next_key::<String>()? {
            let mut places = self.0.iter().zip(&mut found);
            if let Some((_, place)) = places.find(|(wanted, _)| **wanted == name) {
                others += usize::from(place.is_some());
                *place = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
                others += 1;
            }
        }
        Ok((found, others))
    }
}

struct Objects {
    max: usize,
}

impl<'de> DeserializeSeed<'de> for Objects {
    type Value = Vec<&'de str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Objects {
    type Value = Vec<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element::<&RawValue>()? {
            if item.get().starts_with('{') && found.len() < self.max {
                found.push(item.get());
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found<'a>(json: &'a str, wanted: [&str; 2]) -> Option<[Option<&'a str>; 2]> {
        members(json, wanted).map(|found| found.map(|value| value.map(RawValue::get)))
    }

    #[test]
    fn takes_the_wanted_members_and_objects_alone() {
        let json = r#" {"x":[1,{}],"b":{"a":2},"\u0061":1,"a":"3"} "#;
        let expected = Some([Some(r#""3""#), Some(r#"{"a":2}"#)]);
        assert_eq!(found(json, ["a", "b"]), expected);
        assert_eq!(found("{}", ["a", "b"]), Some([None, None]));
        for json in [
            "[]",
            "1",
            "",
            "{} x",
            r#"{"a":1"#,
            r#"{"a":1,}"#,
            r#"{"x":nope}"#,
        ] {
            assert_eq!(found(json, ["a", "b"]), None, "{json}");
        }
        let array = r#"[1, {"a":1}, "x", {}, {"b":2}]"#;
        assert_eq!(objects(array, 2), Some(vec![r#"{"a":1}"#, "{}"]));
        for json in ["{}", "1", "[", "[{}] x", "[nope]"] {
            assert_eq!(objects(json, 2), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(json in "[\\[\\]{}\",:a1\\\\u ]{0,40}|\\PC{0,40}") {
            let _ = (members(&json, ["a"]), objects(&json, 3));
        }
    }
}
