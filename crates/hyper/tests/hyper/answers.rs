//! Answers that are odd, hostile or simply not what was asked for.

use payment_credentials_core::{Delivery, PortErrorKind, Refusal, Retry, UnexpectedAnswer};
use tokio::io::AsyncWriteExt;

use crate::peer::{GOOD, Peer, read_request};

fn with_body(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

#[track_caller]
fn same(left: &impl std::fmt::Debug, right: &impl std::fmt::Debug) {
    assert_eq!(format!("{left:?}"), format!("{right:?}"));
}

#[tokio::test]
async fn a_good_answer_is_returned_with_its_ids() {
    let sealed = Peer::answering(GOOD).call().await.expect("credentials");
    assert_eq!(sealed.head().status(), 201);
    let id = sealed.head().correlation_id().expect("an id");
    assert_eq!(id.as_str(), "6612345");
}

#[tokio::test]
async fn one_byte_at_a_time_makes_the_same_answer() {
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
    let chunked = "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n\
        5\r\neyJ9.\r\n7\r\na.b.c.d\r\n0\r\n\r\n";
    Peer::answering(chunked).call().await.expect("credentials");
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let peer = Peer::answering(with_body(
            status,
            "location: http://localhost/other\r\n",
            "",
        ));
        let error = peer.call().await.expect_err("a redirect");
        assert_eq!(
            error.kind(),
            PortErrorKind::Unexpected(UnexpectedAnswer::Redirect)
        );
        assert_eq!(peer.dialled(), 1);
        assert!(
            !format!("{error} {error:?}").contains("/other"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn other_successes_have_a_kind_of_their_own() {
    for (headers, body, unexpected) in [
        (
            "content-type: text/html\r\n",
            "<html>4111111111111111</html>",
            UnexpectedAnswer::Html,
        ),
        (
            "content-encoding: gzip\r\n",
            "eyJ9.a.b.c.d",
            UnexpectedAnswer::Coding,
        ),
        ("", "", UnexpectedAnswer::Empty),
        ("", "{\"tokenizedCard\":{}}", UnexpectedAnswer::Unencrypted),
    ] {
        let error = Peer::answering(with_body("201 Created", headers, body))
            .call()
            .await;
        let error = error.expect_err("unexpected");
        assert_eq!(error.kind(), PortErrorKind::Unexpected(unexpected));
        assert_eq!(
            (error.delivery(), error.retry()),
            (Delivery::Answered, Retry::Never)
        );
        assert!(!format!("{error} {error:?}").contains("4111111111111111"));
    }
}

#[tokio::test]
async fn a_refusal_counts_even_when_its_body_breaks_off() {
    let broken = "HTTP/1.1 410 Gone\r\nv-c-correlation-id: 77\r\ncontent-length: 900\r\n\r\n{";
    let error = Peer::answering(broken).call().await.expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Gone));
    assert_eq!(error.correlation_id().expect("an id").as_str(), "77");
}

#[tokio::test]
async fn the_body_has_an_exact_cap() {
    let cap = payment_credentials_core::wire::MAX_ANSWER_BODY;
    let body = |length| format!("eyJ9.a.b.c.{}", "d".repeat(length - 11));
    // At the cap it is read, and then found not to be a JWE of the service's size.
    let error = Peer::answering(with_body("201 Created", "", &body(cap)))
        .call()
        .await;
    assert_eq!(error.expect_err("refused").kind(), PortErrorKind::Token);
    let too_large = PortErrorKind::Unexpected(UnexpectedAnswer::TooLarge);
    let over = with_body("201 Created", "", &body(cap + 1));
    let error = Peer::answering(over).call().await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (too_large, Delivery::Answered)
    );

    let endless = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head).await.expect("written");
        // Ends when the client hangs up.
        while stream.write_all(b"4\r\naaaa\r\n").await.is_ok() {}
    });
    assert_eq!(endless.call().await.expect_err("refused").kind(), too_large);
}

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

#[tokio::test]
async fn an_answer_cut_after_any_byte_is_never_taken_for_whole() {
    for cut in 0..GOOD.len() {
        let error = Peer::answering(&GOOD[..cut]).call().await.expect_err("cut");
        let expected = match cut {
            0 => PortErrorKind::Reset,
            _ => PortErrorKind::Framing,
        };
        assert_eq!(error.kind(), expected, "after {cut} bytes");
        assert_eq!(
            (error.delivery(), error.retry()),
            (Delivery::Unknown, Retry::MayRepeat)
        );
    }
}
