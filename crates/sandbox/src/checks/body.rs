//! Reads JSON more strictly than `serde_json` does.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error_response::{ErrorEntry, ErrorResponse};
use crate::masking::shown;

/// Bytes of the largest body that is read. The largest documented body, with an identity of 17 000
/// characters and all fields full, has a tenth of that.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// The most levels of objects and arrays. The documented body has four.
const MAX_DEPTH: usize = 16;

/// Reads a body that must be one JSON object, without duplicate members.
pub(crate) fn parse(body: &[u8]) -> Result<Map<String, Value>, ErrorResponse> {
    if body.is_empty() {
        return Err(invalid("a JSON object", "no body; {} will do"));
    }
    let text = std::str::from_utf8(body).map_err(|fault| invalid("UTF-8", &fault.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0 }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|fault| invalid("JSON", &fault.to_string()))?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(invalid("a JSON object", kind(&value)))
        }
    }
}

/// The type of a value, with its article.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn invalid(expected: &str, got: &str) -> ErrorResponse {
    let part = "Invalid HTTP Body: it";
    ErrorResponse::bad_request(ErrorEntry::unmet("invalidRequest", part, expected, got))
}

/// Reads a value, and counts the levels above it.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!(
                "more than {MAX_DEPTH} levels of objects and arrays"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                let name = shown(&name);
                return Err(A::Error::custom(format_args!("member {name} twice")));
            }
            let value = members.next_value_seed(deeper)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}
