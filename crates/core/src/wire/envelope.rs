use serde_json::value::RawValue;

use crate::json_members::members_and_others;

use super::response_body::MAX_RESPONSE_BODY;

/// Whether message-level encryption has encrypted a response. Only the body shows this: the vendor's SDKs
/// detect it by the member `encryptedResponse`, and the content type doesn't show it.
///
/// ```
/// use payment_credentials_core::wire::Envelope;
///
/// let body = br#"{"encryptedResponse":"eyJ9.a.b.c.d"}"#;
/// assert_eq!(Envelope::of(body), Envelope::Encrypted("eyJ9.a.b.c.d".to_owned()));
/// assert_eq!(Envelope::of(b"eyJ9.a.b.c.d"), Envelope::Other);
/// ```
#[derive(Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Envelope {
    /// `{"encryptedResponse": "..."}` and no other member; the text has not been validated yet.
    Encrypted(String),
    /// The body has a member `encryptedResponse`, but isn't of the form above.
    Malformed,
    /// Any other body, such as a bare JWE.
    Other,
}

impl Envelope {
    /// Examines a body. A body larger than [`MAX_RESPONSE_BODY`] is `Other`: the codec rejects it.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        if body.trim_ascii_start().first() != Some(&b'{') || body.len() > MAX_RESPONSE_BODY {
            return Self::Other;
        }
        let found = str::from_utf8(body)
            .ok()
            .and_then(|json| members_and_others(json, ["encryptedResponse"]));
        match found {
            Some(([Some(value)], others)) => match text(value) {
                Some(text) if others == 0 => Self::Encrypted(text),
                _ => Self::Malformed,
            },
            Some(([None], _)) | None => Self::Other,
        }
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
