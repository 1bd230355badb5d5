//! Connections are shared, age out, and are never used again after a fault.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{Endpoint, Gateway, PaymentCredentialsPort, Phase, PortErrorKind};
use payment_credentials_hyper::{HyperTransport, Roots};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, advance};

use crate::peer::{GOOD, Peer, answer_all, call, read_request, request};

#[tokio::test]
async fn calls_share_a_connection() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let port = peer.builder().build().expect("a port");
    for _ in 0..3 {
        call(&port).await.expect("credentials");
        call(&port.clone()).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 1);
}

/// With several threads, a response can arrive before its connection has finished the exchange.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_not_done_yet_is_waited_for() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let port = peer.builder().build().expect("a port");
    for _ in 0..1_000 {
        call(&port).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 1);
}

#[tokio::test]
async fn calls_at_once_have_a_connection_each() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let port = peer.builder().build().expect("a port");
    let (one, two, three) = tokio::join!(call(&port), call(&port), call(&port));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(peer.dialled(), 3);
}

#[tokio::test]
async fn ports_over_one_transport_share_its_pool() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let transport = HyperTransport::builder()
        .roots(Roots::Bundled)
        .dialer(peer.dialer())
        .build()
        .expect("a transport");
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    for _merchant in 0..2 {
        let transport = Arc::new(transport.clone());
        let gateway = Gateway::builder(endpoint.clone(), Arc::new(Unauthenticated));
        let gateway = gateway.build(transport).expect("a gateway");
        gateway.generate(&request()).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 1);
}

/// A connection is only shared by calls to the same scheme, host and port.
#[tokio::test(start_paused = true)]
async fn a_connection_is_used_for_where_it_leads_alone() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let transport = HyperTransport::builder()
        .roots(Roots::Bundled)
        .dialer(peer.dialer())
        .build()
        .expect("a transport");
    let call = async |base: &str, to: Option<&str>| {
        let mut endpoint = Endpoint::custom(base.parse().expect("an address"));
        if let Some(to) = to {
            let to = to.parse().expect("an address");
            endpoint = endpoint.with_connect_to(to).expect("an endpoint");
        }
        let transport = Arc::new(transport.clone());
        let gateway = Gateway::builder(endpoint, Arc::new(Unauthenticated));
        let gateway = gateway.build(transport).expect("a gateway");
        gateway.generate(&request()).await
    };
    for _ in 0..2 {
        for (base, to) in [
            ("http://localhost", None),
            ("http://localhost:81", None),
            ("http://127.0.0.1", None),
            ("http://localhost", Some("127.0.0.1:80")),
            ("http://localhost", Some("127.0.0.1:81")),
        ] {
            call(base, to).await.expect("credentials");
        }
        // The peer doesn't speak TLS, so its plain connection must not be used for an `https` call.
        let error = call("https://localhost:80", None).await;
        assert_eq!(error.expect_err("no TLS").phase(), Phase::Tls);
    }
    assert_eq!(peer.dialled(), 5 + 2);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_passed_over() {
    let peer = Peer::answering(GOOD);
    let port = peer.builder().build().expect("a port");
    for _ in 0..3 {
        call(&port).await.expect("credentials");
        yield_now().await;
    }
    assert_eq!(peer.dialled(), 3);
}

#[tokio::test]
async fn a_connection_that_the_service_wants_closed_is_not_kept() {
    let peer = Peer::new(|_, mut stream| async move {
        let closing = GOOD.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        while read_request(&mut stream).await {
            if stream.write_all(closing.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    for _ in 0..2 {
        call(&port).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 2);
}

/// Row C14: of two responses, the second belongs to no call.
#[tokio::test]
async fn c14_a_second_response_never_reaches_another_call() {
    let peer = Peer::new(|nth, mut stream| async move {
        while read_request(&mut stream).await {
            let twice = GOOD.replace("6612345", &nth.to_string()).repeat(2);
            if stream.write_all(twice.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    for nth in 0..3 {
        let sealed = call(&port).await.expect("credentials");
        let id = sealed.head().correlation_id().expect("an id");
        assert_eq!(id.as_str(), nth.to_string());
        yield_now().await;
    }
}

#[tokio::test]
async fn a_connection_that_saw_a_fault_is_closed() {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, mut stream| {
        let ended = ended.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(b"garbage\r\n\r\n").await.expect("written");
            let _ = stream.read_to_end(&mut Vec::new()).await;
            ended.send(()).expect("sent");
        }
    });
    let port = peer.builder().build().expect("a port");
    assert_eq!(
        call(&port).await.expect_err("garbage").kind(),
        PortErrorKind::Framing
    );
    ends.recv()
        .await
        .expect("the connection ends while the port lives");
}

#[tokio::test]
async fn a_call_that_is_dropped_takes_its_connection_along() {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let reached = Arc::new(Notify::new());
    let asked = Arc::clone(&reached);
    let peer = Peer::new(move |nth, mut stream| {
        let (ended, asked) = (ended.clone(), Arc::clone(&asked));
        async move {
            if nth > 0 {
                return answer_all(stream).await;
            }
            read_request(&mut stream).await;
            asked.notify_one();
            let _ = stream.read_to_end(&mut Vec::new()).await;
            ended.send(()).expect("sent");
        }
    });
    let port = peer.builder().build().expect("a port");
    tokio::select! {
        _ = call(&port) => panic!("no response is sent"),
        () = reached.notified() => {}
    }
    ends.recv()
        .await
        .expect("the connection ends while the port lives");
    call(&port)
        .await
        .expect("credentials over another connection");
    assert_eq!(peer.dialled(), 2);
}

/// Row C16: an idle connection is closed before the vendor's front ends would close it, after about
/// a minute.
#[tokio::test(start_paused = true)]
async fn c16_an_idle_connection_is_closed_at_its_limit() {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, stream| {
        let ended = ended.clone();
        async move {
            answer_all(stream).await;
            ended.send(()).expect("sent");
        }
    });
    let port = peer.builder().build().expect("a port");
    call(&port).await.expect("credentials");
    advance(Duration::from_secs(44)).await;
    call(&port).await.expect("credentials");
    assert_eq!(peer.dialled(), 1);
    let idle_since = Instant::now();
    ends.recv()
        .await
        .expect("the connection ends while the port lives");
    assert_eq!(idle_since.elapsed(), Duration::from_secs(45));
}

/// Row D10: the client follows a name that moves to another address within ten minutes.
#[tokio::test(start_paused = true)]
async fn a_connection_is_not_used_for_longer_than_ten_minutes() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let port = peer.builder().build().expect("a port");
    for _ in 0..21 {
        call(&port).await.expect("credentials");
        advance(Duration::from_secs(30)).await;
    }
    assert_eq!(peer.dialled(), 2);
}

#[tokio::test]
async fn at_most_so_many_connections_stay_idle() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let none = peer
        .builder()
        .max_idle_connections(0)
        .build()
        .expect("a port");
    for _ in 0..2 {
        call(&none).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 2);
    let at_once = peer
        .builder()
        .idle_timeout(Duration::ZERO)
        .build()
        .expect("a port");
    for _ in 0..2 {
        call(&at_once).await.expect("credentials");
    }
    assert_eq!(peer.dialled(), 4);
    let one = peer
        .builder()
        .max_idle_connections(1)
        .build()
        .expect("a port");
    let (left, right) = tokio::join!(call(&one), call(&one));
    assert!(left.is_ok() && right.is_ok());
    let (left, right) = tokio::join!(call(&one), call(&one));
    assert!(left.is_ok() && right.is_ok());
    assert_eq!(peer.dialled(), 4 + 2 + 1);
}

/// Row C14: a connection that has ended does not take another connection's place in the pool.
#[tokio::test]
async fn a_connection_that_ends_makes_no_other_make_room() {
    let peer = Peer::new(|nth, mut stream| async move {
        if nth != 1 {
            return answer_all(stream).await;
        }
        read_request(&mut stream).await;
        // This connection ends later than the others.
        for _ in 0..16 {
            yield_now().await;
        }
        let closing = GOOD.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(closing.as_bytes()).await.expect("written");
    });
    let port = peer
        .builder()
        .max_idle_connections(1)
        .build()
        .expect("a port");
    let (kept, ended) = tokio::join!(call(&port), call(&port));
    assert!(kept.is_ok() && ended.is_ok());
    call(&port).await.expect("credentials");
    assert_eq!(peer.dialled(), 2);
}

#[tokio::test]
async fn dropping_the_port_closes_its_connections() {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, stream| {
        let ended = ended.clone();
        async move {
            answer_all(stream).await;
            ended.send(()).expect("sent");
        }
    });
    let port = peer.builder().build().expect("a port");
    call(&port).await.expect("credentials");
    drop(port);
    ends.recv().await.expect("the connection ends");
}

/// Row C13: a response to half a request counts, and the next call does not wait until the rest of
/// that request has been read.
#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_early_and_reads_no_further_holds_up_no_call() {
    const MANY: usize = 8;
    let refusal = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
    for answer in [GOOD, refusal] {
        let peer = Peer::with_buffer(128, move |nth, mut stream| async move {
            if nth >= MANY {
                return answer_all(stream).await;
            }
            stream.read_u8().await.expect("the request begins");
            stream.write_all(answer.as_bytes()).await.expect("written");
            pending::<()>().await;
        });
        let port = peer.builder().build().expect("a port");
        let mut calls = JoinSet::new();
        for _ in 0..MANY {
            let port = port.clone();
            calls.spawn(async move { call(&port).await.is_ok() });
        }
        assert_eq!(calls.join_all().await, [answer == GOOD; MANY]);
        let start = Instant::now();
        call(&port)
            .await
            .expect("credentials over another connection");
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(peer.dialled(), MANY + 1);
    }
}

/// Row C21: the connection is not reused, although nothing is left to read of the body.
#[tokio::test]
async fn a_refusal_that_says_too_much_costs_its_connection() {
    let cap = payment_credentials_core::wire::MAX_RESPONSE_BODY;
    let peer = Peer::new(move |_, mut stream| async move {
        while read_request(&mut stream).await {
            let head = "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n";
            let body = format!("{cap:x}\r\n{}\r\n1\r\na\r\n0\r\n\r\n", "a".repeat(cap));
            if stream
                .write_all((head.to_owned() + &body).as_bytes())
                .await
                .is_err()
            {
                return;
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    for nth in 1..=3 {
        let error = call(&port).await.expect_err("refused");
        assert_eq!((error.status(), peer.dialled()), (Some(404), nth));
        yield_now().await;
    }
}
