//! Calls, clients and runtimes that are dropped at any time leave nothing behind.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{Endpoint, Host, Phase, PortErrorKind};
use payment_credentials_hyper::{Dialer, HyperPort, Roots, Socket};
use rustls::version::TLS13;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, sleep, timeout};

use crate::authority::{Asks, Authority};
use crate::crowd::dice;
use crate::peer::{
    GOOD, Peer, Serving, alive_tasks, answer_all, answer_to, call, call_for, check_own,
    read_request, read_until,
};

/// Polls a call this many times, each time after it was woken, and then drops it. Returns the
/// result, if there was one.
async fn drop_after<F: Future>(polls: usize, call: F) -> Option<F::Output> {
    let mut call = pin!(call);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        let polled = call.as_mut().poll(cx).map(Some);
        if left == 0 && polled.is_pending() {
            return Poll::Ready(None);
        }
        polled
    })
    .await
}

/// A service that reads and writes in pieces, with pauses in between.
#[derive(Clone, Debug, Default)]
struct Halting {
    seed: usize,
    serving: Serving,
    received: Arc<AtomicUsize>,
}

impl Halting {
    async fn serve(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let _served = self.serving.enter();
        for turn in 0.. {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n{}") {
                let Ok(byte) = stream.read_u8().await else {
                    return;
                };
                request.push(byte);
                self.received.fetch_add(1, Ordering::SeqCst);
                self.pause(turn + request.len()).await;
            }
            for (nth, byte) in answer_to(request).into_bytes().into_iter().enumerate() {
                self.pause(turn * 31 + nth).await;
                if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for a millisecond, or not at all.
    async fn pause(&self, place: usize) {
        if dice(self.seed, place).is_multiple_of(3) {
            sleep(Duration::from_millis(1)).await;
        }
    }

    fn received(&self) -> usize {
        self.received.load(Ordering::SeqCst)
    }

    /// Checks that nothing of a dropped call is left, and that the next call receives its own
    /// response.
    async fn check(&self, port: &HyperPort, id: &str) {
        sleep(Duration::from_secs(1)).await;
        let idle = self.serving.count();
        assert!(idle <= 1, "{id} left {idle} connections");
        // The peer's listener, the pool's cleanup task, and the peer's end of an idle connection.
        let alive = alive_tasks();
        assert!(alive <= 2 + idle, "{id} left {alive} tasks");
        let token_id = format!("{id}next");
        let sealed = call_for(port, &token_id).await.expect("credentials");
        check_own(&sealed, &token_id);
    }
}

/// A dialer that needs a moment to connect.
#[derive(Debug)]
struct Unhurried(Arc<dyn Dialer>);

#[async_trait]
impl Dialer for Unhurried {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        sleep(Duration::from_millis(3)).await;
        let socket = self.0.dial(host, port).await;
        sleep(Duration::from_millis(3)).await;
        socket
    }
}

/// Row E11: calls that are dropped after one poll, two polls and so on, over new and kept
/// connections.
#[tokio::test(start_paused = true)]
async fn e11_a_call_that_is_dropped_at_any_await_point_leaves_nothing_behind() {
    let authority = Authority::new("payments root");
    let acceptor = authority.server("payments.example", Asks::Never, &TLS13);
    for seed in 0..32 {
        let service = Halting {
            seed,
            ..Halting::default()
        };
        // A pipe that can't hold the 6 bytes of a ChangeCipherSpec blocks both ends of a handshake.
        let buffer = [16, 64, 1024, 64 * 1024][seed % 4];
        let is_encrypted = seed % 8 < 4;
        let peer = Peer::with_buffer(buffer, {
            let (service, acceptor) = (service.clone(), acceptor.clone());
            move |_, stream| {
                let (service, acceptor) = (service.clone(), acceptor.clone());
                async move {
                    if !is_encrypted {
                        return service.serve(stream).await;
                    }
                    if let Ok(stream) = acceptor.accept(stream).await {
                        service.serve(stream).await;
                    }
                }
            }
        });
        let base = ["http://localhost", "https://payments.example"][usize::from(is_encrypted)];
        let port = peer
            .builder_at(base)
            .extra_root(authority.root())
            .dialer(Arc::new(Unhurried(peer.dialer())))
            .max_idle_connections(seed / 8 % 2)
            .build()
            .expect("a port");
        let mut polls = 0;
        loop {
            let token_id = format!("s{seed}p{polls}");
            let ended = drop_after(polls, call_for(&port, &token_id)).await;
            service.check(&port, &token_id).await;
            if let Some(ended) = ended {
                check_own(&ended.expect("credentials"), &token_id);
                break;
            }
            polls += 1;
        }
        assert!(polls > 3, "seed {seed} has {polls} await points only");
        drop((port, peer));
        sleep(Duration::from_secs(1)).await;
        assert_eq!((service.serving.count(), alive_tasks()), (0, 0));
    }
}

/// Rows E11, E12 and E14: the caller's own timeout ends our call at any instant. Bytes that were
/// not sent by then are never sent, except for the one byte that the pipe holds.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_at_any_time_sends_nothing_later() {
    let service = Halting::default();
    let peer = Peer::with_buffer(1, {
        let service = service.clone();
        move |_, stream| {
            let service = service.clone();
            async move { service.serve(stream).await }
        }
    });
    let port = peer.builder().dialer(Arc::new(Unhurried(peer.dialer())));
    let port = port.max_idle_connections(0).build().expect("a port");
    let mut drops = 0;
    for milliseconds in 0.. {
        let token_id = format!("t{milliseconds}");
        let patience = Duration::from_millis(milliseconds);
        let ended = timeout(patience, call_for(&port, &token_id)).await;
        let sent = service.received();
        sleep(Duration::from_secs(1)).await;
        assert!(service.received() <= sent + 1, "{token_id} went on");
        service.check(&port, &token_id).await;
        if ended.is_ok() {
            break;
        }
        drops += 1;
    }
    assert!(drops > 50, "{drops}");
}

/// Row E14: our deadline passes before the caller's own timeout.
#[tokio::test(start_paused = true)]
async fn a_callers_longer_patience_gets_the_deadline_as_an_error() {
    let peer = Peer::new(|_, mut stream| async move {
        read_until(&mut stream, b"no end").await;
    });
    let port = peer.builder().call_deadline(Duration::from_secs(3));
    let port = port.build().expect("a port");
    let start = Instant::now();
    let ended = timeout(Duration::from_secs(4), call(&port)).await;
    let error = ended.expect("ours is first").expect_err("late");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Headers)
    );
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}

const IN_FLIGHT: usize = 100;

/// Row E13: calls that hold the client continue to their own end, and then the client is gone.
#[tokio::test(start_paused = true)]
async fn e13_a_client_that_is_dropped_ends_with_its_calls() {
    let serving = Serving::default();
    let peer = Peer::new({
        let serving = serving.clone();
        move |nth, mut stream| {
            let served = serving.enter();
            async move {
                if nth % 2 == 0 {
                    read_request(&mut stream).await;
                    sleep(Duration::from_secs(1)).await;
                    stream.write_all(GOOD.as_bytes()).await.expect("written");
                }
                read_until(&mut stream, b"no end").await;
                drop(served);
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    let mut calls = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let port = port.clone();
        calls.spawn(async move { call(&port).await.map_err(|error| error.kind()).err() });
    }
    sleep(Duration::from_millis(500)).await;
    assert_eq!(serving.count(), IN_FLIGHT);
    drop((port, peer));
    let mut ended = calls.join_all().await;
    ended.sort_unstable_by_key(Option::is_some);
    let (answered, late) = ended.split_at(IN_FLIGHT / 2);
    assert!(answered.iter().all(Option::is_none));
    assert!(
        late.iter()
            .all(|kind| *kind == Some(PortErrorKind::Deadline))
    );
    sleep(Duration::from_secs(1)).await;
    assert_eq!((serving.count(), alive_tasks()), (0, 0));
}

/// Row E13: calls that are dropped together with their client.
#[tokio::test(start_paused = true)]
async fn calls_that_are_dropped_with_their_client_are_gone_at_once() {
    let serving = Serving::default();
    let peer = Peer::new({
        let serving = serving.clone();
        move |_, mut stream| {
            let served = serving.enter();
            async move {
                read_until(&mut stream, b"no end").await;
                drop(served);
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    let mut calls = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let port = port.clone();
        calls.spawn(async move { call(&port).await.is_ok() });
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(serving.count(), IN_FLIGHT);
    drop((port, peer, calls));
    sleep(Duration::from_secs(1)).await;
    assert_eq!((serving.count(), alive_tasks()), (0, 0));
}

/// Ends a test that hangs.
const HANGING: Duration = Duration::from_secs(60);

fn runtime(builder: &mut Builder) -> Runtime {
    builder.enable_time().build().expect("a runtime")
}

/// Row E13: a runtime that ends also ends its calls and connections, and the client still works on
/// another runtime.
#[test]
fn a_client_outlives_the_runtime_that_its_calls_ran_on() {
    let (told, ends) = mpsc::channel();
    let service = runtime(Builder::new_multi_thread().worker_threads(1));
    let asked = Arc::new(Semaphore::new(0));
    let peer = service.block_on(async {
        let asked = Arc::clone(&asked);
        Peer::new(move |nth, mut stream| {
            let (asked, told) = (Arc::clone(&asked), told.clone());
            async move {
                if nth > IN_FLIGHT {
                    answer_all(stream).await;
                } else {
                    if nth == 0 {
                        read_request(&mut stream).await;
                        stream.write_all(GOOD.as_bytes()).await.expect("written");
                    }
                    read_request(&mut stream).await;
                    asked.add_permits(1);
                    read_until(&mut stream, b"no end").await;
                }
                told.send(()).expect("the test waits");
            }
        })
    });
    let port = peer.builder().build().expect("a port");
    let mut calls = JoinSet::new();
    let first = runtime(&mut Builder::new_current_thread());
    first.block_on(async {
        call(&port).await.expect("credentials");
        // One of the calls takes the kept connection.
        for _ in 0..=IN_FLIGHT {
            let port = port.clone();
            calls.spawn(async move { call(&port).await.is_ok() });
        }
        let all = u32::try_from(IN_FLIGHT + 1).expect("a number");
        drop(asked.acquire_many(all).await.expect("asked"));
    });
    drop(first);
    for _ in 0..=IN_FLIGHT {
        ends.recv_timeout(HANGING).expect("each connection ends");
    }
    let second = runtime(&mut Builder::new_current_thread());
    let sealed = second.block_on(call(&port));
    sealed.expect("credentials on another runtime");
    drop((port, calls, second));
    ends.recv_timeout(HANGING).expect("the last one ends");
}

/// Row E13: while a runtime is not run, its connections carry no bytes, and calls on other runtimes
/// don't use them.
#[test]
fn a_connection_of_a_runtime_that_stands_still_holds_up_no_call() {
    let service = runtime(Builder::new_multi_thread().worker_threads(1));
    let peer = service.block_on(async { Peer::new(|_, stream| answer_all(stream)) });
    let port = peer.builder().build().expect("a port");
    let [still, other] = [(); 2].map(|()| runtime(&mut Builder::new_current_thread()));
    for (runtime, dialled) in [(&still, 1), (&other, 2), (&still, 2), (&other, 2)] {
        let called = runtime.block_on(async {
            let called = call(&port).await;
            // The connection's task has work left.
            yield_now().await;
            called
        });
        called.expect("credentials");
        assert_eq!(peer.dialled(), dialled);
    }
}

/// Row E13: a connection that was kept on a runtime that has ended is not used again. A connection
/// that is kept on the next runtime is closed at its limit.
#[test]
fn a_pool_that_outlives_its_runtime_still_closes_what_gets_old() {
    let dialer = Arc::<Switched>::default();
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::Bundled)
        .dialer(Arc::clone(&dialer) as _)
        .build()
        .expect("a port");
    for _ in 0..3 {
        let serving = Serving::default();
        runtime(Builder::new_current_thread().start_paused(true)).block_on(async {
            let peer = Peer::new({
                let serving = serving.clone();
                move |_, stream| {
                    let served = serving.enter();
                    async move {
                        answer_all(stream).await;
                        drop(served);
                    }
                }
            });
            *dialer.0.lock().expect("unpoisoned") = Some(peer.dialer());
            call(&port).await.expect("credentials");
            sleep(Duration::from_secs(44)).await;
            assert_eq!(serving.count(), 1);
            sleep(Duration::from_secs(2)).await;
            assert_eq!(serving.count(), 0);
            call(&port).await.expect("credentials");
            assert_eq!(serving.count(), 1, "one is kept as the runtime ends");
        });
    }
}

/// A dialer that connects to the current peer.
#[derive(Debug, Default)]
struct Switched(Mutex<Option<Arc<dyn Dialer>>>);

#[async_trait]
impl Dialer for Switched {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let dialer = self.0.lock().expect("unpoisoned").clone();
        dialer.expect("a peer").dial(host, port).await
    }
}
