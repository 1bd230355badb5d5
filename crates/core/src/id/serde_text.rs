//! Ids by serde, as text.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};

use crate::text::ParseValueError;

/// Deserializes an id from text. If the input is of another type, the error never repeats it.
pub(super) struct Text<Id>(pub(super) PhantomData<Id>);

impl<Id: FromStr<Err = ParseValueError>> Visitor<'_> for Text<Id> {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id as text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
        text.parse().map_err(E::custom)
    }

    // serde's own errors would show the number, and a number in place of an id may be a card number.
    fn visit_i64<E: Error>(self, _number: i64) -> Result<Id, E> {
        Err(not_text())
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Id, E> {
        Err(not_text())
    }

    fn visit_i128<E: Error>(self, _number: i128) -> Result<Id, E> {
        Err(not_text())
    }

    fn visit_u128<E: Error>(self, _number: u128) -> Result<Id, E> {
        Err(not_text())
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Id, E> {
        Err(not_text())
    }
}

fn not_text<E: Error>() -> E {
    E::custom("an id must be text; put it in quotes")
}
