//! Unusual, hostile and unexpected responses.

use payment_credentials_core::{
    CorrelationId, Delivery, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
};
use tokio::io::AsyncWriteExt;

use crate::peer::{GOOD, Peer, read_request};

const CHUNKED: &str = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n\
    5\r\neyJ9.\r\n7\r\na.b.c.d\r\n0\r\n\r\n";

fn with_body(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

#[track_caller]
fn same(left: &impl std::fmt::Debug, right: &impl std::fmt::Debug) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
}

#[tokio::test]
async fn a_good_response_is_returned_with_its_ids() {
    let sealed = Peer::answering(GOOD).call().await.expect("credentials");
    assert_eq!(sealed.head().status(), 201);
    let id = sealed.head().correlation_id().expect("an id");
    assert_eq!(id.as_str(), "6612345");
}

/// Row C10: however a response is cut into segments, the result is the same.
#[tokio::test]
async fn c10_one_byte_at_a_time_makes_the_same_response() {
    let whole = Peer::answering(GOOD).call().await.expect("credentials");
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        for byte in GOOD.bytes() {
            stream.write_all(&[byte]).await.expect("written");
            tokio::task::yield_now().await;
        }
    });
    same(&peer.call().await.expect("credentials"), &whole);
}

#[tokio::test]
async fn http_1_0_and_chunked_answers_are_fine() {
    let old = "HTTP/1.0 200 OK\r\n\r\neyJ9.a.b.c.d";
    Peer::answering(old).call().await.expect("credentials");
    Peer::answering(CHUNKED).call().await.expect("credentials");
}

/// Row C1: no redirect is followed, and the error never repeats the location.
#[tokio::test]
async fn c1_a_redirect_is_never_followed() {
    for status in [301, 302, 303, 307, 308] {
        for location in [
            "http://localhost/canary",
            "http://other.example/canary",
            "http://localhost:444/canary",
            "https://localhost/canary",
            "http://canary:canary@localhost/",
            "//other.example/canary",
            "/canary",
            "?canary",
            "file:///canary",
            "javascript:canary",
            // A redirect to the requested path itself.
            "/tms/v3/tokens/7010000000016241111/payment-credentials?canary",
        ] {
            let peer = Peer::answering(with_body(
                &format!("{status} Moved"),
                &format!("location: {location}\r\n"),
                "",
            ));
            let error = peer.call().await.expect_err("a redirect");
            assert_eq!(
                error.kind(),
                PortErrorKind::Unexpected(UnexpectedResponse::Redirect)
            );
            assert_eq!(
                (error.delivery(), error.repeatability()),
                (Delivery::Answered, Repeatability::Never)
            );
            assert_eq!(peer.dialled(), 1, "{location}");
            assert!(
                !format!("{error} {error:?}").contains("canary"),
                "{error:?}"
            );
        }
    }
}

/// Row C4: five parts are a JWE, and an HTML page is a page, whatever the content type claims.
#[tokio::test]
async fn c4_the_type_of_an_answer_decides_nothing() {
    for headers in [
        "",
        "content-type: application/jose\r\n",
        "content-type: application/json;charset=utf-8\r\n",
        "content-type: text/plain\r\n",
        "content-type: text/html\r\n",
        "content-type: \r\n",
        "content-type: application/jose\r\ncontent-type: text/html\r\n",
    ] {
        let good = with_body("201 Created", headers, "eyJ9.a.b.c.d");
        Peer::answering(good).call().await.expect("credentials");
        for (body, kind) in [
            (
                "<html>a.b.c.d</html>",
                PortErrorKind::Unexpected(UnexpectedResponse::Html),
            ),
            ("eyJ9.a.b.c", PortErrorKind::Jwe),
        ] {
            let peer = Peer::answering(with_body("201 Created", headers, body));
            let error = peer.call().await.expect_err(body);
            assert_eq!(
                (error.kind(), error.delivery(), error.repeatability()),
                (kind, Delivery::Answered, Repeatability::Never),
                "{headers}"
            );
        }
    }
}

/// Row C5: a compressed body is never decompressed, even if the result would be a good response.
#[tokio::test]
async fn c5_a_coded_answer_is_refused_as_it_is() {
    let twenty = ["gzip"; 20].join(", ");
    let one_by_one = "content-encoding: gzip\r\n".repeat(20);
    for headers in [
        "content-encoding: gzip\r\n",
        "content-encoding: deflate\r\n",
        "content-encoding: br\r\n",
        "content-encoding: zstd\r\n",
        "content-encoding: unknown\r\n",
        "content-encoding: identity, gzip\r\n",
        "content-encoding: identity\r\ncontent-encoding: gzip\r\n",
        &format!("content-encoding: {twenty}\r\n"),
        &one_by_one,
    ] {
        for body in ["eyJ9.a.b.c.d", "", "\x1f\x08\0\0", &"\0".repeat(10 * 1024)] {
            let peer = Peer::answering(with_body("201 Created", headers, body));
            let error = peer.call().await.expect_err("coded");
            let coded = PortErrorKind::Unexpected(UnexpectedResponse::Coding);
            assert_eq!(
                (error.kind(), error.delivery(), error.repeatability()),
                (coded, Delivery::Answered, Repeatability::Never)
            );
        }
    }
    let plain = with_body(
        "201 Created",
        "content-encoding: identity\r\n",
        "eyJ9.a.b.c.d",
    );
    Peer::answering(plain).call().await.expect("credentials");
}

/// Row C23: a correlation id is printable, limited in length, and no card number; otherwise there
/// is none.
#[tokio::test]
async fn c23_a_correlation_id_is_fit_to_be_shown() {
    let long = "7".repeat(10_240);
    let kept = "7".repeat(128);
    for (headers, id) in [
        ("", None),
        ("v-c-correlation-id: 6612345\r\n", Some("6612345")),
        (
            "v-c-correlation-id: 1\r\nv-c-correlation-id: 2\r\n",
            Some("1"),
        ),
        (
            "v-c-correlation-id:\r\nv-c-correlation-id: 2\r\n",
            Some("2"),
        ),
        (&format!("v-c-correlation-id: {long}\r\n"), Some(&*kept)),
        ("v-c-correlation-id: 6\u{202e}1\t2\r\n", Some("612")),
        (
            "v-c-correlation-id: 4111111111111111\r\n",
            Some("4111111111111111"),
        ),
    ] {
        let answer = with_body("201 Created", headers, "eyJ9.a.b.c.d");
        let sealed = Peer::answering(answer).call().await.expect("credentials");
        let head = sealed.head();
        assert_eq!(head.correlation_id().map(CorrelationId::as_str), id);
    }
}

#[tokio::test]
async fn other_successes_have_a_kind_of_their_own() {
    for (headers, body, unexpected) in [
        (
            "content-type: text/html\r\n",
            "<html>4111111111111111</html>",
            UnexpectedResponse::Html,
        ),
        (
            "content-encoding: gzip\r\n",
            "eyJ9.a.b.c.d",
            UnexpectedResponse::Coding,
        ),
        ("", "", UnexpectedResponse::Empty),
        (
            "",
            "{\"tokenizedCard\":{}}",
            UnexpectedResponse::Unencrypted,
        ),
    ] {
        let error = Peer::answering(with_body("201 Created", headers, body))
            .call()
            .await
            .expect_err("unexpected");
        assert_eq!(error.kind(), PortErrorKind::Unexpected(unexpected));
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::Answered, Repeatability::Never)
        );
        assert!(!format!("{error} {error:?}").contains("4111111111111111"));
    }
}

#[tokio::test]
async fn g5_a_success_whose_body_breaks_off_keeps_its_head() {
    let broken = "HTTP/1.1 201 Created\r\nv-c-correlation-id: 77\r\ncontent-length: 900\r\n\r\n{";
    let error = Peer::answering(broken).call().await.expect_err("broken");
    assert_eq!(error.kind(), PortErrorKind::Framing);
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(error.status(), Some(201));
    assert_eq!(error.correlation_id().expect("an id").as_str(), "77");
}

#[tokio::test]
async fn g6_a_refusal_counts_even_when_its_body_breaks_off() {
    let broken = "HTTP/1.1 410 Gone\r\nv-c-correlation-id: 77\r\ncontent-length: 900\r\n\r\n{";
    let error = Peer::answering(broken).call().await.expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Gone));
    assert_eq!(error.correlation_id().expect("an id").as_str(), "77");
}

/// Row C21: the body's limit is exact, and a body without end does not hold up the call.
#[tokio::test]
async fn c21_the_body_has_an_exact_cap() {
    let cap = payment_credentials_core::wire::MAX_RESPONSE_BODY;
    let body = |length| format!("eyJ9.a.b.c.{}", "d".repeat(length - 11));
    // A body at the limit is read, and then rejected because a JWE of the service is smaller.
    let error = Peer::answering(with_body("201 Created", "", &body(cap)))
        .call()
        .await;
    assert_eq!(error.expect_err("refused").kind(), PortErrorKind::Jwe);
    let too_large = PortErrorKind::Unexpected(UnexpectedResponse::TooLarge);
    let over = with_body("201 Created", "", &body(cap + 1));
    let over = Peer::answering(over);

    let endless = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head).await.expect("written");
        // Ends when the client closes the connection.
        while stream.write_all(b"4\r\naaaa\r\n").await.is_ok() {}
    });
    for peer in [over, endless] {
        let error = peer.call().await.expect_err("refused");
        assert_eq!(
            (error.kind(), error.delivery(), error.repeatability()),
            (too_large, Delivery::Answered, Repeatability::Never)
        );
    }
}

/// Row C11: a head that grows without end ends the call.
#[tokio::test]
async fn a_head_is_bounded() {
    let long = format!(
        "HTTP/1.1 201 Created\r\nx: {}\r\n\r\n",
        "x".repeat(1024 * 1024)
    );
    let many = format!("HTTP/1.1 201 Created\r\n{}\r\n", "x: y\r\n".repeat(10_000));
    for head in [long, many] {
        let error = Peer::answering(head).call().await.expect_err("refused");
        assert_eq!(error.kind(), PortErrorKind::Framing);
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_framing_error() {
    for garbage in [
        "garbage\r\n\r\n",
        "HTTP/1.1 2O1 Created\r\n\r\n",
        "HTTP/3.0 201 Created\r\n\r\n",
        "HTTP/1.1 201 Created\r\ncontent-length: -1\r\n\r\neyJ9.a.b.c.d",
        "HTTP/1.1 201 Created\r\ncontent-length: 5, 6\r\n\r\neyJ9.a.b.c.d",
        "HTTP/1.1 201 Created\r\nno colon\r\n\r\n",
        "HTTP/1.1 201 Created\r\na: \0\r\n\r\n",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let error = Peer::answering(garbage).call().await.expect_err("refused");
        assert_eq!(error.kind(), PortErrorKind::Framing, "{garbage}");
        assert_eq!(error.delivery(), Delivery::Unknown, "{garbage}");
    }
}

/// Row C9: a good response that is cut off at any place is an error, and the service may have
/// processed the request.
#[tokio::test]
async fn c9_a_response_cut_after_any_byte_is_never_taken_for_whole() {
    for whole in [GOOD, CHUNKED] {
        Peer::answering(whole).call().await.expect("credentials");
        for cut in 0..whole.len() {
            let peer = Peer::answering(&whole[..cut]);
            let error = peer.call().await.expect_err("cut");
            let expected = match cut {
                0 => PortErrorKind::Reset,
                _ => PortErrorKind::Framing,
            };
            assert_eq!(error.kind(), expected, "after {cut} bytes");
            assert_eq!(
                (error.delivery(), error.repeatability()),
                (Delivery::Unknown, Repeatability::MayRepeat)
            );
        }
    }
}
