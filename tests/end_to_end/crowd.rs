//! Layers and adapter together, over pipes and with paused time: how limits and waits affect what is
//! sent.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payment_credentials::auth::{HttpSignatureAuthenticator, SharedSecret, SharedSecretKey};
use payment_credentials::hyper::{HyperPort, HyperPortBuilder, Roots, pipe};
use payment_credentials::seam::{RequestAuthenticator, Unauthenticated};
use payment_credentials::{
    CredentialsRequest, Delivery, Endpoint, PaymentCredentialsPort, Phase, PortErrorKind,
};
use payment_credentials_layers::{ConcurrencyLimit, LocalAllowance, RateLimit, Retry, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, sleep, timeout};

const GOOD: &str = "HTTP/1.1 201 Created\r\ncontent-type: application/jose;charset=utf-8\r\n\
    content-length: 12\r\n\r\neyJ9.a.b.c.d";

const SOON: &str = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 9\r\ncontent-length: 0\r\n\r\n";

const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\n\
    v-c-correlation-id: busy\r\ncontent-length: 0\r\n\r\n";

/// What the service has seen.
#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Seen {
    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> usize {
        self.requests.lock().expect("unpoisoned").len()
    }
}

/// A service that takes some time for each request, and answers with what `answer` returns.
fn service(
    takes: Duration,
    answer: impl Fn(usize, &str) -> &'static str + Clone + Send + Sync + 'static,
    authenticator: Arc<dyn RequestAuthenticator>,
) -> (HyperPortBuilder, Arc<Seen>) {
    let (dialer, mut listener) = pipe();
    let seen = Arc::<Seen>::default();
    let notes = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Some(mut stream) = listener.accept().await {
            let (notes, answer) = (Arc::clone(&notes), answer.clone());
            notes.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                while let Some(request) = read(&mut stream).await {
                    let nth = {
                        let mut requests = notes.requests.lock().expect("unpoisoned");
                        requests.push(request.clone());
                        requests.len() - 1
                    };
                    sleep(takes).await;
                    let answer = answer(nth, &request).as_bytes();
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, authenticator)
        .roots(Roots::Bundled)
        .dialer(Arc::new(dialer));
    (port, seen)
}

/// Reads a whole request; returns `None` if the stream ends first.
async fn read(stream: &mut DuplexStream) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n{}") {
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(read).ok()
}

fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

/// Makes many calls at once, and returns how and when each of them ended, in the order in which
/// they were made.
async fn at_once(
    port: impl PaymentCredentialsPort + 'static,
    calls: usize,
) -> Vec<(Duration, Option<(PortErrorKind, Phase, Delivery)>)> {
    let port = Arc::new(port);
    let start = Instant::now();
    let mut set = JoinSet::new();
    for nth in 0..calls {
        let port = Arc::clone(&port);
        set.spawn(async move {
            let error = port.generate(&request()).await.err();
            let found = error.map(|error| (error.kind(), error.phase(), error.delivery()));
            (nth, (start.elapsed(), found))
        });
    }
    let ended: HashMap<_, _> = set.join_all().await.into_iter().collect();
    (0..calls).map(|nth| ended[&nth]).collect()
}

const PLACES: usize = 100;
const CALLS: usize = 10_000;

/// How long a call at this place in the queue takes, including its own time.
fn turn(nth: usize) -> Duration {
    Duration::from_millis(10) * u32::try_from(nth / PLACES + 1).expect("a number")
}

/// Row E15: each call ends when its place in the queue requires, and there are never more
/// connections than places.
#[tokio::test(start_paused = true)]
async fn e15_ten_thousand_calls_go_through_a_hundred_connections_in_their_order() {
    let none = Arc::new(Unauthenticated);
    let (port, seen) = service(Duration::from_millis(10), |_, _| GOOD, none);
    let port = port.max_idle_connections(PLACES).build().expect("a port");
    let port = Retry::new(ConcurrencyLimit::new(port, PLACES).expect("a limit"));
    let ended = at_once(port, CALLS).await;
    let expected = (0..CALLS).map(|nth| (turn(nth), None));
    assert!(ended.into_iter().eq(expected));
    assert_eq!((seen.connections(), seen.requests()), (PLACES, CALLS));
}

/// Rows E12 and E15: the time in the queue counts, and a call that waited too long was never sent.
#[tokio::test(start_paused = true)]
async fn calls_that_wait_too_long_for_a_connection_never_get_to_the_wire() {
    let none = Arc::new(Unauthenticated);
    let (port, seen) = service(Duration::from_millis(10), |_, _| GOOD, none);
    let port = port.max_idle_connections(PLACES).build().expect("a port");
    let limit = Duration::from_millis(505);
    let port = Retry::with_policy(
        ConcurrencyLimit::new(port, PLACES).expect("a limit"),
        &RetryPolicy::default().deadline(limit),
    );
    let ended = at_once(port, CALLS).await;
    let late = PortErrorKind::Deadline;
    let expected = (0..CALLS).map(|nth| match nth / PLACES {
        ..50 => (turn(nth), None),
        50 => (limit, Some((late, Phase::Headers, Delivery::Unknown))),
        _ => (limit, Some((late, Phase::Start, Delivery::NotSent))),
    });
    assert!(ended.into_iter().eq(expected));
    assert_eq!(seen.connections(), PLACES);
    assert_eq!(seen.requests(), 51 * PLACES);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(seen.requests(), 51 * PLACES, "nothing comes later");
}

/// Row E20: a delay that the service requests from one merchant doesn't affect another merchant of the
/// same client.
#[tokio::test(start_paused = true)]
async fn e20_a_merchant_that_is_throttled_holds_up_no_other() {
    let secret = SharedSecret::from_base64("yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=");
    let key = SharedSecretKey::new(
        "portfolio".parse().expect("a merchant id"),
        "key".parse().expect("a key id"),
        secret.expect("a secret"),
    );
    let signer =
        HttpSignatureAuthenticator::new(key).for_merchant("eager".parse().expect("a merchant id"));
    let answer = |nth, request: &str| {
        let is_eager = request.contains("v-c-merchant-id: eager");
        if is_eager && nth < 2 { SOON } else { GOOD }
    };
    let (port, seen) = service(Duration::ZERO, answer, Arc::new(signer));
    let eager = port.build().expect("a port");
    let other = eager.for_merchant("other".parse().expect("a merchant id"));
    let layered = |port| {
        Retry::new(RateLimit::sharing(
            port,
            Arc::new(LocalAllowance::new(10).expect("a limit").burst(2)),
        ))
    };
    let (eager, other) = (layered(eager), layered(other.expect("a port")));
    let (eager, other) = tokio::join!(at_once(eager, 2), at_once(other, 2));
    let (waited, at_once) = (Duration::from_secs(9), Duration::ZERO);
    assert_eq!(eager, [(waited, None), (waited, None)]);
    assert_eq!(other, [(at_once, None), (at_once, None)]);
    assert_eq!(seen.requests(), 6);
}

/// Lets every task run until it waits.
async fn settle() {
    for _ in 0..64 {
        yield_now().await;
    }
}

/// Rows E11 and E12: calls are dropped at any millisecond, during an attempt, during a backoff, or
/// while they wait for their turn. Place, turn and quota are available to the next call, and nothing
/// is sent later.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_in_any_layer_gives_back_what_it_held() {
    let none = Arc::new(Unauthenticated);
    let answer = |nth: usize, _: &str| if nth.is_multiple_of(2) { BUSY } else { GOOD };
    let (port, seen) = service(Duration::from_millis(20), answer, none);
    let port = ConcurrencyLimit::new(port.build().expect("a port"), 1).expect("a limit");
    let port = RateLimit::sharing(
        port,
        Arc::new(LocalAllowance::new(10).expect("a limit").burst(1)),
    );
    let (backoff, request) = (Duration::from_millis(200), request());
    let port = Retry::with_policy(
        port,
        &RetryPolicy::default().backoff(backoff, backoff).seed(1),
    );
    for patience in (0..300).step_by(2) {
        let patience = Duration::from_millis(patience);
        // Two calls at once, for one place.
        let _ = tokio::join!(
            timeout(patience, port.generate(&request)),
            timeout(patience / 2, port.generate(&request))
        );
        settle().await;
        let sent = seen.requests();
        sleep(Duration::from_secs(30)).await;
        assert_eq!(seen.requests(), sent, "{patience:?}");
        let start = Instant::now();
        let next = port.generate(&request).await;
        next.expect("credentials, at the second attempt if need be");
        assert!(start.elapsed() < Duration::from_secs(1), "{patience:?}");
    }
}
