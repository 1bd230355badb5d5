//! Tests of observed refusals: which party sent them, and which errors they hold.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{About, ResponseBody, decode, decode_after};
use crate::error::{
    Delivery, PortError, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
};
use crate::response_head::ResponseHead;

const ID: (&str, &str) = ("v-c-correlation-id", "6612345");
const NOT_FOUND: &str = r#"{"errors":[{"type":"notFound","message":"Token not found"}]}"#;
const OF_A_PROFILE: &str = r#"{"errors":[{"type":"notFound","message":"Profile not found"}]}"#;

fn received(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: &'static str,
) -> (StatusCode, HeaderMap, ResponseBody) {
    let header = |(name, value): &(&'static str, &'static str)| {
        let name = HeaderName::from_static(name);
        (name, HeaderValue::from_static(value))
    };
    let status = StatusCode::from_u16(status).expect("a status");
    let body = ResponseBody::Received(Bytes::from_static(body.as_bytes()));
    (status, headers.iter().map(header).collect(), body)
}

fn refused(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> PortError {
    let (status, headers, body) = received(status, headers, body);
    decode(status, &headers, body).expect_err("refused")
}

fn refused_about(status: u16, body: &'static str, about: About) -> PortError {
    let (status, headers, body) = received(status, &[ID], body);
    let head = ResponseHead::received(status, &headers);
    decode_after(head, status, &headers, body, about).expect_err("refused")
}

/// Row G1.
#[test]
fn a_refusal_without_any_sign_of_the_service_is_not_its_verdict() {
    const NOT_THE_SERVICE: PortErrorKind =
        PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
    for (status, suspected) in [
        (400, Refusal::Invalid),
        (403, Refusal::Forbidden),
        (404, Refusal::NotFound),
        (409, Refusal::Conflict),
        (410, Refusal::Gone),
        (412, Refusal::Precondition),
        (424, Refusal::Dependency),
        (451, Refusal::Invalid),
    ] {
        for body in [
            "",
            "<html><body>no route</body></html>",
            "default backend - 404",
            r#"{"message":"no Route matched with those values"}"#,
            r#"{"errors":[{"message":"m"}]}"#,
            r#"{"errors":[{"type":""}]}"#,
            r#"{"error":{"code":"x","message":"y"}}"#,
            r#"{"status":"NOT_FOUND","reason":"NOT_FOUND","message":"m"}"#,
        ] {
            for headers in [
                &[][..],
                &[("server", "AkamaiGHost"), ("x-request-id", "1")],
                &[("v-c-correlation-id", "")],
            ] {
                let error = refused(status, headers, body);
                assert_eq!(error.kind(), NOT_THE_SERVICE, "{status} {body}");
                assert_eq!(error.delivery(), Delivery::Unknown);
                assert_eq!(error.repeatability(), Repeatability::Never);
                assert_eq!(error.status(), Some(status));
                assert_eq!(error.suspected_refusal(), Some(suspected));
            }
        }
    }
}

/// Row G1: these mean the same from any sender.
#[test]
fn a_401_a_408_a_429_and_a_5xx_need_no_evidence() {
    for (status, refusal) in [
        (401, Refusal::Authentication),
        (408, Refusal::Invalid),
        (429, Refusal::Throttled),
        (500, Refusal::Upstream),
        (503, Refusal::Unavailable),
    ] {
        let error = refused(status, &[], "");
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal), "{status}");
        assert_eq!(error.suspected_refusal(), None);
    }
}

/// Row G2.
#[test]
fn one_sign_of_the_service_makes_a_refusal_its_own() {
    let html = "<html></html>";
    for (headers, body) in [
        (&[ID][..], ""),
        (&[ID], html),
        (&[("uniquetransactionid", "abc")], html),
        (&[], NOT_FOUND),
        (&[], r#"{"response":{"rmsg":"Resource not found"}}"#),
        (&[], r#"{"encryptedResponse":"eyJ9.a.b.c.d"}"#),
    ] {
        let error = refused(404, headers, body);
        let kind = PortErrorKind::Refused(Refusal::NotFound);
        assert_eq!(error.kind(), kind, "{headers:?} {body}");
        assert_eq!(error.delivery(), Delivery::Answered);
    }
}

#[test]
fn bare_refusals_count_where_they_are_trusted() {
    let (status, headers, body) = received(410, &[], "");
    let head = ResponseHead::received(status, &headers);
    let about = About {
        trusts_bare_refusals: true,
        ..About::default()
    };
    let error = decode_after(head, status, &headers, body, about).expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Gone));
}

/// Row G2.
#[test]
fn a_404_about_the_profile_is_the_profiles_where_the_request_named_one() {
    let about = |names_profile| About {
        is_the_services: true,
        names_profile,
        ..About::default()
    };
    for (body, names_profile, refusal) in [
        (OF_A_PROFILE, true, Refusal::Dependency),
        (OF_A_PROFILE, false, Refusal::NotFound),
        (NOT_FOUND, true, Refusal::NotFound),
    ] {
        let error = refused_about(404, body, about(names_profile));
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal), "{body}");
    }
}

/// Row G4.
#[test]
fn declined_and_forbidden_are_two_refusals() {
    for (code, refusal) in [
        (r#"{"errors":[{"type":"declined"}]}"#, Refusal::Declined),
        (r#"{"errors":[{"type":"forbidden"}]}"#, Refusal::Forbidden),
        (r#"{"errors":[{"type":"other"}]}"#, Refusal::Forbidden),
    ] {
        let error = refused(403, &[ID], code);
        assert_eq!(error.kind(), PortErrorKind::Refused(refusal), "{code}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.repeatability(), Repeatability::Never);
    }
}

/// Row G3.
#[test]
fn the_reason_is_read_from_plain_text_and_from_a_challenge() {
    let text = ("content-type", "text/plain; charset=utf-8");
    let challenge = (
        "www-authenticate",
        r#"Bearer realm="x", error="invalid_token", error_description="The access token expired""#,
    );
    for (headers, body, code, message) in [
        (
            &[ID, text][..],
            "missing http required header : v-c-merchant-id,signature,date,",
            None,
            Some("missing http required header : v-c-merchant-id,signature,date,"),
        ),
        (
            &[ID, challenge],
            "",
            Some("invalid_token"),
            Some("The access token expired"),
        ),
    ] {
        let error = refused(401, headers, body);
        let first = error.vendor_errors().iter().next().expect(body);
        let read = (first.code.as_deref(), first.message.as_deref());
        assert_eq!(read, (code, message), "{body}");
    }
}

/// Row G3.
#[test]
fn the_reason_is_read_in_every_json_shape_of_the_field() {
    let json = ("content-type", "application/json");
    for (headers, body, code, message) in [
        (
            &[ID, json][..],
            r#"{"error":"invalid_token","error_description":"The access token expired"}"#,
            Some("invalid_token"),
            Some("The access token expired"),
        ),
        (
            &[ID, json],
            r#"{"error":{"code":"unauthorized_client","message":"nested"}}"#,
            Some("unauthorized_client"),
            Some("nested"),
        ),
        (
            &[ID],
            r#"{"type":"about:blank","title":"Bad Request","detail":"Unsupported Media Type"}"#,
            None,
            Some("Unsupported Media Type"),
        ),
        (
            &[ID],
            r#"{"errorInformation":{"reason":"MISSING_FIELD","message":"m"}}"#,
            Some("MISSING_FIELD"),
            Some("m"),
        ),
        (
            &[ID],
            r#"{"responseStatus":{"status":400,"reason":"INVALID_DATA","message":"m"}}"#,
            Some("INVALID_DATA"),
            Some("m"),
        ),
        (
            &[ID],
            r#"{"code":"x1","message":"m"}"#,
            Some("x1"),
            Some("m"),
        ),
    ] {
        let error = refused(401, headers, body);
        let first = error.vendor_errors().iter().next().expect(body);
        let read = (first.code.as_deref(), first.message.as_deref());
        assert_eq!(read, (code, message), "{body}");
    }
}

/// Row G3.
#[test]
fn a_body_that_holds_no_readable_reason_is_named_with_its_media_type_and_coding() {
    let cause = |headers: &[(&'static str, &'static str)], body| {
        let error = refused(400, headers, body);
        assert!(error.vendor_errors().is_empty());
        std::error::Error::source(&error).map(ToString::to_string)
    };
    let json = ("content-type", "application/json");
    let gzip = [ID, json, ("content-encoding", "gzip")];
    assert_eq!(
        cause(&gzip, "\u{1f}\u{8b}").as_deref(),
        Some(
            "the refusal's body (3 bytes) holds no readable reason; media type: application/json; \
             content coding: gzip, which is never decoded"
        )
    );
    let html = cause(&[ID, ("content-type", "text/html")], "<html>").expect("a cause");
    assert!(html.ends_with("media type: text/html"), "{html}");
    assert_eq!(cause(&[ID], ""), None);
}

#[test]
fn what_is_read_of_a_text_or_a_challenge_is_bounded_and_masked() {
    let long = Box::leak(format!("4111111111111111 {}", "x".repeat(9_000)).into_boxed_str());
    let error = refused(401, &[("content-type", "text/plain")], long);
    let message = error
        .vendor_errors()
        .iter()
        .next()
        .expect("one")
        .message
        .as_deref();
    let message = message.expect("a message");
    assert!(message.starts_with("411111XXXXXX1111 xxx") && message.len() == 256);
    let challenge = (
        "www-authenticate",
        r#"Bearer error="4111111111111111", error_descrip"#,
    );
    let error = refused(401, &[challenge], "");
    let code = error
        .vendor_errors()
        .iter()
        .next()
        .expect("one")
        .code
        .as_deref();
    assert_eq!(code, Some("411111XXXXXX1111"));
}
