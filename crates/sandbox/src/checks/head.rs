//! The request line and the headers.

use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use payment_credentials_core::header::PROFILE_ID;

use crate::error_response::{Documented, ErrorEntry, ErrorResponse};
use crate::hosts;
use crate::masking::shown;
use crate::reading::Reading;
use crate::version::Version;

/// The only profile of the vault: the example of the vendor's `OpenAPI` document.
const PROFILE: &str = "93B32398-AD51-4CC2-A682-EA3E93614EB1";
/// The document's `consumes` for this operation.
const CONTENT_TYPE_WANTED: &str = "application/json;charset=utf-8";
/// The document's `produces` for this operation.
const ACCEPT_WANTED: &str = "application/jose;charset=utf-8";

/// Headers that must not be sent twice.
const SINGLE: [&str; 13] = [
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "date",
    "digest",
    "host",
    "profile-id",
    "signature",
    "transfer-encoding",
    "user-agent",
    "v-c-date",
    "v-c-merchant-id",
];

/// The operation's version and token id, from the request line.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) version: Version,
    pub(crate) token_id: &'a str,
}

/// Reads the request line.
pub(crate) fn target(head: &Parts) -> Result<Target<'_>, ErrorResponse> {
    let (version, token_id) = route(&head.uri).ok_or_else(|| no_such_path(&head.uri))?;
    if head.method != Method::POST {
        let got = shown(head.method.as_str());
        let message = format!("the method must be POST, got {got}");
        let mut refusal = ErrorResponse::new(405, ErrorEntry::new("invalidRequest", message));
        refusal.allow = Some("POST");
        return Err(refusal);
    }
    if let Some(query) = head.uri.query() {
        let message = format!("the path takes no query, got ?{}", shown(query));
        return Err(invalid_path(message, "query"));
    }
    let length = token_id.len();
    if !(1..=32).contains(&length) || !token_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let got = shown(token_id);
        let message = format!("tokenId must be 1 to 32 letters and digits, got {length}: {got}");
        return Err(invalid_path(message, "tokenId"));
    }
    Ok(Target { version, token_id })
}

fn route(uri: &Uri) -> Option<(Version, &str)> {
    // Requests to a server name a path; only requests to a proxy name a whole URL.
    if uri.authority().is_some() {
        return None;
    }
    let (version, rest) = match uri.path().strip_prefix("/tms/v2/tokens/") {
        Some(rest) => (Version::V2, rest),
        None => (Version::V3, uri.path().strip_prefix("/tms/v3/tokens/")?),
    };
    let token_id = rest.strip_suffix("/payment-credentials")?;
    (!token_id.contains('/')).then_some((version, token_id))
}

fn no_such_path(uri: &Uri) -> ErrorResponse {
    let got = shown(&uri.to_string());
    let message = format!(
        "the path must be /tms/v2/tokens/{{tokenId}}/payment-credentials, or v3 of it, got {got}"
    );
    ErrorResponse::new(404, ErrorEntry::new("notFound", message).at("path", "path"))
}

fn invalid_path(message: String, name: &str) -> ErrorResponse {
    ErrorResponse::bad_request(ErrorEntry::new("invalidFields", message).at(name, "path"))
}

/// The charset of media types, which is required where reading is strict: the vendor's OpenAPI document
/// names it, while the guide and the Node SDK leave it out.
const CHARSET: &str = ";charset=utf-8";

/// Validates all headers, and reports all faults together.
pub(crate) fn headers(headers: &HeaderMap, reading: Reading) -> Result<(), ErrorResponse> {
    let mut faults: Vec<ErrorEntry> = SINGLE
        .iter()
        .filter_map(|name| repeated(headers, name))
        .collect();
    faults.extend(host(headers));
    faults.extend(media_type(
        headers,
        CONTENT_TYPE,
        CONTENT_TYPE_WANTED,
        reading,
    ));
    if reading == Reading::Strict || !accepts_jose(headers) {
        faults.extend(media_type(headers, ACCEPT, ACCEPT_WANTED, reading));
    }
    faults.extend(malformed_profile(headers));
    if !faults.is_empty() {
        return Err(ErrorResponse::listing(400, faults));
    }
    Ok(())
}

/// Checks that the vault has the profile; called after authentication.
pub(crate) fn profile(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let unknown = |value: &HeaderValue| value.as_bytes() != PROFILE.as_bytes();
    if headers.get(PROFILE_ID).is_some_and(unknown) {
        return Err(Documented::PROFILE.into());
    }
    Ok(())
}

fn repeated(headers: &HeaderMap, name: &str) -> Option<ErrorEntry> {
    let count = headers.get_all(name).iter().count();
    let message = || format!("{name} must be sent once, got {count} of it");
    (count > 1).then(|| invalid(name, message()))
}

fn host(headers: &HeaderMap) -> Option<ErrorEntry> {
    let Some(value) = headers.get(HOST) else {
        return Some(missing("Host", hosts::HOSTS[0]));
    };
    let text = text(value);
    let message = || {
        let got = shown(&text);
        format!("Host must be a name of the vendor's or of the loopback, got {got}")
    };
    (!hosts::is_known(&text)).then(|| invalid("Host", message()))
}

fn media_type(
    headers: &HeaderMap,
    name: HeaderName,
    wanted: &str,
    reading: Reading,
) -> Option<ErrorEntry> {
    let shown_name = if name == ACCEPT {
        "Accept"
    } else {
        "Content-Type"
    };
    let Some(value) = headers.get(name) else {
        return Some(missing(shown_name, wanted));
    };
    let got = text(value);
    let normalized = got.to_ascii_lowercase().replacen("; ", ";", 1);
    let same = match reading {
        Reading::Tolerant => {
            normalized.trim_end_matches(CHARSET) == wanted.trim_end_matches(CHARSET)
        }
        Reading::Strict => normalized == wanted,
    };
    let message = || format!("{shown_name} must be {wanted}, got {}", shown(&got));
    (!same).then(|| invalid(shown_name, message()))
}

/// Whether clients in use would send this `Accept` and take a JWE: as a list, as `*/*`, or not at all.
fn accepts_jose(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(ACCEPT) else {
        return true;
    };
    let text = text(value).to_ascii_lowercase();
    let mut types = text.split(',').filter_map(|it| it.split(';').next());
    types.any(|it| matches!(it.trim(), "application/jose" | "*/*"))
}

fn malformed_profile(headers: &HeaderMap) -> Option<ErrorEntry> {
    let text = text(headers.get(PROFILE_ID)?);
    let length = text.chars().count();
    let formed = length == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let message = || {
        let got = shown(&text);
        format!("profile-id must be 36 letters, digits and dashes, got {length}: {got}")
    };
    (!formed).then(|| invalid("profile-id", message()))
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn missing(name: &str, wanted: &str) -> ErrorEntry {
    let message = format!("{name} is missing, it must be sent, for example {wanted}");
    ErrorEntry::new("missingHeaders", message).at(name, "headers")
}

fn invalid(name: &str, message: String) -> ErrorEntry {
    ErrorEntry::new("invalidHeaders", message).at(name, "headers")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list is the sandbox's own; here it is compared with the headers that the client sends.
    #[test]
    fn each_header_that_an_authenticator_writes_must_be_sent_once() {
        use payment_credentials_core::header::{RULES, RequestValue::Authenticator};
        for rule in RULES.iter().filter(|rule| rule.request == Authenticator) {
            assert!(SINGLE.contains(&rule.name), "{}", rule.name);
        }
    }
}
