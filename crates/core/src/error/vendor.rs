use http::{HeaderMap, header};
use serde_json::value::RawValue;

use crate::json_members::{members, objects};
use crate::{json_depth, shown};

/// How many errors of a body are kept.
const MAX_ERRORS: usize = 16;
/// How many details of an error are kept.
const MAX_DETAILS: usize = 16;
/// How many characters of a message are kept.
const MAX_MESSAGE: usize = 256;
/// How many characters of a code, a field's name or a location are kept.
const MAX_NAME: usize = 64;

/// The service's own description of a refusal: at most 16 errors, sanitised.
///
/// The errors are read from every form that the vendor's services and the intermediaries in front of them
/// are known to use:
///
/// - the TMS list (`errors`);
/// - the `response.rmsg` of the vendor's front end;
/// - `reason`, `message` and `details` of the vendor's other services, also within `errorInformation` and
///   `responseStatus`;
/// - OAuth's `error` and `error_description` (RFC 6749 §5.2);
/// - problem details (RFC 9457);
/// - plain text;
/// - the header `WWW-Authenticate`.
///
/// They are for logs and tickets. A message can repeat parts of the request, so messages are bounded,
/// printable, and free of card numbers. Never branch on them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct VendorErrors(Vec<VendorError>);

/// One error from the service's list.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct VendorError {
    /// The vendor's code, such as `invalidFields`; the published list isn't complete.
    pub code: Option<String>,
    /// The vendor's message: at most 256 printable characters.
    pub message: Option<String>,
    /// The fields that the error is about.
    pub details: Vec<VendorDetail>,
}

/// One detail of an error.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct VendorDetail {
    /// The field's name.
    pub name: Option<String>,
    /// Where the field is, or what is wrong with it.
    pub location: Option<String>,
}

impl VendorErrors {
    /// The service's errors, in its order.
    pub fn iter(&self) -> std::slice::Iter<'_, VendorError> {
        self.0.iter()
    }

    /// Whether the response held no readable error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first error's code, if it is a word of 1 to 64 letters, digits, `_` or `-`.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let code = self.0.first()?.code.as_deref()?;
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        code.bytes().all(word).then_some(code)
    }

    /// Reads the errors of a refusal from its body, or otherwise from the header `WWW-Authenticate`.
    pub(crate) fn of_refusal(headers: &HeaderMap, body: &[u8]) -> Self {
        let read = Self::read(body);
        if !read.is_empty() {
            return read;
        }
        let found = plain_text(headers, body).or_else(|| challenge(headers));
        Self(found.into_iter().collect())
    }

    /// Whether the first error is about the vault profile that the request named.
    pub(crate) fn speaks_of_the_profile(&self) -> bool {
        let Some(error) = self.0.first() else {
            return false;
        };
        let details = error
            .details
            .iter()
            .flat_map(|detail| [&detail.name, &detail.location]);
        let mut texts = details.chain([&error.message]).flatten();
        texts.any(|text| text.to_ascii_lowercase().contains("profile"))
    }

    /// Reads a body of any kind; a body of an unknown form gives an empty list.
    pub(crate) fn read(body: &[u8]) -> Self {
        Self(read(body, MAX_LAYERS).unwrap_or_default())
    }
}

impl<'a> IntoIterator for &'a VendorErrors {
    type Item = &'a VendorError;
    type IntoIter = std::slice::Iter<'a, VendorError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<VendorError> for VendorErrors {
    fn from_iter<Errors: IntoIterator<Item = VendorError>>(errors: Errors) -> Self {
        Self(errors.into_iter().take(MAX_ERRORS).collect())
    }
}

/// A body may be JSON text inside a JSON string. This is how many such layers are read.
const MAX_LAYERS: usize = 2;

fn read(body: &[u8], layers: usize) -> Option<Vec<VendorError>> {
    if !json_depth::is_within_json_depth(body) {
        return None;
    }
    let body = str::from_utf8(body).ok()?.trim_ascii();
    if layers > 1 && body.starts_with('"') {
        let inner: String = serde_json::from_str(body).ok()?;
        return read(inner.as_bytes(), layers - 1);
    }
    let [errors, response] = members(body, ["errors", "response"])?;
    let errors = errors.and_then(|errors| objects(errors.get(), MAX_ERRORS));
    if let Some(errors) = errors {
        let read = errors.into_iter().map(|error| read_error(error, "type"));
        return Some(read.collect());
    }
    let message = response.and_then(|response| {
        let [message] = members(response.get(), ["rmsg"])?;
        message
    });
    if message.is_some() {
        return Some(vec![VendorError {
            message: text(message, MAX_MESSAGE),
            ..VendorError::default()
        }]);
    }
    let mut said = [body]
        .into_iter()
        .chain(inner_objects(body))
        .map(read_neighbour)
        .filter(|error| error.code.is_some() || error.message.is_some());
    Some(said.next().into_iter().collect())
}

/// The objects in which the vendor's other services put code and message.
fn inner_objects(body: &str) -> impl Iterator<Item = &str> {
    let found = members(body, ["errorInformation", "responseStatus", "error"]);
    let objects = found.unwrap_or_default().into_iter().flatten();
    objects
        .map(RawValue::get)
        .filter(|json| json.starts_with('{'))
}

/// Reads an error of any service except TMS. The code is in `reason`, `code`, `status` or OAuth's `error`;
/// the message is in `message`, `error_description`, or a problem's `detail` or `title`.
fn read_neighbour(error: &str) -> VendorError {
    let names = ["code", "error", "error_description", "detail", "title"];
    let [code, oauth, description, detail, title] = members(error, names).unwrap_or_default();
    let read = read_error(error, "reason");
    let is_text = |value: &&RawValue| value.get().starts_with('"');
    let code = [code, oauth].into_iter().flatten().find(is_text);
    let message = [description, detail, title]
        .into_iter()
        .flatten()
        .find(is_text);
    VendorError {
        code: read.code.or_else(|| text(code, MAX_NAME)),
        message: read.message.or_else(|| text(message, MAX_MESSAGE)),
        details: read.details,
    }
}

/// The error in a body of plain text; markup is never read as a message.
fn plain_text(headers: &HeaderMap, body: &[u8]) -> Option<VendorError> {
    let media_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let is_plain = media_type
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("text/plain");
    if !is_plain || headers.contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    let text = str::from_utf8(body).ok()?.trim();
    (!text.is_empty()).then(|| VendorError {
        message: Some(shown::printable(text, MAX_MESSAGE)),
        ..VendorError::default()
    })
}

/// The error in an OAuth challenge (RFC 6750 §3); the parameters `realm` and `scope` are left out.
fn challenge(headers: &HeaderMap) -> Option<VendorError> {
    let challenge = headers.get(header::WWW_AUTHENTICATE)?.to_str().ok()?;
    let error = VendorError {
        code: parameter(challenge, "error").map(|code| shown::printable(code, MAX_NAME)),
        message: parameter(challenge, "error_description")
            .map(|message| shown::printable(message, MAX_MESSAGE)),
        details: Vec::new(),
    };
    (error.code.is_some() || error.message.is_some()).then_some(error)
}

/// The quoted value of a parameter in a challenge.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = challenge;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        let key = before.rsplit([' ', ',', '\t']).next()?;
        if key.eq_ignore_ascii_case(name) {
            return (!value.is_empty()).then_some(value);
        }
        rest = next;
    }
    None
}

/// Reads an error whose code is the member of this name, or otherwise `status`.
fn read_error(error: &str, code: &str) -> VendorError {
    let found = members(error, [code, "status", "message", "details"]);
    let [code, status, message, details] = found.unwrap_or_default();
    let details = details.and_then(|details| objects(details.get(), MAX_DETAILS));
    VendorError {
        code: text(code.or(status), MAX_NAME),
        message: text(message, MAX_MESSAGE),
        details: details.into_iter().flatten().map(read_detail).collect(),
    }
}

fn read_detail(detail: &str) -> VendorDetail {
    let found = members(detail, ["name", "field", "location", "reason"]);
    let [name, field, location, reason] = found.unwrap_or_default();
    VendorDetail {
        name: text(name.or(field), MAX_NAME),
        location: text(location.or(reason), MAX_NAME),
    }
}

fn text(value: Option<&RawValue>, max: usize) -> Option<String> {
    let text: String = serde_json::from_str(value?.get()).ok()?;
    (!text.is_empty()).then(|| shown::printable(&text, max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[track_caller]
    fn check(body: &str, expected: &[(Option<&str>, Option<&str>)]) {
        let errors = VendorErrors::read(body.as_bytes());
        let read: Vec<_> = errors
            .iter()
            .map(|e| (e.code.as_deref(), e.message.as_deref()))
            .collect();
        assert_eq!(read, expected, "{body}");
    }

    /// Row C24.
    #[test]
    fn reads_every_shape_that_the_vendor_uses() {
        check(
            r#"{"errors":[{"type":"invalidFields","message":"Invalid","details":[{"name":"x"}]},{"type":"b"}]}"#,
            &[(Some("invalidFields"), Some("Invalid")), (Some("b"), None)],
        );
        check(
            r#"{"response":{"rmsg":"Authentication Failed"}}"#,
            &[(None, Some("Authentication Failed"))],
        );
        check(
            r#"{"id":"1","status":"INVALID_REQUEST","reason":"MISSING_FIELD","message":"m"}"#,
            &[(Some("MISSING_FIELD"), Some("m"))],
        );
        check(
            r#""{\"response\":{\"rmsg\":\"Authentication Failed\"}}""#,
            &[(None, Some("Authentication Failed"))],
        );
    }

    #[test]
    fn reads_nothing_from_anything_else() {
        let deep = "[".repeat(10_000);
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            "1",
            "\"text\"",
            r#"{"errors":1}"#,
            &deep,
        ] {
            check(body, &[]);
        }
    }

    /// Row C29.
    #[test]
    fn keeps_a_bounded_sanitised_part() {
        let error = format!(
            r#"{{"type":"t","message":"card 4111111111111111\r\n{}"}}"#,
            "m".repeat(1_000_000)
        );
        let body = format!(r#"{{"errors":[{}]}}"#, vec![error.as_str(); 20].join(","));
        let errors = VendorErrors::read(body.as_bytes());
        assert_eq!(errors.iter().count(), MAX_ERRORS);
        let message = errors.0[0].message.as_deref().expect("a message");
        assert!(
            message.starts_with("card 411111XXXXXX1111??mmm"),
            "{message}"
        );
        assert_eq!(message.len(), MAX_MESSAGE);
    }

    #[test]
    fn a_list_can_be_walked_and_may_be_empty() {
        let none = VendorErrors::default();
        assert!(none.is_empty() && (&none).into_iter().next().is_none());
        let body = br#"{"errors":[{"type":"a"},{"type":"b"}]}"#;
        let errors = VendorErrors::read(body);
        assert!(!errors.is_empty());
        let codes: Vec<_> = (&errors)
            .into_iter()
            .filter_map(|error| error.code.as_deref())
            .collect();
        assert_eq!(codes, ["a", "b"]);
    }

    #[test]
    fn a_reason_is_one_word() {
        let reason = |code| {
            let error = VendorError {
                code: Some(code),
                ..VendorError::default()
            };
            VendorErrors::from_iter([error]).reason().map(str::to_owned)
        };
        assert_eq!(reason("notFound".to_owned()).as_deref(), Some("notFound"));
        assert_eq!(reason("not found".to_owned()), None);
    }

    /// Bodies that nearly match those of the vendor.
    fn body() -> impl Strategy<Value = Value> {
        let name = "errors|response|rmsg|type|reason|status|message|details|name|field|location|x";
        let text = "\\PC{0,20}|card 4111 1111 1111 1111|4111111111111111";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<u32>().prop_map(Value::from),
            text.prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 64, 20, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
                proptest::collection::vec((name, inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn keeps_bounded_printable_text_of_any_body(body in body()) {
            let errors = VendorErrors::read(body.to_string().as_bytes());
            prop_assert!(errors.iter().count() <= MAX_ERRORS);
            for error in &errors {
                prop_assert!(error.details.len() <= MAX_DETAILS);
                let details = error.details.iter().flat_map(|it| [&it.name, &it.location]);
                for text in details.chain([&error.code, &error.message]).flatten() {
                    prop_assert!(!text.is_empty() && text.len() <= MAX_MESSAGE);
                    prop_assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
                    prop_assert!(!text.contains("11111111") && !text.contains("1111 1111 1111"));
                }
            }
        }

        #[test]
        fn never_panics(body in ".{0,200}") {
            let _ = VendorErrors::read(body.as_bytes());
        }
    }
}
