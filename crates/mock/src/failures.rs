//! Errors that an application must handle, as the real adapter returns them.
//!
//! | what happened | error |
//! |---|---|
//! | nothing was sent | [`connect`], [`connect_timed_out`], [`no_tls`], [`signing_key_unavailable`], [`setup`] |
//! | the service may have acted | [`deadline_after_send`], [`reset_after_send`], [`cut_response`] |
//! | the service refused | [`refused`], [`declined`], [`throttled`] |
//! | a response of another form | [`unexpected`] |
//! | the response doesn't open | [`does_not_open`], [`sealed_for_another_key`], [`not_credentials`], [`opening_key_unavailable`] |
//! | any kind, for a test of all | [`of_kind`] |
//!
//! The real errors also have a cause, for logs.

mod kinds;

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use payment_credentials_core::header::CORRELATION_ID;
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{
    Delivery, Phase, PortError, PortErrorKind, Repeatability, ResponseHead,
};

use crate::fixtures::ours;

pub use kinds::{of_kind, unexpected};

/// The correlation id of every error in this module that comes with a response of the service.
pub const CORRELATION: &str = "fixture-failure";

/// The error of a failed connection attempt: nothing was sent, so a retry costs nothing.
#[must_use]
pub fn connect() -> PortError {
    PortError::new(
        PortErrorKind::Connect,
        Delivery::NotSent,
        Phase::Connect,
        Repeatability::Safe,
    )
}

/// The error of a deadline that passed while the adapter waited for the response: the service may
/// have minted a cryptogram.
#[must_use]
pub fn deadline_after_send() -> PortError {
    PortError::deadline(Phase::Headers)
}

/// The error of a connection that was reset while the adapter waited for the response: the service
/// may have minted a cryptogram.
#[must_use]
pub fn reset_after_send() -> PortError {
    PortError::new(
        PortErrorKind::Reset,
        Delivery::Unknown,
        Phase::Headers,
        Repeatability::MayRepeat,
    )
}

/// The error of the limit for connecting, which passed before anything was sent: a retry costs nothing.
#[must_use]
pub fn connect_timed_out() -> PortError {
    PortError::deadline(Phase::Connect).with_repeatability(Repeatability::Safe)
}

/// The error of a TLS handshake that failed because of a certificate: nothing was sent, and a retry doesn't help.
#[must_use]
pub fn no_tls() -> PortError {
    let (kind, phase) = (PortErrorKind::Tls, Phase::Tls);
    PortError::new(kind, Delivery::NotSent, phase, Repeatability::Never)
}

/// The error of a response that ended early: the service may have minted a cryptogram.
#[must_use]
pub fn cut_response() -> PortError {
    let (kind, phase) = (PortErrorKind::Framing, Phase::Body);
    PortError::new(kind, Delivery::Unknown, phase, Repeatability::MayRepeat).with_head(head(201))
}

/// The error of a program that isn't set up to make the call, such as one without a tokio runtime.
#[must_use]
pub fn setup() -> PortError {
    PortError::setup("failures::setup of payment-credentials-mock")
}

/// The error of a signing key whose service, such as a KMS, is down: nothing was sent.
#[must_use]
pub fn signing_key_unavailable() -> PortError {
    let (kind, phase) = (PortErrorKind::KeyService, Phase::Authenticate);
    PortError::new(kind, Delivery::NotSent, phase, Repeatability::Safe)
}

/// The error of an opener whose key service is down. The cryptogram is spent, but the same response can be
/// opened later.
#[must_use]
pub fn opening_key_unavailable() -> PortError {
    opening(PortErrorKind::KeyService).with_repeatability(Repeatability::MayRepeat)
}

/// The error of an opener whose configured key doesn't open the JWE of the response.
#[must_use]
pub fn does_not_open() -> PortError {
    opening(PortErrorKind::Decrypt)
}

/// The error of an opener that gets a JWE whose header names a key that isn't configured.
#[must_use]
pub fn sealed_for_another_key() -> PortError {
    opening(PortErrorKind::Jwe)
}

/// The error of an opener that opens a JWE which holds no payment credentials.
#[must_use]
pub fn not_credentials() -> PortError {
    opening(PortErrorKind::Payload)
}

fn opening(kind: PortErrorKind) -> PortError {
    PortError::new(
        kind,
        Delivery::Answered,
        Phase::OpenCredentials,
        Repeatability::Never,
    )
    .with_head(head(201))
}

fn head(status: u16) -> ResponseHead {
    ResponseHead::new(status).with_correlation_id(ours(CORRELATION.parse()))
}

/// The error of a refusal with this status and the service's error body for it.
///
/// The kind, the delivery and the repeatability come from the table of statuses in
/// `payment-credentials-core`.
///
/// ```
/// use payment_credentials_core::{PortErrorKind, Refusal};
/// use payment_credentials_mock::failures;
///
/// let error = failures::refused(404);
/// assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
/// assert_eq!(error.reason(), Some("notFound"));
/// assert_eq!(error.correlation_id().map(|id| id.as_str()), Some(failures::CORRELATION));
/// ```
///
/// # Panics
///
/// If the status is not between 400 and 599.
#[must_use]
#[track_caller]
pub fn refused(status: u16) -> PortError {
    answered(status, HeaderMap::new())
}

/// The error of a refusal with status 403 and the vendor's code `declined`: the card was declined.
#[must_use]
pub fn declined() -> PortError {
    let body = r#"{"errors":[{"type":"declined","message":"Request declined"}]}"#;
    decoded(403, HeaderMap::new(), body)
}

/// The error of a refusal with status 429 and a `Retry-After` header of `wait`, in whole seconds.
#[must_use]
pub fn throttled(wait: Duration) -> PortError {
    let wait = HeaderValue::from(wait.as_secs());
    answered(429, HeaderMap::from_iter([(header::RETRY_AFTER, wait)]))
}

#[track_caller]
fn answered(status: u16, headers: HeaderMap) -> PortError {
    let refusal = (400..=599).contains(&status);
    assert!(
        refusal,
        "`failures::refused` takes a status from 400 to 599, not {status}; pass one of those"
    );
    decoded(status, headers, body(status))
}

/// The error that core decodes a response as which isn't credentials.
#[track_caller]
#[expect(clippy::expect_used, reason = "core decodes these responses as errors")]
fn decoded(status: u16, mut headers: HeaderMap, body: &'static str) -> PortError {
    let status = ours(StatusCode::from_u16(status));
    headers.insert(CORRELATION_ID, HeaderValue::from_static(CORRELATION));
    let body = ResponseBody::Received(body.into());
    wire::decode(status, &headers, body).expect_err("a refusal")
}

/// The error body for a status: the one in the vendor's OpenAPI document and developer guide, for
/// 503 the service's own, and for all other statuses an empty one.
fn body(status: u16) -> &'static str {
    match status {
        400 => r#"{"errors":[{"type":"invalidFields","message":"Invalid fields."}]}"#,
        403 => r#"{"errors":[{"type":"forbidden","message":"Request not permitted"}]}"#,
        404 => r#"{"errors":[{"type":"notFound","message":"Token not found"}]}"#,
        409 => r#"{"errors":[{"type":"conflict","message":"Conflict"}]}"#,
        410 => r#"{"errors":[{"type":"notAvailable","message":"Token not available."}]}"#,
        424 => r#"{"errors":[{"type":"notFound","message":"Profile not found"}]}"#,
        500 => r#"{"errors":[{"type":"serverError","message":"Internal error"}]}"#,
        502 => r#"{"errors":[{"type":"badGateway","message":"Bad gateway"}]}"#,
        // No document shows this body. Without an error body of the service's own, core would decode
        // the 503 as that of an intermediary.
        503 => r#"{"errors":[{"type":"serviceUnavailable","message":"Service unavailable"}]}"#,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment_credentials_core::{Refusal, RetryAfter};

    #[track_caller]
    fn check(
        error: &PortError,
        kind: PortErrorKind,
        delivery: Delivery,
        repeatability: Repeatability,
    ) {
        let found = (error.kind(), error.delivery(), error.repeatability());
        assert_eq!(found, (kind, delivery, repeatability));
        let answered = error.head().is_some();
        assert_eq!(error.correlation_id().is_some(), answered, "{error}");
    }

    #[test]
    fn each_failure_tells_what_the_real_one_tells() {
        use Delivery::{Answered, NotSent, Unknown};
        use PortErrorKind::{Connect, Deadline, Decrypt, Refused, Reset};
        use Repeatability::{MayRepeat, Never, Safe};

        check(&connect(), Connect, NotSent, Safe);
        check(&deadline_after_send(), Deadline, Unknown, Never);
        check(&reset_after_send(), Reset, Unknown, MayRepeat);
        check(&does_not_open(), Decrypt, Answered, Never);
        for (status, refusal, delivery, retry) in [
            (400, Refusal::Invalid, Answered, Never),
            (401, Refusal::Authentication, Answered, Never),
            (403, Refusal::Forbidden, Answered, Never),
            (404, Refusal::NotFound, Answered, Never),
            (408, Refusal::Invalid, Unknown, MayRepeat),
            (410, Refusal::Gone, Answered, Never),
            (424, Refusal::Dependency, Answered, Never),
            (429, Refusal::Throttled, Answered, Safe),
            (503, Refusal::Unavailable, Answered, Safe),
            (502, Refusal::Upstream, Unknown, MayRepeat),
        ] {
            check(&refused(status), Refused(refusal), delivery, retry);
        }
    }

    #[test]
    fn every_body_is_read_as_the_vendors_words() {
        for status in 400..=599 {
            let error = refused(status);
            assert_eq!(
                error.reason().is_some(),
                !body(status).is_empty(),
                "{status}"
            );
        }
    }

    #[test]
    fn throttling_says_how_long_to_wait() {
        let wait = Duration::from_secs(2);
        let error = throttled(wait);
        assert_eq!(error.retry_after(), Some(RetryAfter::Delay(wait)));
        assert_eq!(error.status(), Some(429));
    }

    #[test]
    #[should_panic(expected = "not 201")]
    fn a_success_is_no_refusal() {
        drop(refused(201));
    }
}
