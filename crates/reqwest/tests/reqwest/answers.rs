//! Unusual, hostile and unexpected responses.

use bytes::Bytes;
use http::Response;
use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use payment_credentials_core::{Delivery, Phase, Repeatability, TransportErrorKind};
use tokio::io::AsyncWriteExt;

use crate::peer::{GOOD, Peer, read_request};

fn with_body(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

async fn answer(text: impl AsRef<[u8]>) -> Response<Bytes> {
    let peer = Peer::answering(text).await;
    let answer = peer.call().await.expect("a response");
    assert_eq!(peer.accepted(), 1);
    answer
}

#[tokio::test]
async fn a_response_is_handed_over_as_it_came() {
    let answer = answer(GOOD).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["v-c-correlation-id"], "6612345");
    assert_eq!(
        answer.headers()["content-type"],
        "application/jose;charset=utf-8"
    );
    assert_eq!(answer.body(), "eyJ9.a.b.c.d");
}

#[tokio::test]
async fn one_byte_at_a_time_makes_the_same_response() {
    let peer = Peer::new(|_, mut stream| async move {
        stream.set_nodelay(true).expect("set");
        read_request(&mut stream).await;
        for byte in GOOD.bytes() {
            stream.write_all(&[byte]).await.expect("written");
            tokio::task::yield_now().await;
        }
    });
    let answer = peer.await.call().await.expect("a response");
    assert_eq!(answer.body(), "eyJ9.a.b.c.d");
}

#[tokio::test]
async fn http_1_0_and_chunked_answers_are_fine() {
    let old = answer("HTTP/1.0 200 OK\r\n\r\neyJ9.a.b.c.d").await;
    let chunked = answer(
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n\
        5\r\neyJ9.\r\n7\r\na.b.c.d\r\n0\r\n\r\n",
    );
    assert_eq!(old.body(), chunked.await.body());
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = Peer::answering(GOOD).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = format!("location: http://{}/other\r\n", elsewhere.address());
        let answer = answer(with_body(status, &location, "")).await;
        assert!(answer.status().is_redirection());
        assert!(answer.headers().contains_key("location"));
    }
    assert_eq!(elsewhere.accepted(), 0);
}

#[tokio::test]
async fn nothing_is_decompressed() {
    for coding in ["gzip", "br", "deflate", "zstd"] {
        let headers = format!("content-encoding: {coding}\r\n");
        let answer = answer(with_body("201 Created", &headers, "as it is")).await;
        assert_eq!(answer.headers()["content-encoding"], coding);
        assert_eq!(answer.body(), "as it is");
    }
}

#[tokio::test]
async fn no_refusal_is_asked_for_again() {
    for status in [
        "408 Timeout",
        "421 Misdirected",
        "425 Early",
        "429 Many",
        "503 Later",
    ] {
        let answer = answer(with_body(status, "retry-after: 0\r\n", "{}")).await;
        assert!(!answer.status().is_success());
    }
}

#[tokio::test]
async fn the_body_has_an_exact_cap() {
    let full = answer(with_body("201 Created", "", &"d".repeat(MAX_RESPONSE_BODY)));
    assert_eq!(full.await.body().len(), MAX_RESPONSE_BODY);

    let over = "d".repeat(MAX_RESPONSE_BODY + 1);
    let counted = Peer::answering(with_body("201 Created", "", &over)).await;
    let until_closed = format!("HTTP/1.1 201 Created\r\n\r\n{over}");
    let until_closed = Peer::answering(until_closed).await;
    let endless = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head).await.expect("written");
        // Ends when the client closes the connection.
        while stream.write_all(b"4\r\naaaa\r\n").await.is_ok() {}
    });
    for peer in [counted, until_closed, endless.await] {
        let error = peer.call().await.expect_err("too large");
        assert_eq!(error.kind(), TransportErrorKind::TooLarge);
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::Answered, Repeatability::Never)
        );
    }
}

#[tokio::test]
async fn a_head_is_bounded() {
    let long = format!(
        "HTTP/1.1 201 Created\r\nx: {}\r\n\r\n",
        "x".repeat(1024 * 1024)
    );
    let many = format!("HTTP/1.1 201 Created\r\n{}\r\n", "x: y\r\n".repeat(10_000));
    for head in [long, many] {
        let error = Peer::answering(head)
            .await
            .call()
            .await
            .expect_err("refused");
        assert_eq!(error.kind(), TransportErrorKind::Framing);
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_framing_error() {
    for garbage in [
        "garbage\r\n\r\n",
        "HTTP/1.1 2O1 Created\r\n\r\n",
        "HTTP/1.1 201 Created\r\ncontent-length: -1\r\n\r\neyJ9.a.b.c.d",
        "HTTP/1.1 201 Created\r\ncontent-length: 5, 6\r\n\r\neyJ9.a.b.c.d",
        "HTTP/1.1 201 Created\r\nno colon\r\n\r\n",
        "HTTP/1.1 201 Created\r\na: \0\r\n\r\n",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let error = Peer::answering(garbage)
            .await
            .call()
            .await
            .expect_err("refused");
        assert_eq!(error.kind(), TransportErrorKind::Framing, "{garbage}");
        assert_eq!(error.delivery(), Delivery::Unknown, "{garbage}");
    }
}

/// HTTP reads such a body until its connection closes, so a body that is cut off would look
/// complete.
#[tokio::test]
async fn a_transfer_coding_is_chunked_or_none() {
    for coding in [
        "identity",
        "xchunked",
        "gzip",
        "chunked, gzip",
        "gzip, chunked",
        "chunked\r\ntransfer-encoding: chunked",
    ] {
        let head = format!("HTTP/1.1 201 Created\r\ntransfer-encoding: {coding}\r\n\r\n");
        for body in ["eyJ9.a.b.c.d", "c\r\neyJ9.a.b.c.d\r\n0\r\n\r\n", ""] {
            let peer = Peer::answering(format!("{head}{body}")).await;
            let error = peer.call().await.expect_err("refused");
            assert_eq!(error.kind(), TransportErrorKind::Framing, "{coding}");
            assert_eq!(error.delivery(), Delivery::Unknown, "{coding}");
        }
    }
}

#[tokio::test]
async fn switching_protocols_is_no_response() {
    let peer = Peer::answering("HTTP/1.1 101 Switching Protocols\r\n\r\n").await;
    let error = peer.call().await.expect_err("refused");
    assert_eq!(error.kind(), TransportErrorKind::Framing);
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Unknown, Repeatability::Never)
    );
}

#[tokio::test]
async fn a_response_cut_after_any_byte_is_never_taken_for_whole() {
    let head = GOOD.find("eyJ9").expect("a body");
    for cut in 0..GOOD.len() {
        let peer = Peer::answering(&GOOD[..cut]).await;
        let error = peer.call().await.expect_err("cut");
        let expected = if cut < head {
            (TransportErrorKind::Reset, Phase::Transport)
        } else {
            (TransportErrorKind::Framing, Phase::Body)
        };
        assert_eq!((error.kind(), error.phase()), expected, "after {cut} bytes");
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::Unknown, Repeatability::MayRepeat)
        );
        assert_eq!(peer.accepted(), 1);
    }
}
