//! Calls that find no kept connection, and the connections that are made, kept and closed for them.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{Delivery, Endpoint, Host, Phase, PortErrorKind, Repeatability};
use payment_credentials_hyper::{Dialer, HyperPort, Roots, Socket};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, sleep, timeout};

use crate::peer::{GOOD, Peer, Serving, alive_tasks, answer_all, call, read_request};
use crate::unsolicited;

/// A dialer that needs a given time to connect, and counts the concurrent attempts.
#[derive(Debug)]
struct Slow {
    inner: Arc<dyn Dialer>,
    /// The time that each dial takes; the last one applies to all later dials.
    takes: Vec<Duration>,
    dialling: Arc<Dialling>,
}

#[derive(Debug, Default)]
struct Dialling {
    begun: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Dialling {
    fn now(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

struct Under(Arc<Dialling>);

impl Drop for Under {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Dialer for Slow {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let nth = self.dialling.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.dialling.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.dialling.most.fetch_max(now, Ordering::SeqCst);
        let _under = Under(Arc::clone(&self.dialling));
        let takes = self.takes.get(nth).or_else(|| self.takes.last());
        sleep(*takes.expect("a time")).await;
        self.inner.dial(host, port).await
    }
}

fn slow(peer: &Peer, takes: &[u64]) -> (Arc<Slow>, Arc<Dialling>) {
    let dialling = Arc::<Dialling>::default();
    let dialer = Arc::new(Slow {
        inner: peer.dialer(),
        takes: takes.iter().copied().map(Duration::from_millis).collect(),
        dialling: Arc::clone(&dialling),
    });
    (dialer, dialling)
}

/// A peer that needs this many milliseconds for each response.
fn thinking(milliseconds: u64) -> Peer {
    Peer::new(move |_, mut stream| async move {
        while read_request(&mut stream).await {
            sleep(Duration::from_millis(milliseconds)).await;
            if stream.write_all(GOOD.as_bytes()).await.is_err() {
                return;
            }
        }
    })
}

async fn took(port: HyperPort) -> Duration {
    let start = Instant::now();
    call(&port).await.expect("credentials");
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_connection_takes_one_that_is_given_back() {
    let peer = thinking(10);
    let (dialer, dialling) = slow(&peer, &[0, 1_000]);
    let port = peer.builder().dialer(dialer).build().expect("a port");
    let first = tokio::spawn(took(port.clone()));
    sleep(Duration::from_millis(5)).await;
    let second = took(port.clone()).await;
    assert_eq!(second, Duration::from_millis(5 + 10));
    first.await.expect("a call");
    // The call's own dial was not needed.
    sleep(Duration::from_millis(1)).await;
    assert_eq!(
        (dialling.now(), dialling.begun(), peer.dialled()),
        (0, 2, 1)
    );
}

/// The connection that is ready second is kept, if its call is still there to receive it.
#[tokio::test(start_paused = true)]
async fn a_call_that_took_the_other_connection_leaves_its_own_to_the_next() {
    let peer = thinking(100);
    let (dialer, dialling) = slow(&peer, &[0, 150]);
    let port = peer.builder().dialer(dialer).build().expect("a port");
    let first = tokio::spawn(took(port.clone()));
    sleep(Duration::from_millis(1)).await;
    took(port.clone()).await;
    first.await.expect("a call");
    let (one, two) = tokio::join!(took(port.clone()), took(port.clone()));
    assert_eq!(
        (one, two),
        (Duration::from_millis(100), Duration::from_millis(100))
    );
    assert_eq!(dialling.begun(), 2);
}

#[tokio::test(start_paused = true)]
async fn connections_are_made_a_few_at_a_time_in_order_of_arrival() {
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(GOOD.as_bytes()).await;
    });
    let (dialer, dialling) = slow(&peer, &[100]);
    let port = peer
        .builder()
        .dialer(dialer)
        .max_handshakes(3)
        .max_idle_connections(0);
    let port = port.build().expect("a port");
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut calls = JoinSet::new();
    for nth in 0..12 {
        let (port, order) = (port.clone(), Arc::clone(&order));
        calls.spawn(async move {
            let took = took(port).await;
            order.lock().expect("unpoisoned").push(nth);
            took
        });
        tokio::task::yield_now().await;
    }
    let mut took = calls.join_all().await;
    took.sort_unstable();
    assert_eq!(dialling.most.load(Ordering::SeqCst), 3);
    assert_eq!(took.last(), Some(&Duration::from_millis(400)));
    let order = order.lock().expect("unpoisoned");
    // Three calls that were made together end in any order.
    let rounds = order.iter().map(|nth| nth / 3);
    assert!(rounds.is_sorted(), "{order:?}");
}

/// The limits of a step begin when its turn comes; until then, only the call's deadline applies.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_turn_has_sent_nothing_and_keeps_to_its_deadline() {
    let peer = Peer::new(|_, _| pending());
    let (dialer, _) = slow(&peer, &[60_000]);
    let port = peer
        .builder()
        .dialer(dialer)
        .max_handshakes(1)
        .call_deadline(Duration::from_secs(12));
    let port = port.build().expect("a port");
    let mut calls = JoinSet::new();
    for _ in 0..3 {
        let port = port.clone();
        calls.spawn(async move {
            let start = Instant::now();
            let error = call(&port).await.expect_err("no connection");
            assert_eq!(
                (error.kind(), error.phase()),
                (PortErrorKind::Deadline, Phase::Connect)
            );
            assert_eq!(error.delivery(), Delivery::NotSent);
            start.elapsed().as_secs()
        });
    }
    let mut took = calls.join_all().await;
    took.sort_unstable();
    assert_eq!(took, [5, 10, 12]);
}

/// A call that ends early leaves its dial to the waiting calls only.
#[tokio::test(start_paused = true)]
async fn a_dial_outlives_its_call_while_another_waits() {
    for another_waits in [true, false] {
        let peer = thinking(0);
        let (dialer, dialling) = slow(&peer, &[300, 100_000]);
        let port = peer.builder().dialer(dialer).build().expect("a port");
        let impatient = tokio::spawn({
            let port = port.clone();
            async move {
                timeout(Duration::from_millis(200), call(&port))
                    .await
                    .is_err()
            }
        });
        sleep(Duration::from_millis(100)).await;
        let other = another_waits.then(|| tokio::spawn(took(port.clone())));
        assert!(impatient.await.expect("a call"));
        if let Some(other) = other {
            assert_eq!(other.await.expect("a call"), Duration::from_millis(200));
        }
        sleep(Duration::from_millis(1)).await;
        assert_eq!(
            (dialling.now(), peer.dialled()),
            (0, usize::from(another_waits))
        );
        drop((port, peer));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(alive_tasks(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn two_bursts_of_a_thousand_open_a_thousand_connections_at_most() {
    let peer = thinking(50);
    let (dialer, dialling) = slow(&peer, &[10]);
    let port = peer.builder().dialer(dialer).max_handshakes(1_000);
    let port = port.build().expect("a port");
    for _ in 0..2 {
        let mut calls = JoinSet::new();
        for _ in 0..1_000 {
            calls.spawn(took(port.clone()));
        }
        calls.join_all().await;
        sleep(Duration::from_secs(30)).await;
    }
    assert!(dialling.begun() <= 1_001, "{}", dialling.begun());
}

/// Row 15 of the pool's pitfalls: the newest connection is used, so that the others age out.
#[tokio::test(start_paused = true)]
async fn what_a_lull_leaves_unused_ages_out_though_calls_go_on() {
    let serving = Serving::default();
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
    let port = peer.builder().build().expect("a port");
    let (one, two, three) = tokio::join!(call(&port), call(&port), call(&port));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    for _ in 0..5 {
        sleep(Duration::from_secs(10)).await;
        call(&port).await.expect("credentials");
    }
    assert_eq!((serving.count(), peer.dialled()), (1, 3));
}

/// Row 16: if too many connections are kept, the one that was unused for the longest time is
/// closed.
#[tokio::test(start_paused = true)]
async fn the_oldest_makes_room() {
    let ended = Arc::new(Mutex::new(Vec::new()));
    let peer = Peer::new({
        let ended = Arc::clone(&ended);
        move |nth, mut stream| {
            let ended = Arc::clone(&ended);
            async move {
                read_request(&mut stream).await;
                sleep(Duration::from_secs(nth as u64)).await;
                stream.write_all(GOOD.as_bytes()).await.expect("written");
                read_request(&mut stream).await;
                ended.lock().expect("unpoisoned").push(nth);
            }
        }
    });
    let port = peer
        .builder()
        .max_idle_connections(2)
        .build()
        .expect("a port");
    let (one, two, three) = tokio::join!(call(&port), call(&port), call(&port));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(*ended.lock().expect("unpoisoned"), [0]);
}

/// For ten minutes, no connection is kept to an address that sent surplus bytes.
#[tokio::test(start_paused = true)]
async fn nothing_is_kept_for_ten_minutes_after_surplus() {
    let serving = Serving::default();
    let peer = Peer::new({
        let serving = serving.clone();
        move |nth, mut stream| {
            let served = serving.enter();
            async move {
                if nth == 1 {
                    read_request(&mut stream).await;
                    let _ = stream.write_all(GOOD.repeat(2).as_bytes()).await;
                }
                answer_all(stream).await;
                drop(served);
            }
        }
    });
    let port = peer.builder().build().expect("a port");
    let (one, two) = tokio::join!(call(&port), call(&port));
    assert!(one.is_ok() && two.is_ok());
    sleep(Duration::from_millis(1)).await;
    assert_eq!(serving.count(), 0, "the other one is closed too");
    for dialled in [4, 6, 8] {
        for _ in 0..2 {
            call(&port).await.expect("credentials");
        }
        assert_eq!(peer.dialled(), dialled);
        advance(Duration::from_secs(299)).await;
    }
    for _ in 0..2 {
        call(&port).await.expect("credentials");
        assert_eq!(peer.dialled(), 9);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_opened_ahead_is_the_first_calls() {
    let peer = Peer::new(|_, stream| answer_all(stream));
    let (dialer, dialling) = slow(&peer, &[100]);
    let port = peer.builder().dialer(dialer).build().expect("a port");
    port.connect().await.expect("connected");
    assert_eq!(took(port.clone()).await, Duration::ZERO);
    assert_eq!(dialling.begun(), 1);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_connect_ahead_is_told_as_a_call_is() {
    let peer = thinking(0);
    let (dialer, _) = slow(&peer, &[60_000]);
    let port = peer.builder().dialer(dialer).build().expect("a port");
    let error = port.connect().await.expect_err("late");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Connect)
    );
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_calls_finish_and_takes_no_more() {
    let peer = thinking(1_000);
    let port = peer.builder().build().expect("a port");
    let under_way = tokio::spawn(took(port.clone()));
    sleep(Duration::from_millis(500)).await;
    let (left, refused) = tokio::join!(port.shutdown(Duration::from_secs(5)), async {
        tokio::task::yield_now().await;
        call(&port).await.expect_err("too late")
    });
    assert_eq!(
        (left, refused.delivery(), refused.repeatability()),
        (0, Delivery::NotSent, Repeatability::Never)
    );
    assert_eq!(under_way.await.expect("a call"), Duration::from_secs(1));
    sleep(Duration::from_secs(1)).await;
    // Only the peer's listener is left.
    assert_eq!((peer.dialled(), alive_tasks()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_without_patience_tells_how_many_calls_are_left() {
    let peer = thinking(1_000);
    let port = peer.builder().build().expect("a port");
    let under_way = tokio::spawn(took(port.clone()));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(port.shutdown(Duration::from_millis(100)).await, 1);
    assert_eq!(under_way.await.expect("a call"), Duration::from_secs(1));
}

/// The runtime does not have to be run for this.
#[test]
fn a_port_that_is_dropped_closes_its_connections_where_the_runtime_stands_still() {
    for drops_runtime in [false, true] {
        let peer = unsolicited::Peer::start(None, unsolicited::Unsolicited::Nothing, false);
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let port = peer.port(Arc::new(payment_credentials_hyper::TcpDialer::default()));
        runtime.block_on(call(&port)).expect("credentials");
        assert_eq!(peer.serving(), 1);
        let (standing, kept) = if drops_runtime {
            drop(runtime);
            (None, Some(port))
        } else {
            drop(port);
            (Some(runtime), None)
        };
        let start = Instant::now();
        while peer.serving() > 0 {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "it is open still"
            );
            std::thread::yield_now();
        }
        drop((standing, kept));
    }
}

/// A dial continues for other calls when its own call leaves, and ends with the last of them, even
/// while the runtime is not run.
#[test]
fn dials_that_nobody_waits_for_are_closed_where_the_runtime_stands_still() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    let open = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&open);
    // The thread listens until the test ends, and never answers a handshake.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let count = Arc::clone(&count);
            std::thread::spawn(move || {
                let _ = io::copy(&mut stream, &mut io::sink());
                count.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let endpoint = Endpoint::custom("https://localhost".parse().expect("an address"))
        .with_connect_to(address.into());
    let endpoint = endpoint.expect("an endpoint");
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let port = port.build().expect("a port");
    runtime.block_on(async {
        let mut calls = JoinSet::new();
        for nth in 0..64 {
            let port = port.clone();
            let patience = Duration::from_millis(100 + nth % 3);
            calls.spawn(async move { timeout(patience, call(&port)).await.is_err() });
        }
        assert!(calls.join_all().await.into_iter().all(|gave_up| gave_up));
    });
    let start = Instant::now();
    while open.load(Ordering::SeqCst) > 0 {
        let is_hanging = start.elapsed() > Duration::from_secs(20);
        assert!(
            !is_hanging,
            "{} are open still",
            open.load(Ordering::SeqCst)
        );
        std::thread::yield_now();
    }
    drop((port, runtime));
}
