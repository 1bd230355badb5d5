use bytes::Bytes;

use super::*;
use crate::sealed::SealedContent;
use proptest::prelude::*;
use zeroize::Zeroizing;

const JWE: &str = "eyJ9.a.b.c.d";

fn received(body: &[u8]) -> Result<SealedCredentials, PortError> {
    let body = ResponseBody::Received(Bytes::copy_from_slice(body));
    decode(StatusCode::CREATED, &HeaderMap::new(), body)
}

#[track_caller]
fn refuses(body: &str, kind: PortErrorKind) {
    let error = received(body.as_bytes()).expect_err("refused");
    assert_eq!(error.kind(), kind, "{body}");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.repeatability(), Repeatability::Never);
    assert_eq!(error.status(), Some(201));
}

#[track_caller]
fn unexpected(body: &str, unexpected: UnexpectedResponse) {
    refuses(body, PortErrorKind::Unexpected(unexpected));
}

#[test]
fn takes_a_jwe_in_quotes_or_with_blanks_at_its_edges() {
    for body in [
        JWE,
        "\"eyJ9.a.b.c.d\"",
        " eyJ9.a.b.c.d\r\n",
        "\n\" eyJ9.a.b.c.d \"\n",
    ] {
        let sealed = received(body.as_bytes()).expect("a JWE");
        let SealedContent::Jwe(jwe) = sealed.content() else {
            panic!("not a JWE")
        };
        assert_eq!(jwe.as_str(), JWE);
    }
}

#[test]
fn refuses_what_is_nearly_a_jwe() {
    for body in [
        "a",
        "a.b.c",
        "a.b.c.d",
        "a.b.c.d.e.f",
        "x eyJ9.a.b.c.d",
        "[1]",
        "a.b.c.d.=",
        "\"",
    ] {
        refuses(body, PortErrorKind::Jwe);
    }
    assert_eq!(
        received(b"\xff\xfe").expect_err("refused").kind(),
        PortErrorKind::Jwe
    );
    refuses(
        r#"{"protected":"e30","iv":"","ciphertext":"","tag":""}"#,
        PortErrorKind::Jwe,
    );
    refuses(r#"{"recipients":[{}],"ciphertext":""}"#, PortErrorKind::Jwe);
}

#[test]
fn refuses_every_other_success() {
    unexpected("", UnexpectedResponse::Empty);
    unexpected(" \r\n\t", UnexpectedResponse::Empty);
    unexpected("<!DOCTYPE html><html>", UnexpectedResponse::Html);
    unexpected(
        r#"{"tokenizedCard":{"number":"4895370016750801"}}"#,
        UnexpectedResponse::Unencrypted,
    );
    unexpected("{}", UnexpectedResponse::Unencrypted);
    unexpected("{not json", UnexpectedResponse::Unencrypted);
    unexpected(&"{\"a\":".repeat(10_000), UnexpectedResponse::Unencrypted);
    unexpected(
        r#"{"encryptedResponse":"a.b.c.d.e"}"#,
        UnexpectedResponse::MessageEncryption,
    );
    unexpected(
        r#"{"encryptedResponse":null,"x":1}"#,
        UnexpectedResponse::MessageEncryption,
    );
    unexpected(
        &"a".repeat(MAX_RESPONSE_BODY + 1),
        UnexpectedResponse::TooLarge,
    );
}

/// Row C31.
#[test]
fn tells_an_error_under_a_success_status() {
    let error = received(br#"{"errors":[{"type":"invalidFields"}]}"#).expect_err("refused");
    assert_eq!(
        error.kind(),
        PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody)
    );
    assert_eq!(error.reason(), Some("invalidFields"));
    let error = received(br#"{"status":"INVALID_REQUEST","message":"m"}"#).expect_err("refused");
    assert_eq!(
        error.kind(),
        PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody)
    );
    assert_eq!(error.reason(), Some("INVALID_REQUEST"));
}

#[test]
fn takes_plain_json_from_behind_message_level_encryption_alone() {
    let plaintext = br#"{"tokenizedCard":{}}"#.to_vec();
    let body = ResponseBody::Decrypted(Zeroizing::new(plaintext).into());
    let sealed = decode(StatusCode::CREATED, &HeaderMap::new(), body).expect("credentials");
    assert!(matches!(
        sealed.content(),
        SealedContent::Plaintext(br#"{"tokenizedCard":{}}"#)
    ));
}

/// Row C5.
#[test]
fn never_inflates() {
    let decode_coded = |coding: &'static str| {
        let headers = [(header::CONTENT_ENCODING, coding.parse().expect("a value"))];
        let body = ResponseBody::Received(JWE.into());
        decode(StatusCode::CREATED, &headers.into_iter().collect(), body)
    };
    for coding in ["gzip", "br", "zstd, gzip", "unknown"] {
        let error = decode_coded(coding).expect_err("refused");
        assert_eq!(
            error.kind(),
            PortErrorKind::Unexpected(UnexpectedResponse::Coding)
        );
    }
    assert!(decode_coded("identity").is_ok());
}

/// Rows C27 and G6: if the body never arrives, the head alone is enough.
#[test]
fn a_head_alone_is_the_refusal_that_it_stands_for() {
    let headers = |retry_after: &'static str| {
        let headers = [("v-c-correlation-id", "77"), ("retry-after", retry_after)]
            .map(|(name, value)| (name.parse(), value.parse()));
        headers.map(|(name, value)| (name.expect("a name"), value.expect("a value")))
    };
    let reported = |status: StatusCode, retry_after| {
        let headers = headers(retry_after).into_iter().collect();
        let refusal = refusal_of(&ResponseHead::received(status, &headers), false);
        refusal.map(|error| (error.delivery(), error.repeatability(), error.status()))
    };
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    let declined = Some((Delivery::Answered, Repeatability::Safe, Some(503)));
    assert_eq!(reported(unavailable, "7"), declined);
    let somebody = Some((Delivery::Unknown, Repeatability::MayRepeat, Some(503)));
    assert_eq!(reported(unavailable, "soon"), somebody);
    assert_eq!(reported(StatusCode::CREATED, "7"), None);
}

/// Rows C25 and C26.
#[test]
fn a_refusal_counts_whatever_its_body_holds() {
    let html = format!("<html>4111111111111111{}", "x".repeat(MAX_RESPONSE_BODY));
    let long = r#"{"errors":[{"type":"gone"}]}"#.to_owned() + &" ".repeat(MAX_RESPONSE_BODY);
    let sealed = r#"{"encryptedResponse":"x"}"#;
    for body in ["", "<html>", &html, &long, "{", sealed] {
        let body = ResponseBody::Received(Bytes::copy_from_slice(body.as_bytes()));
        let error = decode(StatusCode::GONE, &HeaderMap::new(), body).expect_err("refused");
        assert_eq!(error.status(), Some(410));
        assert!(error.vendor_errors().is_empty());
        assert!(!format!("{error:?}").contains("4111111111111111"));
    }
}

#[test]
fn an_error_is_one_line_without_the_body() {
    let error =
        received(br#"{"tokenizedCard":{"number":"4895370016750801"}}"#).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "unexpected response: credentials that are not encrypted (answered, status 201)"
    );
    assert!(!format!("{error:?}").contains("4895370016750801"));
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), status in 100_u16..1000) {
        let status = StatusCode::from_u16(status).expect("a status");
        let _ = decode(status, &HeaderMap::new(), ResponseBody::Received(body.into()));
    }
}
