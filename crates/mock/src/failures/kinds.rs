//! An error of each kind, for tests that want all of them.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{
    Delivery, Phase, PortError, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
};

use crate::fixtures::ours;

use super::{decoded, head, opening, refused};

/// An error of this kind, as the real adapter makes it most often.
///
/// ```
/// use payment_credentials_core::PortErrorKind;
/// use payment_credentials_mock::failures;
///
/// for kind in PortErrorKind::all() {
///     assert_eq!(failures::of_kind(kind).kind(), kind);
/// }
/// ```
///
/// # Panics
///
/// For a kind that a newer `payment-credentials-core` has and this crate doesn't know.
#[must_use]
#[track_caller]
#[expect(clippy::panic, reason = "it is how a mock fails")]
pub fn of_kind(kind: PortErrorKind) -> PortError {
    match kind {
        PortErrorKind::Connect => super::connect(),
        PortErrorKind::Deadline => super::deadline_after_send(),
        PortErrorKind::Framing => super::cut_response(),
        PortErrorKind::Decrypt | PortErrorKind::Jwe | PortErrorKind::Payload => opening(kind),
        PortErrorKind::KeyService => super::opening_key_unavailable(),
        PortErrorKind::Refused(refusal) => refusal_of_kind(refusal),
        PortErrorKind::Request => {
            let (delivery, phase) = (Delivery::NotSent, Phase::Start);
            PortError::new(kind, delivery, phase, Repeatability::Never)
        }
        PortErrorKind::Reset => super::reset_after_send(),
        PortErrorKind::Setup => super::setup(),
        PortErrorKind::Tls => super::no_tls(),
        PortErrorKind::Unexpected(response) => unexpected(response),
        _ => panic!(
            "payment-credentials-mock doesn't know the kind {kind:?}; update it together with \
             payment-credentials-core"
        ),
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "it is how a mock fails")]
fn refusal_of_kind(refusal: Refusal) -> PortError {
    match refusal {
        Refusal::Authentication => refused(401),
        Refusal::Conflict => refused(409),
        Refusal::Declined => super::declined(),
        Refusal::Dependency => refused(424),
        Refusal::Forbidden => refused(403),
        Refusal::Gone => refused(410),
        Refusal::Invalid => refused(400),
        Refusal::NotFound => refused(404),
        Refusal::Precondition => refused(412),
        Refusal::Throttled => refused(429),
        Refusal::Unavailable => refused(503),
        Refusal::Upstream => refused(502),
        _ => panic!(
            "payment-credentials-mock doesn't know the refusal {refusal:?}; update it together with \
             payment-credentials-core"
        ),
    }
}

/// The error of a response of another form than the service's, such as a web page of a proxy.
///
/// ```
/// use payment_credentials_core::{Delivery, UnexpectedResponse};
/// use payment_credentials_mock::failures;
///
/// let error = failures::unexpected(UnexpectedResponse::NotTheService);
/// assert_eq!(error.delivery(), Delivery::Unknown);
/// ```
///
/// # Panics
///
/// For a form that a newer `payment-credentials-core` has and this crate doesn't know.
#[must_use]
#[track_caller]
#[expect(clippy::panic, reason = "it is how a mock fails")]
pub fn unexpected(response: UnexpectedResponse) -> PortError {
    let success = |body: &'static str| decoded(201, HeaderMap::new(), body);
    match response {
        UnexpectedResponse::Coding => {
            let coding = HeaderValue::from_static("gzip");
            let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, coding)]);
            decoded(201, headers, "")
        }
        UnexpectedResponse::Empty => success(""),
        UnexpectedResponse::ErrorBody => success(r#"{"errors":[{"type":"serverError"}]}"#),
        UnexpectedResponse::Html => success("<html></html>"),
        UnexpectedResponse::MessageEncryption => success(r#"{"encryptedResponse":"eyJ9.a.b.c.d"}"#),
        UnexpectedResponse::NotConfirmed => opening(PortErrorKind::Unexpected(response)),
        UnexpectedResponse::NotTheService => not_the_service(),
        UnexpectedResponse::Redirect => decoded(302, HeaderMap::new(), ""),
        UnexpectedResponse::Status => decoded(204, HeaderMap::new(), ""),
        UnexpectedResponse::TooLarge => {
            let (kind, phase) = (PortErrorKind::Unexpected(response), Phase::Body);
            let delivery = Delivery::Answered;
            PortError::new(kind, delivery, phase, Repeatability::Never).with_head(head(201))
        }
        UnexpectedResponse::Unencrypted => success(r#"{"card":{}}"#),
        _ => panic!(
            "payment-credentials-mock doesn't know the response {response:?}; update it together with \
             payment-credentials-core"
        ),
    }
}

/// The 403 of a proxy: without the service's ids, since those would show that the service sent it.
#[expect(clippy::expect_used, reason = "core decodes a 403 as an error")]
fn not_the_service() -> PortError {
    let status = ours(StatusCode::from_u16(403));
    let body = ResponseBody::Received("<html></html>".into());
    wire::decode(status, &HeaderMap::new(), body).expect_err("a refusal")
}

#[cfg(test)]
mod tests {
    use payment_credentials_core::CorrelationId;
    use payment_credentials_core::wire::MAX_RESPONSE_BODY;

    use super::super::CORRELATION;
    use super::*;

    #[test]
    fn there_is_an_error_of_each_kind() {
        for kind in PortErrorKind::all() {
            let error = of_kind(kind);
            assert_eq!(error.kind(), kind);
            let is_the_services =
                kind != PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
            let has_id = error.correlation_id().map(CorrelationId::as_str) == Some(CORRELATION);
            assert_eq!(has_id, error.head().is_some() && is_the_services, "{error}");
            if error.delivery() == Delivery::NotSent {
                assert!(error.head().is_none(), "{error}");
            }
        }
    }

    #[test]
    fn a_body_that_is_too_large_is_what_core_says_it_is() {
        let body = " ".repeat(MAX_RESPONSE_BODY + 1);
        let decoded = wire::decode(
            StatusCode::CREATED,
            &HeaderMap::new(),
            ResponseBody::Received(body.into()),
        );
        let decoded = decoded.expect_err("too large");
        let ours = unexpected(UnexpectedResponse::TooLarge);
        let reported = |error: &PortError| (error.kind(), error.delivery(), error.repeatability());
        assert_eq!(reported(&ours), reported(&decoded));
    }
}
