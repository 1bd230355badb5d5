//! Errors that an application must handle, as the real adapter returns them.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use payment_credentials_core::header::CORRELATION_ID;
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{
    Delivery, Phase, PortError, PortErrorKind, Repeatability, ResponseHead,
};

use crate::fixtures::ours;

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

/// The error of an opener whose configured key doesn't open the JWE of the response.
#[must_use]
pub fn does_not_open() -> PortError {
    PortError::new(
        PortErrorKind::Decrypt,
        Delivery::Answered,
        Phase::OpenCredentials,
        Repeatability::Never,
    )
    .with_head(ResponseHead::new(201).with_correlation_id(ours(CORRELATION.parse())))
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

/// The error of a refusal with status 429 and a `Retry-After` header of `wait`, in whole seconds.
#[must_use]
pub fn throttled(wait: Duration) -> PortError {
    let wait = HeaderValue::from(wait.as_secs());
    answered(429, HeaderMap::from_iter([(header::RETRY_AFTER, wait)]))
}

#[track_caller]
#[expect(
    clippy::expect_used,
    reason = "core decodes these statuses as refusals"
)]
fn answered(status: u16, mut headers: HeaderMap) -> PortError {
    let refusal = (400..=599).contains(&status);
    assert!(
        refusal,
        "`failures::refused` takes a status from 400 to 599, not {status}; pass one of those"
    );
    let status = ours(StatusCode::from_u16(status));
    headers.insert(CORRELATION_ID, HeaderValue::from_static(CORRELATION));
    let body = ResponseBody::Received(body(status).into());
    wire::decode(status, &headers, body).expect_err("a refusal")
}

/// The error body for a status: the one in the vendor's OpenAPI document and developer guide, for
/// 503 the service's own, and for all other statuses an empty one.
fn body(status: StatusCode) -> &'static str {
    match status.as_u16() {
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
            let status = StatusCode::from_u16(status).expect("a status");
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
