use std::fmt;
use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::endpoint::ApiVersion;
use crate::header::{HeaderRule, PROFILE_ID, RULES, RequestValue};
use crate::request::CredentialsRequest;
use crate::shown::CardSafe;

/// An encoded request of the operation, without authentication.
///
/// `Debug` doesn't show the body, since it holds personal data.
#[derive(Clone)]
#[non_exhaustive]
pub struct EncodedRequest {
    /// `POST`.
    pub method: Method,
    /// The path, without a query. It needs no escaping, since a token id consists of letters and digits.
    pub path: String,
    /// Content type, accepted type, user agent and profile id.
    pub headers: HeaderMap,
    /// The body: JSON in UTF-8, at least `{}`.
    pub body: Bytes,
}

impl fmt::Debug for EncodedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            path,
            headers,
            body,
        } = self;
        f.debug_struct("EncodedRequest")
            .field("method", method)
            .field("path", &CardSafe(path))
            .field("headers", headers)
            .field("body", &format_args!("{} bytes", body.len()))
            .finish()
    }
}

/// Encodes a request.
///
/// ```
/// use payment_credentials_core::{ApiVersion, CredentialsRequest, wire};
///
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// let encoded = wire::encode(&request, ApiVersion::V3);
/// assert_eq!(encoded.path, "/tms/v3/tokens/7010000000016241111/payment-credentials");
/// assert_eq!(encoded.headers["accept"], "application/jose;charset=utf-8");
/// assert_eq!(encoded.body, "{}");
/// # Ok::<(), payment_credentials_core::ParseValueError>(())
/// ```
#[must_use]
pub fn encode(request: &CredentialsRequest, version: ApiVersion) -> EncodedRequest {
    let version = version.segment();
    let token_id = request.token_id().as_str();
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    for (name, value) in &*FIXED {
        headers.insert(name, value.clone());
    }
    // A profile id holds only characters that are valid in a header value.
    let profile_id = request
        .profile_id()
        .map(|id| HeaderValue::from_str(id.as_str()));
    if let Some(Ok(profile_id)) = profile_id {
        headers.insert(PROFILE_ID, profile_id);
    }
    EncodedRequest {
        method: Method::POST,
        // Of the exact length, so that a URI takes it over without a copy.
        path: [
            "/tms/",
            version,
            "/tokens/",
            token_id,
            "/payment-credentials",
        ]
        .concat(),
        headers,
        body: request.encoded_body().clone(),
    }
}

/// The headers that every request carries.
static FIXED: LazyLock<Vec<(HeaderName, HeaderValue)>> =
    LazyLock::new(|| RULES.iter().filter_map(fixed).collect());

/// How many headers a request has in the end, with those of an HTTP Signature and of the transport: the
/// map then never grows.
const MOST_HEADERS: usize = 12;

fn fixed(rule: &HeaderRule) -> Option<(HeaderName, HeaderValue)> {
    match rule.request {
        RequestValue::Fixed(value) => Some((
            HeaderName::from_static(rule.name),
            HeaderValue::from_static(value),
        )),
        RequestValue::Absent
        | RequestValue::Authenticator
        | RequestValue::ProfileId
        | RequestValue::Transport => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RequestBody;

    fn request() -> CredentialsRequest {
        CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
    }

    #[test]
    fn encodes_path_and_headers() {
        let profile_id = "93B32398-AD51-4CC2-A682-EA3E93614EB1";
        let request = request().with_profile_id(profile_id.parse().expect("a profile id"));
        let encoded = encode(&request, ApiVersion::V2);
        assert_eq!(encoded.method, Method::POST);
        assert_eq!(
            encoded.path,
            "/tms/v2/tokens/7010000000016241111/payment-credentials"
        );
        assert_eq!(encoded.headers.len(), 4);
        let user_agent = encoded.headers["user-agent"].to_str().expect("text");
        assert!(
            user_agent.starts_with("payment-credentials/"),
            "{user_agent}"
        );
        assert_eq!(
            encoded.headers["content-type"],
            "application/json;charset=utf-8"
        );
        assert_eq!(encoded.headers["accept"], "application/jose;charset=utf-8");
        assert_eq!(encoded.headers["profile-id"], profile_id);
    }

    #[test]
    fn debug_shows_no_body_and_no_card_number() {
        let body = RequestBody::default().with_client_correlation_id("canary");
        let request = CredentialsRequest::new("4111111111111111".parse().expect("a token id"));
        let request = request.with_body(body).expect("a request");
        let shown = format!("{:?}", encode(&request, ApiVersion::V3));
        assert!(shown.contains("411111XXXXXX1111") && shown.contains("32 bytes"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
