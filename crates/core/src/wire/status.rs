//! The only module that converts a status into an error.

use http::StatusCode;

use crate::error::{
    Delivery, Phase, PortError, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
};

/// The error that a status means; `None` for a success that may hold a JWE.
///
/// The statuses are those of the vendor's OpenAPI document and TMS developer guide, and the usual ones of
/// intermediaries in front of the service. Any 2xx with a body counts as success: the document lists 201,
/// the guide 200 and 201.
///
/// After a 5xx it is unknown whether the service acted on the request, since a proxy that sends 502 may
/// stand in front of a service that did act. The same holds for a 503, unless the rest of the response
/// shows that [the service itself](super::evidence) refused. The same holds for a 408: it means that some
/// server waited for the rest of a request, and not that the service didn't receive it.
pub(super) fn refusal(status: StatusCode) -> Option<PortError> {
    use PortErrorKind::{Refused, Unexpected};
    let kind = match status.as_u16() {
        200..=203 | 207..=299 => return None,
        300..=303 | 305..=399 => Unexpected(UnexpectedResponse::Redirect),
        401 => Refused(Refusal::Authentication),
        // Becomes `Declined` if the vendor's code is `declined`.
        403 => Refused(Refusal::Forbidden),
        404 => Refused(Refusal::NotFound),
        409 => Refused(Refusal::Conflict),
        410 => Refused(Refusal::Gone),
        412 => Refused(Refusal::Precondition),
        424 => Refused(Refusal::Dependency),
        429 => Refused(Refusal::Throttled),
        400..=499 => Refused(Refusal::Invalid),
        503 => Refused(Refusal::Unavailable),
        500..=599 => Refused(Refusal::Upstream),
        _ => Unexpected(UnexpectedResponse::Status),
    };
    let (delivery, repeatability) = match status.as_u16() {
        408 | 500..=599 => (Delivery::Unknown, Repeatability::MayRepeat),
        429 => (Delivery::Answered, Repeatability::Safe),
        _ => (Delivery::Answered, Repeatability::Never),
    };
    Some(PortError::new(kind, delivery, Phase::Decode, repeatability))
}

/// Whether an error that a status means is a decision on the request or the card, which only the service can
/// make.
///
/// A 401 means the same from any sender, and so does a 4xx that may be repeated, such as a 408 or a 429. After
/// a 5xx the outcome is unknown in any case.
pub(super) fn needs_evidence(status: StatusCode, error: &PortError) -> bool {
    status.is_client_error()
        && status != StatusCode::UNAUTHORIZED
        && error.repeatability() == Repeatability::Never
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, expected: Option<(PortErrorKind, Delivery, Repeatability)>) {
        let status = StatusCode::from_u16(status).expect("a status");
        let found =
            refusal(status).map(|error| (error.kind(), error.delivery(), error.repeatability()));
        assert_eq!(found, expected, "{status}");
    }

    /// Rows C1, C3, C26 and C28.
    #[test]
    fn each_status_has_its_kind_delivery_and_retry() {
        use Delivery::{Answered, Unknown};
        use PortErrorKind::{Refused, Unexpected};
        use Repeatability::{MayRepeat, Never, Safe};

        for success in [200, 201, 202, 203, 207, 299] {
            check(success, None);
        }
        for odd in [100, 101, 204, 205, 206, 304, 600, 999] {
            check(
                odd,
                Some((Unexpected(UnexpectedResponse::Status), Answered, Never)),
            );
        }
        for redirect in [300, 301, 302, 303, 307, 308] {
            check(
                redirect,
                Some((Unexpected(UnexpectedResponse::Redirect), Answered, Never)),
            );
        }
        for (status, refusal) in [
            (400, Refusal::Invalid),
            (401, Refusal::Authentication),
            (403, Refusal::Forbidden),
            (404, Refusal::NotFound),
            (405, Refusal::Invalid),
            (409, Refusal::Conflict),
            (410, Refusal::Gone),
            (412, Refusal::Precondition),
            (413, Refusal::Invalid),
            (424, Refusal::Dependency),
        ] {
            check(status, Some((Refused(refusal), Answered, Never)));
        }
        check(429, Some((Refused(Refusal::Throttled), Answered, Safe)));
        for (open, refusal) in [(408, Refusal::Invalid), (503, Refusal::Unavailable)] {
            check(open, Some((Refused(refusal), Unknown, MayRepeat)));
        }
        for upstream in [500, 502, 504, 520, 599] {
            check(
                upstream,
                Some((Refused(Refusal::Upstream), Unknown, MayRepeat)),
            );
        }
    }
}
