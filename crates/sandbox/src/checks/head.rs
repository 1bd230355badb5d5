//! The request line and the headers.

use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use payment_credentials_core::header::PROFILE_ID;

use crate::checked::{Checked, Stage, Verdict};
use crate::error_response::{Documented, ErrorEntry, ErrorResponse};
use crate::hosts;
use crate::masking::shown;
use crate::reading::{Reading, Tolerated};
use crate::version::Version;

/// The only profile of the vault: the example of the vendor's `OpenAPI` document.
const PROFILE: &str = "93B32398-AD51-4CC2-A682-EA3E93614EB1";
/// The document's `consumes` for this operation. The guide prescribes it without the charset.
const CONTENT_TYPE_WANTED: &str = "application/json;charset=utf-8";
/// The document's `produces` for this operation. The guide prescribes it without the charset.
const ACCEPT_WANTED: &str = "application/jose;charset=utf-8";
/// The charset of media types, which may be left out.
const CHARSET: &str = ";charset=utf-8";

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

/// The outcome of the stage.
pub(crate) struct Head<'a> {
    /// None if the request line is refused.
    pub(crate) target: Option<Target<'a>>,
    pub(crate) checks: Vec<Checked>,
    pub(crate) tolerated: Vec<Tolerated>,
    pub(crate) refusal: Option<ErrorResponse>,
}

/// Examines the request line and all headers, and reports all faults together.
pub(crate) fn examine(head: &Parts, reading: Reading) -> Head<'_> {
    let mut at = Examination::default();
    let target = target(head);
    if target.is_ok() {
        at.pass("path", "a path of this operation", head.uri.path());
    }
    validate_headers(&head.headers, reading, &mut at);
    let Examination {
        mut checks,
        faults,
        tolerated,
    } = at;
    let (target, refusal) = match target {
        Ok(target) if faults.is_empty() => (Some(target), None),
        Ok(target) => (Some(target), Some(ErrorResponse::listing(400, faults))),
        Err(refusal) => (None, Some(refusal.and(faults))),
    };
    let refused = refusal.iter().flat_map(ErrorResponse::faults);
    checks.extend(refused.map(|fault| fault.checked(Stage::Head)));
    Head {
        target,
        checks,
        tolerated,
        refusal,
    }
}

/// What was found in the headers so far.
#[derive(Default)]
struct Examination {
    /// Checks that passed, or whose deviation is tolerated.
    checks: Vec<Checked>,
    faults: Vec<ErrorEntry>,
    tolerated: Vec<Tolerated>,
}

impl Examination {
    fn pass(&mut self, name: &str, expected: &str, got: &str) {
        let passed = Checked::new(Stage::Head, name, Verdict::Passed, expected, got);
        self.checks.push(passed);
    }

    /// Notes a check by its fault, if there is one.
    fn require(&mut self, name: &str, expected: &str, got: &str, fault: Option<ErrorEntry>) {
        match fault {
            Some(fault) => self.faults.push(fault),
            None => self.pass(name, expected, got),
        }
    }
}

/// Reads the request line.
fn target(head: &Parts) -> Result<Target<'_>, ErrorResponse> {
    let (version, token_id) = route(&head.uri).ok_or_else(|| no_such_path(&head.uri))?;
    if head.method != Method::POST {
        let got = shown(head.method.as_str());
        let fault = ErrorEntry::unmet("invalidRequest", "the method", "POST", &got);
        let mut refusal = ErrorResponse::new(405, fault);
        refusal.allow = Some("POST");
        return Err(refusal);
    }
    if let Some(query) = head.uri.query() {
        let message = format!("the path takes no query, got ?{}", shown(query));
        let got = format!("?{}", shown(query));
        let fault = ErrorEntry::new("invalidFields", message).valued("no query", &got);
        return Err(ErrorResponse::bad_request(fault.at("query", "path")));
    }
    let length = token_id.len();
    if !(1..=32).contains(&length) || !token_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let got = format!("{length}: {}", shown(token_id));
        let wanted = "1 to 32 letters and digits";
        let fault = ErrorEntry::unmet("invalidFields", "tokenId", wanted, &got);
        return Err(ErrorResponse::bad_request(fault.at("tokenId", "path")));
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
    let wanted = "/tms/v2/tokens/{tokenId}/payment-credentials, or v3 of it";
    let fault = ErrorEntry::unmet("notFound", "the path", wanted, &got);
    ErrorResponse::new(404, fault.at("path", "path"))
}

fn validate_headers(headers: &HeaderMap, reading: Reading, at: &mut Examination) {
    let repeated = SINGLE.iter().filter_map(|name| repeated(headers, name));
    at.faults.extend(repeated);
    let (name, wanted) = ("Host", "a name of the vendor's or of the loopback");
    at.require(name, wanted, &sent(headers, HOST), host(headers, wanted));
    let fault = media_type(headers, CONTENT_TYPE, CONTENT_TYPE_WANTED);
    let got = sent(headers, CONTENT_TYPE);
    at.require("Content-Type", CONTENT_TYPE_WANTED, &got, fault);
    validate_accept(headers, reading, at);
    let (got, fault) = (sent(headers, PROFILE_ID), malformed_profile(headers));
    at.require("profile-id", "none, or the id of a profile", &got, fault);
}

fn validate_accept(headers: &HeaderMap, reading: Reading, at: &mut Examination) {
    let got = sent(headers, ACCEPT);
    let fault = media_type(headers, ACCEPT, ACCEPT_WANTED);
    if fault.is_none() || reading == Reading::Strict || !accepts_jose(headers) {
        return at.require("Accept", ACCEPT_WANTED, &got, fault);
    }
    let verdict = Verdict::Tolerated(Tolerated::Accept);
    let noted = Checked::new(Stage::Head, "Accept", verdict, ACCEPT_WANTED, got);
    at.checks.push(noted);
    at.tolerated.push(Tolerated::Accept);
}

/// The value of a header for the record.
fn sent(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get(name).map_or_else(|| "nothing".to_owned(), text)
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
    (count > 1).then(|| invalid(name, "sent once", &format!("{count} of it")))
}

fn host(headers: &HeaderMap, wanted: &str) -> Option<ErrorEntry> {
    let Some(value) = headers.get(HOST) else {
        return Some(missing("Host", hosts::HOSTS[0]));
    };
    let text = text(value);
    (!hosts::is_known(&text)).then(|| invalid("Host", wanted, &shown(&text)))
}

fn media_type(headers: &HeaderMap, name: HeaderName, wanted: &str) -> Option<ErrorEntry> {
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
    let is_same = normalized == wanted || Some(&*normalized) == wanted.strip_suffix(CHARSET);
    (!is_same).then(|| invalid(shown_name, wanted, &shown(&got)))
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
    let got = || format!("{length}: {}", shown(&text));
    let wanted = "36 letters, digits and dashes";
    (!formed).then(|| invalid("profile-id", wanted, &got()))
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn missing(name: &str, wanted: &str) -> ErrorEntry {
    let message = format!("{name} is missing, it must be sent, for example {wanted}");
    let fault = ErrorEntry::new("missingHeaders", message).valued(wanted, "nothing");
    fault.at(name, "headers")
}

fn invalid(name: &str, wanted: &str, got: &str) -> ErrorEntry {
    ErrorEntry::unmet("invalidHeaders", name, wanted, got).at(name, "headers")
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
