//! Connections that can't be established, break, or are not what they should be.

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use payment_credentials_core::seam::Transport;
use payment_credentials_core::{
    Delivery, Phase, Repeatability, TransportError, TransportErrorKind,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::peer::{GOOD, Peer, SECRET, builder, detour, outgoing, read_request, transport};

#[track_caller]
fn check(
    error: &TransportError,
    fault: TransportErrorKind,
    phase: Phase,
    repeatability: Repeatability,
) {
    let delivery = if matches!(phase, Phase::Connect | Phase::Tls) {
        Delivery::NotSent
    } else {
        Delivery::Unknown
    };
    assert_eq!(
        (
            error.kind(),
            error.phase(),
            error.delivery(),
            error.repeatability()
        ),
        (fault, phase, delivery, repeatability)
    );
}

/// An address on which no process listens.
async fn unused_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    listener.local_addr().expect("an address").to_string()
}

/// Row G19.
#[tokio::test]
async fn g19_a_refused_connection_sent_nothing() {
    let unused_address = unused_address().await;
    let base = format!("http://{unused_address}");
    let error = transport()
        .send(outgoing(&base))
        .await
        .expect_err("refused");
    check(
        &error,
        TransportErrorKind::Connect,
        Phase::Connect,
        Repeatability::Safe,
    );
    let cause = error.source().expect("a cause").to_string();
    let (host, port) = unused_address.split_once(':').expect("host and port");
    assert_eq!(cause, format!("can't connect to {host}, port {port}"));
}

#[tokio::test]
async fn a_close_before_the_response_leaves_the_outcome_open() {
    let hasty = Peer::new(|_, stream| async move { drop(stream) }).await;
    let reader = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
    });
    for peer in [hasty, reader.await] {
        let error = peer.call().await.expect_err("closed");
        check(
            &error,
            TransportErrorKind::Reset,
            Phase::Transport,
            Repeatability::MayRepeat,
        );
        assert_eq!(peer.accepted(), 1);
    }
}

#[tokio::test]
async fn silence_ends_at_the_deadline_and_may_not_be_repeated() {
    let limit = Duration::from_millis(50);
    let transport = builder()
        .exchange_deadline(limit)
        .build()
        .expect("a transport");
    let silent = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.read_u8().await;
    });
    let error = transport
        .send(silent.await.outgoing())
        .await
        .expect_err("late");
    check(
        &error,
        TransportErrorKind::Deadline,
        Phase::Transport,
        Repeatability::Never,
    );

    let stops = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let part = &GOOD.as_bytes()[..GOOD.len() - 3];
        stream.write_all(part).await.expect("written");
        let _ = stream.read_u8().await;
    });
    let outgoing = stops.await.outgoing();
    let attempt = outgoing.attempt().clone();
    let error = transport.send(outgoing).await.expect_err("late");
    check(
        &error,
        TransportErrorKind::Deadline,
        Phase::Body,
        Repeatability::Never,
    );
    assert_eq!(attempt.phase(), Phase::Body);
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own_and_may_be_retried() {
    let silent = Peer::new(|_, mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let limit = Duration::from_millis(50);
    let transport = builder()
        .connect_and_tls_deadline(limit)
        .build()
        .expect("a transport");
    let outgoing = detour("https://example.com", silent.await.address());
    let error = transport.send(outgoing).await.expect_err("late");
    check(
        &error,
        TransportErrorKind::Deadline,
        Phase::Connect,
        Repeatability::Safe,
    );
}

#[tokio::test]
async fn a_peer_that_does_not_speak_tls_gets_no_request() {
    let plain = Peer::new(|_, mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .expect("written");
        let mut hello = Vec::new();
        let _ = stream.read_to_end(&mut hello).await;
        assert!(!hello.windows(4).any(|bytes| bytes == b"POST"));
    });
    let cut = Peer::new(|_, mut stream| async move {
        stream.read_u8().await.expect("a byte");
        stream.shutdown().await.expect("closed for writing");
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    for (peer, retry) in [
        (plain.await, Repeatability::Never),
        (cut.await, Repeatability::Safe),
    ] {
        let outgoing = detour("https://example.com", peer.address());
        let error = transport().send(outgoing).await.expect_err("no TLS");
        check(&error, TransportErrorKind::Tls, Phase::Tls, retry);
    }
}

#[tokio::test]
async fn what_it_cannot_do_it_refuses() {
    let peer = Peer::answering(GOOD).await;
    let elsewhere = detour("https://127.0.0.1:1", peer.address());
    let error = transport().send(elsewhere).await.expect_err("refused");
    check(
        &error,
        TransportErrorKind::Setup,
        Phase::Connect,
        Repeatability::Never,
    );
    let cause = error.source().expect("a cause").to_string();
    assert!(cause.contains("name the host"), "{cause}");
    assert_eq!(peer.accepted(), 0);
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let transport = transport();
    let call = transport.send(outgoing("http://localhost:1"));
    let error = pollster::block_on(call).expect_err("no runtime");
    check(
        &error,
        TransportErrorKind::Setup,
        Phase::Connect,
        Repeatability::Never,
    );
}

#[tokio::test]
async fn no_error_shows_what_was_sent_or_to_which_url() {
    let mut errors = Vec::new();
    let refused = format!("http://{}", unused_address().await);
    let hasty = Peer::new(|_, stream| async move { drop(stream) }).await;
    let garbage = Peer::answering("garbage\r\n\r\n").await;
    let cut = Peer::answering("HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n4").await;
    let bases = [hasty, garbage, cut].map(|peer| format!("http://{}", peer.address()));
    for base in bases.into_iter().chain([refused]) {
        let sent = transport().send(outgoing(&base)).await;
        errors.push(sent.expect_err("an error"));
    }
    assert_eq!(errors.len(), 4);
    for error in errors {
        let mut shown = format!("{error} {error:?} {error:#?}");
        let mut cause = error.source();
        while let Some(error) = cause {
            write!(shown, " {error} {error:?}").expect("a text");
            cause = error.source();
        }
        for secret in [SECRET, "/tms/", "7010000000016241111", "http://"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}
