//! Refusals as intermediaries and the vendor's other services write them: who refused, and what is kept.

use std::error::Error;

use payment_credentials_core::{
    Delivery, PortError, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
};

use crate::peer::{Peer, request};

/// A response, and what its error says.
struct Case {
    name: &'static str,
    status: u16,
    headers: &'static str,
    body: &'static [u8],
    kind: PortErrorKind,
    delivery: Delivery,
    /// Code and message of the first of the service's errors.
    first: Option<(Option<&'static str>, Option<&'static str>)>,
    /// A part of the cause's text.
    cause: Option<&'static str>,
}

const PAGE: &str = "server: edge\r\ncontent-type: text/html\r\n";
const JSON: &str = "v-c-correlation-id: 6612345\r\ncontent-type: application/json\r\n";
const NOT_THE_SERVICE: PortErrorKind = PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
const INVALID: PortErrorKind = PortErrorKind::Refused(Refusal::Invalid);
const AUTHENTICATION: PortErrorKind = PortErrorKind::Refused(Refusal::Authentication);

/// A page or an empty body without an id of the service: an intermediary's.
const OF_INTERMEDIARIES: [Case; 4] = [
    Case {
        name: "404, page of an edge",
        status: 404,
        headers: PAGE,
        body: b"<html><body>nothing at this address</body></html>",
        kind: NOT_THE_SERVICE,
        delivery: Delivery::Unknown,
        first: None,
        cause: Some("49 bytes) holds no readable reason; media type: text/html"),
    },
    Case {
        name: "404 without a body",
        status: 404,
        headers: "content-type: text/plain\r\n",
        body: b"",
        kind: NOT_THE_SERVICE,
        delivery: Delivery::Unknown,
        first: None,
        cause: None,
    },
    Case {
        name: "410, page of an edge",
        status: 410,
        headers: PAGE,
        body: b"<html>moved away</html>",
        kind: NOT_THE_SERVICE,
        delivery: Delivery::Unknown,
        first: None,
        cause: Some("media type: text/html"),
    },
    Case {
        name: "403, page without an id",
        status: 403,
        headers: PAGE,
        body: b"<HTML><H1>Not for you</H1></HTML>",
        kind: NOT_THE_SERVICE,
        delivery: Delivery::Unknown,
        first: None,
        cause: Some("media type: text/html"),
    },
];

/// With an id of the service, or a 401 from any sender.
const OF_THE_SERVICE: [Case; 6] = [
    Case {
        name: "404 about the profile",
        status: 404,
        headers: JSON,
        body: br#"{"errors":[{"type":"notFound","message":"No such profile"}]}"#,
        kind: PortErrorKind::Refused(Refusal::Dependency),
        delivery: Delivery::Answered,
        first: Some((Some("notFound"), Some("No such profile"))),
        cause: None,
    },
    Case {
        name: "400, problem details with a numeric status",
        status: 400,
        headers: "v-c-correlation-id: 6612345\r\ncontent-type: application/problem+json\r\n",
        body: br#"{"type":"about:blank","title":"Bad","status":400,"detail":"No such member"}"#,
        kind: INVALID,
        delivery: Delivery::Answered,
        first: Some((None, Some("No such member"))),
        cause: None,
    },
    Case {
        name: "400 with an object in `error`",
        status: 400,
        headers: JSON,
        body: br#"{"error":{"code":"badMember","message":"Unknown member"}}"#,
        kind: INVALID,
        delivery: Delivery::Answered,
        first: Some((Some("badMember"), Some("Unknown member"))),
        cause: None,
    },
    Case {
        name: "401 with a reason in its body and in WWW-Authenticate: the body's counts",
        status: 401,
        headers: "www-authenticate: Bearer error=\"invalid_token\"\r\n",
        body: br#"{"error":"expired_grant","error_description":"Sign in again"}"#,
        kind: AUTHENTICATION,
        delivery: Delivery::Answered,
        first: Some((Some("expired_grant"), Some("Sign in again"))),
        cause: None,
    },
    Case {
        name: "401 of plain text",
        status: 401,
        headers: "content-type: text/plain\r\n",
        body: b"Who are you?",
        kind: AUTHENTICATION,
        delivery: Delivery::Answered,
        first: Some((None, Some("Who are you?"))),
        cause: None,
    },
    Case {
        name: "400 in gzip",
        status: 400,
        headers: concat!(
            "v-c-correlation-id: 6612345\r\ncontent-type: application/json\r\n",
            "content-encoding: gzip\r\n",
        ),
        body: GZIP,
        kind: INVALID,
        delivery: Delivery::Answered,
        first: None,
        cause: Some("media type: application/json; content coding: gzip, which is never decoded"),
    },
];

/// `{"errors":[{"type":"invalidFields"}]}`, compressed.
const GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabVJ-*\xca/*V\xb2\x8a\xaeV*\xa9,HU\xb2R\
    \xca\xcc+K\xcc\xc9Lq\xcbL\xcdI)V\xaa\x8d\xad\x05\x00\xbcf\xb7A%\x00\x00\x00";

async fn refused(case: &Case) -> PortError {
    let Case {
        status,
        headers,
        body,
        ..
    } = case;
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Odd\r\n{headers}content-length: {length}\r\n\r\n");
    let peer = Peer::answering([head.as_bytes(), body].concat());
    let port = peer.builder().build().expect("a port");
    let profile = "93b32398-ad51-4cc2-a682-ea3e93614eb1";
    let request = request().with_profile_id(profile.parse().expect("a profile id"));
    let refused = payment_credentials_core::PaymentCredentialsPort::generate(&port, &request).await;
    refused.expect_err(case.name)
}

/// Rows C24 to C26.
#[tokio::test]
async fn each_unusual_refusal_has_its_sender_and_its_reason() {
    for case in OF_INTERMEDIARIES.iter().chain(&OF_THE_SERVICE) {
        let error = refused(case).await;
        let name = case.name;
        assert_eq!(error.status(), Some(case.status), "{name}");
        let reported = (error.kind(), error.delivery(), error.repeatability());
        assert_eq!(
            reported,
            (case.kind, case.delivery, Repeatability::Never),
            "{name}"
        );
        let first = error.vendor_errors().iter().next();
        let first = first.map(|first| (first.code.as_deref(), first.message.as_deref()));
        assert_eq!(first, case.first, "{name}");
        let cause = error.source().map(ToString::to_string);
        match case.cause {
            Some(part) => assert!(cause.is_some_and(|cause| cause.contains(part)), "{name}"),
            None => assert_eq!(cause, None, "{name}"),
        }
    }
}
