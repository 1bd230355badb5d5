//! Distinguishes a response that is encrypted from one that isn't, by its body alone.

use std::fmt;

use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What a body is.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Envelope {
    /// `{"encryptedResponse": "..."}` and no more: what the text is remains to be seen.
    Encrypted(String),
    /// It has a member `encryptedResponse`, but isn't the above.
    Malformed,
    /// Anything else, such as a bare JWE.
    Other,
}

impl Envelope {
    const MEMBER: &str = "encryptedResponse";

    pub(crate) fn of(body: &[u8]) -> Self {
        // What is over the cap is for the codec to refuse, unread.
        if body.trim_ascii_start().first() != Some(&b'{') || body.len() > MAX_RESPONSE_BODY {
            return Self::Other;
        }
        let mut parser = serde_json::Deserializer::from_slice(body);
        let read = parser
            .deserialize_map(EnvelopeVisitor)
            .and_then(|envelope| parser.end().map(|()| envelope));
        read.unwrap_or(Self::Other)
    }
}

struct EnvelopeVisitor;

impl<'de> Visitor<'de> for EnvelopeVisitor {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope, A::Error> {
        let (mut found, mut has_others) = (None, false);
        while let Some(name) = map.next_key::<String>()? {
            if name == Envelope::MEMBER && found.is_none() {
                found = Some(map.next_value::<&RawValue>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
                has_others = true;
            }
        }
        Ok(match found.map(text) {
            None => Envelope::Other,
            Some(Some(text)) if !has_others => Envelope::Encrypted(text),
            Some(_) => Envelope::Malformed,
        })
    }
}

/// A text that isn't empty.
fn text(value: &RawValue) -> Option<String> {
    let text: String = serde_json::from_str(value.get()).ok()?;
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(body: impl AsRef<[u8]>, expected: &Envelope) {
        assert_eq!(Envelope::of(body.as_ref()), *expected);
    }

    #[test]
    fn one_text_alone_is_encrypted() {
        for body in [
            r#"{"encryptedResponse":"a.b"}"#,
            " \r\n{ \"encryptedResponse\" : \"a.b\" }\n",
            r#"{"\u0065ncryptedResponse":"a\u002eb"}"#,
        ] {
            check(body, &Envelope::Encrypted("a.b".to_owned()));
        }
    }

    #[test]
    fn everything_else_of_that_name_is_malformed() {
        for value in [
            "1",
            "null",
            "true",
            r#""""#,
            "[]",
            r#"["a"]"#,
            "{}",
            r#""\ud800""#,
        ] {
            check(
                format!(r#"{{"encryptedResponse":{value}}}"#),
                &Envelope::Malformed,
            );
        }
        for body in [
            r#"{"encryptedResponse":"a","x":1}"#,
            r#"{"x":1,"encryptedResponse":"a"}"#,
            r#"{"encryptedResponse":"a","encryptedResponse":"a"}"#,
            r#"{"encryptedResponse":{"encryptedResponse":{"encryptedResponse":"a"}}}"#,
            &format!(
                r#"{{"encryptedResponse":{}{}}}"#,
                "[".repeat(90),
                "]".repeat(90)
            ),
        ] {
            check(body, &Envelope::Malformed);
        }
    }

    #[test]
    fn what_has_no_such_member_is_something_else() {
        for body in [
            "",
            "eyJ9.a.b.c.d",
            r#""eyJ9.a.b.c.d""#,
            "{}",
            r#"{"EncryptedResponse":"a"}"#,
            r#"{"x":{"encryptedResponse":"a"}}"#,
            r#"[{"encryptedResponse":"a"}]"#,
            r#"{"encryptedResponse":"a"} x"#,
            r#"{"encryptedResponse":"a""#,
            "<html>",
            &"{\"a\":".repeat(10_000),
        ] {
            check(body, &Envelope::Other);
        }
        check(b"{\"a\":\"\xff\"}", &Envelope::Other);
        let long = "a".repeat(MAX_RESPONSE_BODY);
        check(
            format!(r#"{{"encryptedResponse":"{long}"}}"#),
            &Envelope::Other,
        );
    }

    proptest! {
        #[test]
        fn never_panics(body in "[{}\\[\\]\",:a1\\\\ ]{0,40}|\\PC{0,40}") {
            let _ = Envelope::of(body.as_bytes());
        }
    }
}
