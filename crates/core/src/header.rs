//! Defines which headers a call carries, which values they have, and which of them are secret.
//!
//! [`RULES`] is the only table of these facts, and all code follows it. The wire codec writes the headers
//! that the table assigns to the codec. [`Gateway`](crate::Gateway) accepts from an authenticator only the
//! headers that the table assigns to authenticators. The table also defines which headers of a response are
//! kept, and which values may be shown. The values are those that the vendor's OpenAPI document declares
//! for the operation (`consumes`, `produces`, and the response headers of every documented status). The
//! headers that belong to a connection are those of RFC 9110 §7.6.1 and RFC 9112.
//!
//! | header | who writes it into a request | in a response | secret |
//! |---|---|---|---|
//! | `accept` | the codec: [`ACCEPT_JOSE`] | dropped | no |
//! | `accept-encoding` | nobody | dropped | no |
//! | `authorization` | the authenticator | dropped | yes |
//! | `connection` | the transport | dropped | no |
//! | `content-encoding` | nobody | dropped | no |
//! | `content-length` | the transport | dropped | no |
//! | `content-type` | the codec: [`CONTENT_TYPE_JSON`] | kept as text | no |
//! | `cookie` | nobody | dropped | yes |
//! | `date` | the authenticator | kept as text | no |
//! | `digest` | the authenticator | dropped | no |
//! | `expect` | nobody | dropped | no |
//! | `host` | the transport | dropped | no |
//! | `keep-alive` | nobody | dropped | no |
//! | `profile-id` | the codec: the profile id, if there is one | dropped | no |
//! | `proxy-authenticate` | nobody | dropped | yes |
//! | `proxy-authorization` | nobody | dropped | yes |
//! | `proxy-connection` | nobody | dropped | no |
//! | `retry-after` | nobody | kept as text | no |
//! | `set-cookie` | nobody | dropped | yes |
//! | `signature` | the authenticator | dropped | yes |
//! | `te` | nobody | dropped | no |
//! | `trailer` | nobody | dropped | no |
//! | `transfer-encoding` | the transport | dropped | no |
//! | `uniquetransactionid` | nobody | kept as an id | no |
//! | `upgrade` | nobody | dropped | no |
//! | `user-agent` | the codec: [`USER_AGENT`] | dropped | no |
//! | `v-c-correlation-id` | nobody | kept as an id | no |
//! | `v-c-date` | the authenticator | dropped | no |
//! | `v-c-merchant-id` | the authenticator | dropped | no |
//!
//! A header that isn't listed is secret and isn't kept. It is sent only if the caller adds it with
//! [`GatewayBuilder::extra_header`](crate::GatewayBuilder::extra_header).

use http::HeaderName;

/// The vault profile of a request; 36 characters.
pub const PROFILE_ID: HeaderName = HeaderName::from_static("profile-id");

/// The service's own id for a call, on every documented status.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("v-c-correlation-id");

/// The service's second id for a call, on every documented status.
///
/// The vendor writes it `uniqueTransactionID`; header names are case-insensitive.
pub const UNIQUE_TRANSACTION_ID: HeaderName = HeaderName::from_static("uniquetransactionid");

/// The `Content-Type` of every request.
pub const CONTENT_TYPE_JSON: &str = "application/json;charset=utf-8";

/// The `Accept` of every request: the response is a JWE.
pub const ACCEPT_JOSE: &str = "application/jose;charset=utf-8";

/// The `User-Agent` of every request: the name and version of this library.
pub const USER_AGENT: &str = concat!("payment-credentials/", env!("CARGO_PKG_VERSION"));

/// The value of a header in a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RequestValue {
    /// Always this text.
    Fixed(&'static str),
    /// The caller's profile id, if the request names one.
    ProfileId,
    /// Written by the [`RequestAuthenticator`](crate::seam::RequestAuthenticator), which may write only
    /// such headers.
    Authenticator,
    /// Never sent.
    Absent,
    /// Written by the [`Transport`](crate::seam::Transport), since HTTP itself requires it.
    Transport,
}

/// What the library does with a header of a response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseUse {
    /// Dropped.
    Dropped,
    /// Kept beside the response, as an id of its own type.
    Id,
    /// Kept beside the response, as bounded text.
    Kept,
}

/// One row of [`RULES`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HeaderRule {
    /// The name, in lower case.
    pub name: &'static str,
    /// The value in a request.
    pub request: RequestValue,
    /// What the library does with it in a response.
    pub response: ResponseUse,
    /// Whether the value must never be shown, in a `Debug`, an error, a span or a log line.
    pub secret: bool,
}

const fn row(
    name: &'static str,
    request: RequestValue,
    response: ResponseUse,
    secret: bool,
) -> HeaderRule {
    HeaderRule {
        name,
        request,
        response,
        secret,
    }
}

/// Every header that the library knows, by name; the module's page shows them as a table.
pub const RULES: &[HeaderRule] = {
    use RequestValue::{Absent, Authenticator, Fixed, ProfileId, Transport};
    use ResponseUse::{Dropped, Id, Kept};
    &[
        row("accept", Fixed(ACCEPT_JOSE), Dropped, false),
        row("accept-encoding", Absent, Dropped, false),
        row("authorization", Authenticator, Dropped, true),
        row("connection", Transport, Dropped, false),
        row("content-encoding", Absent, Dropped, false),
        row("content-length", Transport, Dropped, false),
        row("content-type", Fixed(CONTENT_TYPE_JSON), Kept, false),
        row("cookie", Absent, Dropped, true),
        row("date", Authenticator, Kept, false),
        row("digest", Authenticator, Dropped, false),
        row("expect", Absent, Dropped, false),
        row("host", Transport, Dropped, false),
        row("keep-alive", Absent, Dropped, false),
        row("profile-id", ProfileId, Dropped, false),
        row("proxy-authenticate", Absent, Dropped, true),
        row("proxy-authorization", Absent, Dropped, true),
        row("proxy-connection", Absent, Dropped, false),
        row("retry-after", Absent, Kept, false),
        row("set-cookie", Absent, Dropped, true),
        row("signature", Authenticator, Dropped, true),
        row("te", Absent, Dropped, false),
        row("trailer", Absent, Dropped, false),
        row("transfer-encoding", Transport, Dropped, false),
        row("uniquetransactionid", Absent, Id, false),
        row("upgrade", Absent, Dropped, false),
        row("user-agent", Fixed(USER_AGENT), Dropped, false),
        row("v-c-correlation-id", Absent, Id, false),
        row("v-c-date", Authenticator, Dropped, false),
        row("v-c-merchant-id", Authenticator, Dropped, false),
    ]
};

/// The row of a header, if the library knows it.
///
/// ```
/// use payment_credentials_core::header;
///
/// let accept = header::entry(&http::header::ACCEPT).expect("a known header");
/// assert_eq!(
///     accept.request,
///     header::RequestValue::Fixed("application/jose;charset=utf-8"),
/// );
/// ```
#[must_use]
pub fn entry(name: &HeaderName) -> Option<&'static HeaderRule> {
    RULES.iter().find(|rule| rule.name == name.as_str())
}

/// Whether an authenticator may write a header: the table assigns it to authenticators only.
pub(crate) fn is_authenticators(name: &HeaderName) -> bool {
    entry(name).is_some_and(|rule| rule.request == RequestValue::Authenticator)
}

/// Whether the value of a header must never be shown.
///
/// A header that the library doesn't know counts as secret.
#[must_use]
pub fn is_secret(name: &HeaderName) -> bool {
    entry(name).is_none_or(|rule| rule.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_order_and_each_name_stands_once() {
        assert!(RULES.is_sorted_by(|one, next| one.name < next.name));
    }

    /// The page's table equals the one that [`RULES`] generates.
    #[test]
    fn the_page_shows_the_table() {
        let written = |rule: &HeaderRule| match rule.request {
            RequestValue::Fixed(ACCEPT_JOSE) => "the codec: [`ACCEPT_JOSE`]",
            RequestValue::Fixed(CONTENT_TYPE_JSON) => "the codec: [`CONTENT_TYPE_JSON`]",
            RequestValue::Fixed(USER_AGENT) => "the codec: [`USER_AGENT`]",
            RequestValue::Fixed(other) => other,
            RequestValue::ProfileId => "the codec: the profile id, if there is one",
            RequestValue::Authenticator => "the authenticator",
            RequestValue::Absent => "nobody",
            RequestValue::Transport => "the transport",
        };
        let answer = |rule: &HeaderRule| match rule.response {
            ResponseUse::Dropped => "dropped",
            ResponseUse::Id => "kept as an id",
            ResponseUse::Kept => "kept as text",
        };
        let line = |rule: &HeaderRule| {
            let secret = if rule.secret { "yes" } else { "no" };
            let (written, answer) = (written(rule), answer(rule));
            format!("//! | `{}` | {written} | {answer} | {secret} |", rule.name)
        };
        let expected: Vec<String> = RULES.iter().map(line).collect();
        let shown: Vec<&str> = include_str!("header.rs")
            .lines()
            .filter(|line| line.starts_with("//! | `"))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_authenticates_and_what_nobody_knows_is_secret() {
        let secret: Vec<&str> = RULES
            .iter()
            .filter(|rule| rule.secret)
            .map(|rule| rule.name)
            .collect();
        let expected = [
            "authorization",
            "cookie",
            "proxy-authenticate",
            "proxy-authorization",
            "set-cookie",
            "signature",
        ];
        assert_eq!(secret, expected);
        for secret in expected.into_iter().chain(["x-unknown"]) {
            assert!(is_secret(&HeaderName::from_static(secret)), "{secret}");
        }
        for shown in ["accept", "profile-id", "v-c-correlation-id"] {
            assert!(!is_secret(&HeaderName::from_static(shown)), "{shown}");
        }
    }
}
