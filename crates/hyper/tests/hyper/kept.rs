//! Kept connections: what they must never carry from one call to the next, and how they end.

use std::future::pending;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{Delivery, Host, Phase, PortErrorKind, Repeatability};
use payment_credentials_hyper::{Arrived, Dialer, Socket};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::{Mutex, Notify};
use tokio::time::advance;

use crate::peer::{GOOD, Peer, answer_all, call, read_request, read_until};

/// Lets the client's tasks notice what happened on their connections.
async fn settle() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

/// Row C13: a response that arrives while its request is still being written counts.
#[tokio::test]
async fn c13_an_early_response_counts_though_the_request_was_not_read() {
    for (status, body) in [(401, ""), (401, "{}"), (413, ""), (413, "too large")] {
        for reads in [1, 100] {
            let peer = Peer::with_buffer(64, move |_, mut stream| async move {
                let mut part = vec![0; reads];
                stream.read_exact(&mut part).await.expect("a part");
                let length = body.len();
                let head = format!("HTTP/1.1 {status} No\r\ncontent-length: {length}\r\n\r\n");
                stream.write_all(head.as_bytes()).await.expect("written");
                stream.write_all(body.as_bytes()).await.expect("written");
            });
            let error = peer.call().await.expect_err("refused");
            assert_eq!(error.status(), Some(status));
            // Any intermediary can send a 413 without ids.
            let delivery = if status == 401 {
                Delivery::Answered
            } else {
                Delivery::Unknown
            };
            assert_eq!(error.delivery(), delivery);
        }
    }
}

/// Row C14: unsolicited bytes make a connection unusable, whenever they arrive.
#[tokio::test]
async fn c14_a_stray_response_reaches_no_call() {
    let stray = GOOD.replace("6612345", "666");
    // Directly after the response, a little later, and before the first request.
    for (when, dialled) in [("at once", 3), ("idle", 3)] {
        let stray = stray.clone();
        let speak = Arc::new(Notify::new());
        let cue = Arc::clone(&speak);
        let peer = Peer::new(move |nth, mut stream| {
            let (stray, cue) = (stray.clone(), Arc::clone(&cue));
            async move {
                if nth > 0 {
                    return answer_all(stream).await;
                }
                read_request(&mut stream).await;
                stream.write_all(GOOD.as_bytes()).await.expect("written");
                if when == "idle" {
                    cue.notified().await;
                }
                stream.write_all(stray.as_bytes()).await.expect("written");
                pending::<()>().await;
            }
        });
        let port = peer.builder().build().expect("a port");
        for _ in 0..3 {
            let sealed = call(&port).await.expect("credentials");
            let id = sealed.head().correlation_id().expect("an id");
            assert_eq!(id.as_str(), "6612345", "{when}");
            speak.notify_one();
            settle().await;
        }
        assert_eq!(peer.dialled(), dialled, "{when}");
    }
}

/// Row C14: a response that arrives before the request doesn't belong to the request.
#[tokio::test]
async fn a_service_that_speaks_first_is_not_believed() {
    for first in [
        GOOD,
        "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n",
    ] {
        let peer = Peer::new(move |_, mut stream| async move {
            stream.write_all(first.as_bytes()).await.expect("written");
            pending::<()>().await;
        });
        let port = peer.builder().dialer(Arc::new(Slow(peer.dialer())));
        let error = call(&port.build().expect("a port"))
            .await
            .expect_err("spoke first");
        assert_eq!(
            (error.kind(), error.delivery(), error.repeatability()),
            (PortErrorKind::Reset, Delivery::NotSent, Repeatability::Safe)
        );
    }
}

/// Returns a connection only after its peer has had time to write.
#[derive(Debug)]
struct Slow(Arc<dyn Dialer>);

#[async_trait]
impl Dialer for Slow {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let socket = self.0.dial(host, port).await?;
        settle().await;
        Ok(socket)
    }
}

/// A connection that breaks when more than this many bytes are written.
struct Breaks {
    inner: Box<dyn Socket>,
    left: Arc<AtomicUsize>,
}

impl Socket for Breaks {
    fn arrived(&mut self) -> Arrived {
        self.inner.arrived()
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read_now(buf)
    }
}

impl AsyncRead for Breaks {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Breaks {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let (part, _) = buf.split_at(buf.len().min(left));
        let written = Pin::new(&mut self.inner).poll_write(cx, part);
        if let Poll::Ready(Ok(taken)) = &written {
            self.left.fetch_sub(*taken, Ordering::SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[derive(Debug)]
struct Breaking {
    inner: Arc<dyn Dialer>,
    left: Arc<AtomicUsize>,
}

#[async_trait]
impl Dialer for Breaking {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let inner = self.inner.dial(host, port).await?;
        let left = Arc::clone(&self.left);
        Ok(Box::new(Breaks { inner, left }))
    }
}

/// Row C15: how much of the next request a kept connection accepted decides whether the request may
/// be repeated.
#[tokio::test]
async fn c15_a_kept_connection_that_breaks_under_a_request_tells_whether_it_took_any() {
    for (takes, delivery, retry, dialled) in [
        // If a connection accepted nothing, a second attempt on a fresh one is safe; here that one
        // accepts nothing either.
        (0, Delivery::NotSent, Repeatability::Safe, 2),
        (1, Delivery::Unknown, Repeatability::MayRepeat, 1),
        (100, Delivery::Unknown, Repeatability::MayRepeat, 1),
    ] {
        let peer = Peer::new(|_, stream| answer_all(stream));
        let left = Arc::new(AtomicUsize::new(usize::MAX));
        let dialer = Breaking {
            inner: peer.dialer(),
            left: Arc::clone(&left),
        };
        let port = peer.builder().dialer(Arc::new(dialer));
        let port = port.build().expect("a port");
        call(&port).await.expect("credentials");
        left.store(takes, Ordering::SeqCst);
        let error = call(&port).await.expect_err("broken");
        assert_eq!(error.kind(), PortErrorKind::Reset, "{takes}");
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (delivery, retry),
            "{takes}"
        );
        left.store(usize::MAX, Ordering::SeqCst);
        call(&port)
            .await
            .expect("credentials over another connection");
        assert_eq!(peer.dialled(), dialled + 1, "{takes}");
    }
}

/// Row C15: the peer closes a kept connection just as the request arrives.
#[tokio::test]
async fn a_kept_connection_that_closes_on_a_request_leaves_the_outcome_open() {
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(GOOD.as_bytes()).await.expect("written");
        read_request(&mut stream).await;
    });
    let port = peer.builder().build().expect("a port");
    call(&port).await.expect("credentials");
    let error = call(&port).await.expect_err("closed");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Reset, Phase::Headers)
    );
    assert_eq!(error.delivery(), Delivery::Unknown);
}

/// Row C16: the call that finds a kept connection silent closes it.
#[tokio::test(start_paused = true)]
async fn c16_a_kept_connection_that_goes_silent_is_not_used_again() {
    let peer = Peer::new(|nth, mut stream| async move {
        if nth > 0 {
            return answer_all(stream).await;
        }
        read_request(&mut stream).await;
        stream.write_all(GOOD.as_bytes()).await.expect("written");
        pending::<()>().await;
    });
    let port = peer.builder().build().expect("a port");
    call(&port).await.expect("credentials");
    let error = call(&port).await.expect_err("silent");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Headers)
    );
    call(&port)
        .await
        .expect("credentials over another connection");
    assert_eq!(peer.dialled(), 2);
}

/// Row C22: nothing that a response asks the client to remember is remembered.
#[tokio::test]
async fn c22_a_response_leaves_no_trace_in_the_next_request() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let peer = Peer::new(move |_, mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            let sticky = GOOD.replacen(
                "\r\n",
                "\r\nset-cookie: a=1; path=/\r\nstrict-transport-security: max-age=9\r\n\
                 alt-svc: h2=\":444\"\r\nlink: </b>; rel=preload\r\nrefresh: 0; url=/c\r\n\
                 accept-ch: dpr\r\nlocation: /d\r\n",
                1,
            );
            while let Some(head) = read_until(&mut stream, b"\r\n\r\n{}").await {
                seen.lock().await.push(head);
                stream.write_all(sticky.as_bytes()).await.expect("written");
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    for _ in 0..3 {
        call(&port).await.expect("credentials");
        settle().await;
    }
    let heads = heads.lock().await;
    assert_eq!((heads.len(), peer.dialled()), (3, 1));
    assert!(heads.iter().all(|head| *head == heads[0]));
}

/// Rows D10 and E19: however long the process was suspended, no old connection is used.
#[tokio::test(start_paused = true)]
async fn after_a_long_sleep_a_call_dials_anew() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let port = peer.builder().build().expect("a port");
    call(&port).await.expect("credentials");
    advance(Duration::from_secs(3_600)).await;
    call(&port).await.expect("credentials");
    assert_eq!(peer.dialled(), 2);
}

/// Row E19: a clock that stands still while the process is suspended doesn't reveal that
/// connections have died. The first call to use such a connection notices that before it sends
/// anything, and takes another.
#[tokio::test]
async fn e19_a_connection_that_died_in_a_sleep_is_found_out_by_its_first_use() {
    let held = Arc::new(Mutex::new(Vec::new()));
    let holding = Arc::clone(&held);
    let peer = Peer::new(move |nth, mut stream| {
        let holding = Arc::clone(&holding);
        async move {
            if nth > 0 {
                return answer_all(stream).await;
            }
            let mut holding = holding.lock().await;
            read_request(&mut stream).await;
            stream.write_all(GOOD.as_bytes()).await.expect("written");
            holding.push(stream);
        }
    });
    let port = peer.builder().build().expect("a port");
    call(&port).await.expect("credentials");
    let mut held = held.lock().await;
    settle().await;
    // The call itself is the first to notice that the connection has ended.
    held.clear();
    call(&port).await.expect("credentials");
    assert_eq!(peer.dialled(), 2);
}

/// Row E21: a response that arrives after the deadline is never delivered to another call.
#[tokio::test(start_paused = true)]
async fn e21_a_late_response_is_not_the_next_call_s() {
    let peer = Peer::new(|nth, mut stream| async move {
        while read_request(&mut stream).await {
            let wait = if nth == 0 { 31 } else { 0 };
            tokio::time::sleep(Duration::from_secs(wait)).await;
            let own = GOOD.replace("6612345", &nth.to_string());
            if stream.write_all(own.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    let error = call(&port).await.expect_err("late");
    assert_eq!(error.kind(), PortErrorKind::Deadline);
    advance(Duration::from_secs(5)).await;
    // By now the response has arrived, and its connection would have been kept.
    settle().await;
    let sealed = call(&port).await.expect("credentials");
    assert_eq!(sealed.head().correlation_id().expect("an id").as_str(), "1");
    assert_eq!(peer.dialled(), 2);
}
