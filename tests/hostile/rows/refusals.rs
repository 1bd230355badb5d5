//! Rows G1 to G4: which party refused the request, and how the reason is read.

use std::error::Error as _;
use std::sync::Arc;

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    Delivery, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
};

use crate::tools::answering::{Answering, ID, gateway, refused, request};

const NOT_FOUND: &str = r#"{"errors":[{"type":"notFound","message":"Token not found"}]}"#;
const NO_PROFILE: &str = r#"{"errors":[{"type":"notFound","message":"Profile not found"}]}"#;

#[test]
fn g1_a_4xx_that_the_service_did_not_send_says_nothing_of_the_card() {
    for status in [400, 403, 404, 409, 410, 412, 424] {
        for body in ["", "<html>no route</html>", r#"{"message":"no route"}"#] {
            let error = refused(status, &[("server", "edge")], body);
            let kind = PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
            assert_eq!(error.kind(), kind, "{status} {body}");
            assert_eq!(error.delivery(), Delivery::Unknown);
            assert_eq!(error.repeatability(), Repeatability::Never);
            assert_eq!(error.status(), Some(status));
        }
    }
    for (status, refusal) in [(401, Refusal::Authentication), (429, Refusal::Throttled)] {
        let error = refused(status, &[], "");
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
    }
}

#[test]
fn g2_a_404_of_the_service_is_about_the_token_id_or_the_profile() {
    for (headers, body) in [(&[ID][..], "<html></html>"), (&[], NOT_FOUND)] {
        let error = refused(404, headers, body);
        assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
        assert_eq!(error.delivery(), Delivery::Answered);
    }
    let profile = "93B32398-AD51-4CC2-A682-EA3E93614EB1";
    let naming = request().with_profile_id(profile.parse().expect("a profile id"));
    for (request, body, refusal) in [
        (&naming, NO_PROFILE, Refusal::Dependency),
        (&naming, NOT_FOUND, Refusal::NotFound),
        (&request(), NO_PROFILE, Refusal::NotFound),
    ] {
        let service = Answering::new(404, &[ID], body);
        let error = service.failing(gateway(Arc::new(Unauthenticated)), request);
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal), "{body}");
    }
}

#[test]
fn g3_the_reason_of_a_refusal_is_read_wherever_it_stands() {
    let json = ("content-type", "application/json");
    let text = ("content-type", "text/plain");
    let challenge = r#"Bearer error="code", error_description="reason""#;
    for (headers, body) in [
        (
            &[ID, json][..],
            r#"{"error":"code","error_description":"reason"}"#,
        ),
        (
            &[ID, json],
            r#"{"error":{"code":"code","message":"reason"}}"#,
        ),
        (&[ID, json], r#"{"title":"Unauthorized","detail":"reason"}"#),
        (&[ID, text], "reason"),
        (&[ID, ("www-authenticate", challenge)], ""),
    ] {
        let error = refused(401, headers, body);
        let first = error.vendor_errors().iter().next().expect(body);
        assert_eq!(first.message.as_deref(), Some("reason"), "{body}");
    }
    let unread = refused(400, &[ID, json, ("content-encoding", "gzip")], "\u{1f}");
    let cause = unread.source().expect("a cause").to_string();
    assert!(cause.contains("media type: application/json"), "{cause}");
    assert!(cause.contains("content coding: gzip"), "{cause}");
}

#[test]
fn g4_declined_and_forbidden_are_two_refusals() {
    for (code, refusal) in [
        ("declined", Refusal::Declined),
        ("forbidden", Refusal::Forbidden),
    ] {
        let error = refused(
            403,
            &[ID],
            &format!(r#"{{"errors":[{{"type":"{code}"}}]}}"#),
        );
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
        assert_eq!(error.delivery(), Delivery::Answered);
    }
}
