//! Time limits, with paused time: each limit takes effect at the exact instant, in its own phase.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::request::{AuthenticatedIdentity, RequestBody};
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsRequest, Delivery, Endpoint, Host, PaymentCredentialsPort, Phase, PortError,
    PortErrorKind, Repeatability,
};
use payment_credentials_hyper::{Dialer, HyperPort, Roots, Socket};
use rustls::version::TLS13;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};

use crate::authority::{Asks, Authority};
use crate::peer::{GOOD, Peer, alive_tasks, call, read_request, request};

/// Returns the call's error and how long the call took.
async fn late(port: &HyperPort) -> (PortError, Duration) {
    let start = Instant::now();
    let error = call(port).await.expect_err("late");
    assert_eq!(error.kind(), PortErrorKind::Deadline);
    (error, start.elapsed())
}

#[track_caller]
fn check(error: &PortError, phase: Phase, delivery: Delivery, repeatability: Repeatability) {
    assert_eq!(
        (error.phase(), error.delivery(), error.repeatability()),
        (phase, delivery, repeatability)
    );
}

#[derive(Debug)]
struct NeverConnects;

#[async_trait]
impl Dialer for NeverConnects {
    async fn dial(&self, _host: &Host, _port: u16) -> io::Result<Box<dyn Socket>> {
        pending().await
    }
}

/// Row D8: a resolver or an address that does not respond.
#[tokio::test(start_paused = true)]
async fn connecting_has_a_limit_of_its_own_and_may_be_retried() {
    let peer = Peer::new(|_, _| async {});
    let port = peer
        .builder()
        .dialer(Arc::new(NeverConnects))
        .build()
        .expect("a port");
    let (error, took) = late(&port).await;
    check(
        &error,
        Phase::Connect,
        Delivery::NotSent,
        Repeatability::Safe,
    );
    assert_eq!(took, Duration::from_secs(5));
    assert_eq!(
        error.to_string(),
        "the time for the call ran out while connecting (not sent)"
    );
}

/// Row D4: a peer that sends nothing during the TLS handshake.
#[tokio::test(start_paused = true)]
async fn the_handshake_has_a_limit_of_its_own_and_may_be_retried() {
    let silent = Peer::new(|_, stream| async move {
        pending::<()>().await;
        drop(stream);
    });
    let port = silent
        .builder_at("https://example.com")
        .build()
        .expect("a port");
    let (error, took) = late(&port).await;
    check(&error, Phase::Tls, Delivery::NotSent, Repeatability::Safe);
    assert_eq!(took, Duration::from_secs(5));
}

/// Row E10: a deadline shorter than connecting.
#[tokio::test(start_paused = true)]
async fn e10_a_call_deadline_shorter_than_connecting_is_final() {
    let peer = Peer::new(|_, _| async {});
    let port = peer
        .builder()
        .dialer(Arc::new(NeverConnects))
        .call_deadline(Duration::from_secs(1));
    let (error, took) = late(&port.build().expect("a port")).await;
    check(
        &error,
        Phase::Connect,
        Delivery::NotSent,
        Repeatability::Never,
    );
    assert_eq!(took, Duration::from_secs(1));
}

/// Row E10: a deadline shorter than the handshake.
#[tokio::test(start_paused = true)]
async fn e10_a_call_deadline_shorter_than_the_handshake_is_final() {
    let silent = Peer::new(|_, stream| async move {
        pending::<()>().await;
        drop(stream);
    });
    let port = silent
        .builder_at("https://example.com")
        .call_deadline(Duration::from_secs(1));
    let (error, took) = late(&port.build().expect("a port")).await;
    check(&error, Phase::Tls, Delivery::NotSent, Repeatability::Never);
    assert_eq!(took, Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_holds_the_call_in_writing() {
    let stuck = Peer::with_buffer(16, |_, stream| async move {
        pending::<()>().await;
        drop(stream);
    });
    let (error, took) = late(&stuck.builder().build().expect("a port")).await;
    check(
        &error,
        Phase::Write,
        Delivery::Unknown,
        Repeatability::Never,
    );
    assert_eq!(took, Duration::from_secs(30));
}

/// Rows C16 and E10: a peer that receives a request and sends nothing until the deadline has
/// passed.
#[tokio::test(start_paused = true)]
async fn e10_a_peer_that_never_answers_ends_the_call_at_its_deadline() {
    let silent = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        pending::<()>().await;
    });
    let (error, took) = late(&silent.builder().build().expect("a port")).await;
    check(
        &error,
        Phase::Headers,
        Delivery::Unknown,
        Repeatability::Never,
    );
    assert_eq!(took, Duration::from_secs(30));
}

/// Rows C20 and E10: a peer that sends nothing after the head until the deadline has passed.
#[tokio::test(start_paused = true)]
async fn c20_a_body_that_stops_ends_the_call_at_its_deadline() {
    let stops = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let part = &GOOD.as_bytes()[..GOOD.len() - 3];
        stream.write_all(part).await.expect("written");
        pending::<()>().await;
    });
    let port = stops.builder().call_deadline(Duration::from_secs(3));
    let (error, took) = late(&port.build().expect("a port")).await;
    check(&error, Phase::Body, Delivery::Unknown, Repeatability::Never);
    assert_eq!(took, Duration::from_secs(3));
}

/// A peer that writes this many bytes of a good response at once, and the rest byte by byte.
fn dripping(at_once: usize, pause: Duration) -> Peer {
    Peer::new(move |_, mut stream| async move {
        read_request(&mut stream).await;
        let (start, rest) = GOOD.as_bytes().split_at(at_once);
        stream.write_all(start).await.expect("written");
        for byte in rest {
            sleep(pause).await;
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    })
}

/// Row C20: a body must arrive at one byte per second at least; a slower response ends the call
/// long before its deadline.
#[tokio::test(start_paused = true)]
async fn c20_a_response_that_drips_is_given_up() {
    let head = GOOD.len() - 12;
    for (at_once, pause, phase) in [
        (1, 10, Phase::Headers),
        (1, 1, Phase::Headers),
        (head - 1, 3_600, Phase::Headers),
        (head, 1, Phase::Body),
        (head, 3_600, Phase::Body),
        (GOOD.len() - 1, 10, Phase::Body),
    ] {
        let peer = dripping(at_once, Duration::from_secs(pause));
        let port = peer.builder().call_deadline(Duration::from_secs(3_600));
        let (error, took) = late(&port.build().expect("a port")).await;
        check(&error, phase, Delivery::Unknown, Repeatability::Never);
        assert!(
            took <= Duration::from_secs(10),
            "{at_once}, {pause}: {took:?}"
        );
    }
}

/// Row C20: the limit for the body also holds when the head arrives together with an informational
/// response.
#[tokio::test(start_paused = true)]
async fn a_body_that_stops_behind_an_informational_response_is_given_up() {
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let head = &GOOD.as_bytes()[..GOOD.len() - 12];
        let both = [b"HTTP/1.1 102 Processing\r\n\r\n", head].concat();
        stream.write_all(&both).await.expect("written");
        pending::<()>().await;
    });
    let port = peer.builder().call_deadline(Duration::from_secs(3_600));
    let (error, took) = late(&port.build().expect("a port")).await;
    check(&error, Phase::Body, Delivery::Unknown, Repeatability::Never);
    assert!(took <= Duration::from_secs(10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_response_above_the_floor_is_waited_for() {
    let peer = dripping(1, Duration::from_millis(700));
    let port = peer.builder().call_deadline(Duration::from_secs(3_600));
    call(&port.build().expect("a port"))
        .await
        .expect("credentials");
}

/// A service may be slow before it answers, and an informational response doesn't change that.
#[tokio::test(start_paused = true)]
async fn a_service_that_thinks_is_not_slow() {
    for first in ["", "HTTP/1.1 102 Processing\r\n\r\n"] {
        let peer = Peer::new(move |_, mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(first.as_bytes()).await.expect("written");
            sleep(Duration::from_secs(25)).await;
            stream.write_all(GOOD.as_bytes()).await.expect("written");
        });
        peer.call().await.expect("credentials");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_whose_body_drips_is_still_a_refusal() {
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let head = b"HTTP/1.1 410 Gone\r\ncontent-length: 900\r\n\r\n";
        stream.write_all(head).await.expect("written");
        pending::<()>().await;
    });
    assert_eq!(peer.call().await.expect_err("gone").status(), Some(410));
}

/// Row D4: the limit of the handshake also holds for a handshake that continues without end.
#[tokio::test(start_paused = true)]
async fn a_handshake_that_drips_ends_at_its_limit() {
    let peer = Peer::new(|_, mut stream| async move {
        // A handshake record of the largest possible size.
        for byte in [22, 3, 3, 64, 0].into_iter().chain(std::iter::repeat(0)) {
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
    });
    let port = peer.builder_at("https://example.com");
    let (error, took) = late(&port.build().expect("a port")).await;
    check(&error, Phase::Tls, Delivery::NotSent, Repeatability::Safe);
    assert_eq!(took, Duration::from_secs(5));
}

/// Row B19: a deadline that has almost passed.
#[tokio::test(start_paused = true)]
async fn b19_a_deadline_of_next_to_nothing_sends_nothing() {
    for limit in [0, 1, 999_999].map(Duration::from_nanos) {
        let peer = Peer::answering(GOOD);
        let port = peer.builder().call_deadline(limit);
        let (error, took) = late(&port.build().expect("a port")).await;
        check(
            &error,
            Phase::Start,
            Delivery::NotSent,
            Repeatability::Never,
        );
        assert_eq!((took, peer.dialled()), (Duration::ZERO, 0));
    }
}

/// Row B19: the shortest deadline with which a call still begins.
#[tokio::test(start_paused = true)]
async fn a_deadline_of_a_millisecond_holds() {
    let peer = Peer::new(|_, _| async {});
    let port = peer
        .builder()
        .dialer(Arc::new(NeverConnects))
        .call_deadline(Duration::from_millis(1));
    let (error, _) = late(&port.build().expect("a port")).await;
    check(
        &error,
        Phase::Connect,
        Delivery::NotSent,
        Repeatability::Never,
    );
}

/// Row B19: a deadline that is longer than any clock can represent.
#[tokio::test(start_paused = true)]
async fn b19_an_endless_deadline_does_not_overflow() {
    const YEAR: u64 = 365 * 24 * 60 * 60;
    for limit in [Duration::from_secs(10_000 * YEAR), Duration::MAX] {
        let peer = Peer::answering(GOOD);
        let port = peer
            .builder()
            .call_deadline(limit)
            .connect_deadline(limit)
            .tls_deadline(limit)
            .idle_timeout(limit);
        let port = port.build().expect("a port");
        for _ in 0..2 {
            call(&port).await.expect("credentials");
        }
    }
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let port = port.build().expect("a port");
    let error = pollster::block_on(call(&port)).expect_err("no runtime");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Setup, Delivery::NotSent)
    );
}

/// The largest request: as many proofs as a body of 256 KiB can hold.
fn largest_request() -> CredentialsRequest {
    let proof = AuthenticatedIdentity::default().with_data("x".repeat(17_000));
    let body = RequestBody::default().with_authenticated_identities(vec![proof; 15]);
    request().with_body(body).expect("a request")
}

/// However much of a large request a peer reads before it stops, the call ends by its deadline and
/// reports how much was sent, and its connection is closed.
#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_no_further_in_a_large_request_holds_the_call_no_longer() {
    for (buffer, reads, phase) in [
        (1, 0, Phase::Write),
        (4096, 1, Phase::Write),
        (4096, 200_000, Phase::Write),
        (1024 * 1024, 0, Phase::Headers),
    ] {
        let before = alive_tasks();
        let peer = Peer::with_buffer(buffer, move |_, mut stream| async move {
            let mut part = vec![0; reads];
            stream.read_exact(&mut part).await.expect("a part");
            pending::<()>().await;
            drop(stream);
        });
        let port = peer.builder().build().expect("a port");
        let start = Instant::now();
        let error = port.generate(&largest_request()).await.expect_err("late");
        assert_eq!(error.kind(), PortErrorKind::Deadline);
        check(&error, phase, Delivery::Unknown, Repeatability::Never);
        assert_eq!(start.elapsed(), Duration::from_secs(30));
        drop((port, peer));
        sleep(Duration::from_secs(1)).await;
        // The peer's own task remains, blocked.
        assert_eq!(alive_tasks(), before + 1, "{buffer} {reads}");
    }
}

/// TLS accepts a small request as a whole, long before the network does.
#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_behind_tls_holds_the_call_in_writing() {
    let authority = Authority::new("payments root");
    let acceptor = authority.server("payments.example", Asks::Never, &TLS13);
    let stuck = Peer::with_buffer(64, move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await.expect("a handshake");
            pending::<()>().await;
            drop(stream);
        }
    });
    let port = stuck.builder_at("https://payments.example");
    let port = port.extra_root(authority.root()).build().expect("a port");
    let (error, _) = late(&port).await;
    check(
        &error,
        Phase::Write,
        Delivery::Unknown,
        Repeatability::Never,
    );
}

/// A dialer whose connections can't take another byte.
#[derive(Debug)]
struct Full(Arc<dyn Dialer>);

#[async_trait]
impl Dialer for Full {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let mut socket = self.0.dial(host, port).await?;
        socket.write_all(&[0; 16]).await?;
        Ok(socket)
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_no_byte_of_a_request_sent_nothing() {
    let stuck = Peer::with_buffer(16, |_, stream| async move {
        pending::<()>().await;
        drop(stream);
    });
    let port = stuck.builder().dialer(Arc::new(Full(stuck.dialer())));
    let (error, took) = late(&port.build().expect("a port")).await;
    check(
        &error,
        Phase::Connect,
        Delivery::NotSent,
        Repeatability::Never,
    );
    assert_eq!(took, Duration::from_secs(30));
}
