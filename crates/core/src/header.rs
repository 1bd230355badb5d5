//! Which headers travel with a call, what they hold, and which of them are secret.
//!
//! [`RULES`] is the one table of facts; the wire codec, the adapters' redaction and the list of
//! response headers that are kept beside an answer all read it. The values are those that the
//! vendor's OpenAPI document declares for the operation (`consumes`, `produces`, and the response
//! headers of every documented status).

use http::HeaderName;

/// Selects the vault profile; 36 characters.
pub const PROFILE_ID: HeaderName = HeaderName::from_static("profile-id");

/// The service's own id for a call, on every documented status.
pub const CORRELATION_ID: HeaderName = HeaderName::from_static("v-c-correlation-id");

/// The service's second id for a call, on every documented status.
///
/// The vendor spells it `uniqueTransactionID`; header names have no case.
pub const UNIQUE_TRANSACTION_ID: HeaderName = HeaderName::from_static("uniquetransactionid");

/// The `Content-Type` of every request.
pub const CONTENT_TYPE_JSON: &str = "application/json;charset=utf-8";

/// The `Accept` of every request: the answer is a JWE.
pub const ACCEPT_JOSE: &str = "application/jose;charset=utf-8";

/// The `User-Agent` of every request: name and version of this library.
pub const USER_AGENT: &str = concat!("payment-credentials/", env!("CARGO_PKG_VERSION"));

/// What a request's header holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RequestValue {
    /// Always this text.
    Fixed(&'static str),
    /// The caller's profile id, when the request names one.
    ProfileId,
    /// Written by the [`RequestAuthenticator`](crate::seam::RequestAuthenticator).
    Authenticator,
    /// Never sent.
    Absent,
    /// Written by the [`Transport`](crate::seam::Transport), since HTTP itself needs it.
    Transport,
}

/// What is done with a header of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AnswerUse {
    /// Dropped.
    Dropped,
    /// Kept beside the answer, as an id of its own type.
    Id,
    /// Kept beside the answer, as bounded text.
    Kept,
}

/// One row of [`RULES`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HeaderRule {
    /// The name, in lower case.
    pub name: &'static str,
    /// What a request puts there.
    pub request: RequestValue,
    /// What becomes of it in an answer.
    pub answer: AnswerUse,
    /// Whether its value must never be shown: no `Debug`, error, span or log line.
    pub secret: bool,
}

const fn row(
    name: &'static str,
    request: RequestValue,
    answer: AnswerUse,
    secret: bool,
) -> HeaderRule {
    HeaderRule {
        name,
        request,
        answer,
        secret,
    }
}

/// Every header that the library knows; one that is not listed is neither sent nor kept.
pub const RULES: &[HeaderRule] = {
    use AnswerUse::{Dropped, Id, Kept};
    use RequestValue::{Absent, Authenticator, Fixed, ProfileId, Transport};
    &[
        row("accept", Fixed(ACCEPT_JOSE), Dropped, false),
        row("authorization", Authenticator, Dropped, true),
        row("content-length", Transport, Dropped, false),
        row("content-type", Fixed(CONTENT_TYPE_JSON), Kept, false),
        row("cookie", Absent, Dropped, true),
        row("date", Authenticator, Kept, false),
        row("digest", Authenticator, Dropped, false),
        row("host", Transport, Dropped, false),
        row("profile-id", ProfileId, Dropped, false),
        row("proxy-authorization", Absent, Dropped, true),
        row("retry-after", Absent, Kept, false),
        row("set-cookie", Absent, Dropped, true),
        row("signature", Authenticator, Dropped, true),
        row("uniquetransactionid", Absent, Id, false),
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
/// let accept = header::rule(&http::header::ACCEPT).expect("a known header");
/// assert_eq!(
///     accept.request,
///     header::RequestValue::Fixed("application/jose;charset=utf-8"),
/// );
/// ```
#[must_use]
pub fn rule(name: &HeaderName) -> Option<&'static HeaderRule> {
    RULES.iter().find(|rule| rule.name == name.as_str())
}

/// Whether the value of a header must never be shown.
///
/// A header that the library doesn't know is taken for secret.
#[must_use]
pub fn is_secret(name: &HeaderName) -> bool {
    rule(name).is_none_or(|rule| rule.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_in_order_and_each_name_stands_once() {
        assert!(RULES.is_sorted_by(|one, next| one.name < next.name));
    }

    #[test]
    fn what_authenticates_and_what_nobody_knows_is_secret() {
        for secret in [
            "authorization",
            "signature",
            "cookie",
            "set-cookie",
            "x-unknown",
        ] {
            assert!(is_secret(&HeaderName::from_static(secret)), "{secret}");
        }
        for shown in ["accept", "profile-id", "v-c-correlation-id"] {
            assert!(!is_secret(&HeaderName::from_static(shown)), "{shown}");
        }
    }
}
