//! Connections are shared, and are never used again after a fault.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use payment_credentials_core::Delivery;
use payment_credentials_core::seam::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};

use crate::peer::{GOOD, Peer, answer_all, builder, detour, keeping, read_request, transport};

#[tokio::test]
async fn calls_share_a_connection() {
    let peer = Peer::new(|_, stream| answer_all(stream)).await;
    let transport = keeping();
    for _ in 0..3 {
        transport.send(peer.outgoing()).await.expect("a response");
        transport
            .clone()
            .send(peer.outgoing())
            .await
            .expect("a response");
    }
    assert_eq!(peer.accepted(), 1);
}

#[tokio::test]
async fn no_connection_is_kept_unless_one_asks_for_it() {
    let peer = Peer::new(|_, stream| answer_all(stream)).await;
    let transport = transport();
    for _ in 0..2 {
        transport.send(peer.outgoing()).await.expect("a response");
    }
    assert_eq!(peer.accepted(), 2);
}

#[tokio::test]
async fn an_idle_connection_is_closed_at_its_limit() {
    let (ended, mut ends) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, stream| {
        let ended = ended.clone();
        async move {
            answer_all(stream).await;
            ended.send(()).expect("sent");
        }
    })
    .await;
    let limit = Duration::from_millis(10);
    let transport = builder().keep_unexamined_connections(1).idle_timeout(limit);
    let transport = transport.build().expect("a transport");
    transport.send(peer.outgoing()).await.expect("a response");
    ends.recv()
        .await
        .expect("it ends while the transport lives");
    transport.send(peer.outgoing()).await.expect("a response");
    assert_eq!(peer.accepted(), 2);
}

#[tokio::test]
async fn endless_limits_do_not_overflow() {
    let peer = Peer::new(|_, stream| answer_all(stream)).await;
    let transport = builder()
        .connect_and_tls_deadline(Duration::MAX)
        .exchange_deadline(Duration::MAX)
        .keep_unexamined_connections(usize::MAX)
        .idle_timeout(Duration::MAX)
        .build()
        .expect("a transport");
    for _ in 0..2 {
        transport.send(peer.outgoing()).await.expect("a response");
    }
    assert_eq!(peer.accepted(), 1);
}

#[tokio::test]
async fn a_request_is_sent_once_even_if_its_connection_closes() {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let peer = Peer::new(move |_, mut stream| {
        let counter = Arc::clone(&counter);
        async move {
            // The response promises to keep the connection open, and then the peer closes it.
            if read_request(&mut stream).await.is_some() {
                counter.fetch_add(1, Ordering::SeqCst);
                stream.write_all(GOOD.as_bytes()).await.expect("written");
            }
        }
    })
    .await;
    let transport = keeping();
    for calls in 1..=50 {
        // Whether the client notices the close in time depends on the network; the error never
        // claims `NotSent`.
        if let Err(error) = transport.send(peer.outgoing()).await {
            assert_eq!(error.delivery(), Delivery::Unknown);
        }
        assert!(read.load(Ordering::SeqCst) <= calls);
    }
}

#[tokio::test]
async fn a_connection_that_leads_elsewhere_carries_nothing_else() {
    let near = Peer::new(|_, stream| answer_all(stream)).await;
    let far = Peer::new(|_, stream| answer_all(stream)).await;
    let transport = keeping();
    for _ in 0..2 {
        transport.send(near.outgoing()).await.expect("a response");
        let elsewhere = detour(&format!("http://{}", near.address()), far.address());
        transport.send(elsewhere).await.expect("a response");
    }
    assert_eq!((near.accepted(), far.accepted()), (1, 1));
}

#[tokio::test]
async fn the_host_stays_when_the_connection_leads_elsewhere() {
    let (heard, mut requests) = mpsc::unbounded_channel();
    let peer = Peer::new(move |_, mut stream| {
        let heard = heard.clone();
        async move {
            heard.send(read_request(&mut stream).await).expect("sent");
            stream.write_all(GOOD.as_bytes()).await.expect("written");
        }
    });
    let elsewhere = detour("http://localhost:1", peer.await.address());
    transport().send(elsewhere).await.expect("a response");
    let request = requests.recv().await.flatten().expect("a request");
    let (line, rest) = request.split_once("\r\n").expect("a line");
    assert_eq!(
        line,
        "POST /tms/v3/tokens/7010000000016241111/payment-credentials HTTP/1.1"
    );
    let mut names: Vec<_> = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect();
    names.sort_unstable();
    assert!(names.contains(&("host", "localhost:1")), "{names:?}");
    let names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
    let expected = [
        "accept",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_second_response_at_once_never_reaches_another_call_over_kept_connections() {
    let peer = Peer::new(|nth, mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            let twice = GOOD.replace("6612345", &nth.to_string()).repeat(2);
            if stream.write_all(twice.as_bytes()).await.is_err() {
                return;
            }
        }
    })
    .await;
    let transport = keeping();
    for nth in 0..3 {
        let answer = transport.send(peer.outgoing()).await;
        // Surplus bytes may also break the connection during the next call, but they must not be its
        // response.
        if let Ok(answer) = answer {
            let id = &answer.headers()["v-c-correlation-id"];
            assert_eq!(id, (peer.accepted() - 1).to_string().as_str(), "call {nth}");
        }
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
    })
    .await;
    let transport = keeping();
    transport.send(peer.outgoing()).await.expect_err("garbage");
    ends.recv()
        .await
        .expect("it ends while the transport lives");
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
    })
    .await;
    let transport = keeping();
    tokio::select! {
        _ = transport.send(peer.outgoing()) => panic!("no response is sent"),
        () = reached.notified() => {}
    }
    ends.recv()
        .await
        .expect("it ends while the transport lives");
    transport
        .send(peer.outgoing())
        .await
        .expect("a response over another connection");
    assert_eq!(peer.accepted(), 2);
}
