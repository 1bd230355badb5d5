//! Many concurrent calls to a failing service: all of them end, and nothing stays behind.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    Delivery, Endpoint, Gateway, Host, Phase, PortError, PortErrorKind, Refusal, SealedCredentials,
};
use payment_credentials_hyper::{Dialer, HyperPort, HyperTransport, Roots, Socket};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::peer::{
    GOOD, Peer, Serving, alive_tasks, answer_all, answer_of, call, call_for, check_own,
    read_request, read_until,
};

const DEADLINE: Duration = Duration::from_secs(8);

/// Ends a test that hangs; the time is paused, so a long limit costs nothing.
const HANGING: Duration = Duration::from_secs(24 * 60 * 60);

/// A pseudo-random number for a seed and a place.
pub(crate) fn dice(seed: usize, place: usize) -> usize {
    let mut mixed = (seed ^ (place << 24)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed >> 33
}

/// A service that resets, stalls and throttles connections until it is set to be well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moody {
    is_well: Arc<AtomicBool>,
    pub(crate) serving: Serving,
}

impl Moody {
    /// Serves the nth connection to its end.
    pub(crate) async fn serve(self, nth: usize, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let _served = self.serving.enter();
        for request in 0.. {
            let begun = read_until(&mut stream, b"POST").await;
            let roll = dice(nth, request);
            let (fate, part) = (roll % 16, roll / 16);
            let is_well = self.is_well.load(Ordering::SeqCst);
            if fate == 0 && !is_well || begun.is_none() {
                return;
            }
            let Some(answer) = answer_of(&mut stream).await else {
                return;
            };
            let (cut, _) = answer.as_bytes().split_at(part % answer.len());
            sleep(Duration::from_millis(part as u64 % 100)).await;
            let written = match fate {
                _ if is_well => stream.write_all(answer.as_bytes()).await,
                1 => return,
                2 => {
                    let _ = stream.write_all(cut).await;
                    return;
                }
                3 => {
                    let _ = stream.write_all(cut).await;
                    return hang(stream).await;
                }
                4 => return hang(stream).await,
                5 | 6 => stream.write_all(THROTTLED).await,
                _ => stream.write_all(answer.as_bytes()).await,
            };
            if written.is_err() {
                return;
            }
        }
    }
}

const THROTTLED: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}";

/// Sends nothing more, and waits until the client closes the connection.
async fn hang(mut stream: impl AsyncRead + Unpin) {
    let _ = read_until(&mut stream, b"nothing comes").await;
}

/// Names the outcome of a call, and fails the test if that outcome cannot occur.
fn outcome(token_id: &str, outcome: &Result<SealedCredentials, PortError>) -> &'static str {
    let error = match outcome {
        Ok(sealed) => {
            check_own(sealed, token_id);
            return "ok";
        }
        Err(error) => error,
    };
    let known = match (error.kind(), error.phase(), error.delivery()) {
        (PortErrorKind::Reset | PortErrorKind::Deadline, Phase::Connect, Delivery::NotSent) => {
            Some("not sent")
        }
        (PortErrorKind::Reset, _, Delivery::Unknown) => Some("reset"),
        (PortErrorKind::Framing, _, Delivery::Unknown) => Some("cut"),
        // With several threads, the deadline can pass between a write and its flush.
        (
            PortErrorKind::Deadline,
            Phase::Write | Phase::Headers | Phase::Body,
            Delivery::Unknown,
        ) => Some("late"),
        (PortErrorKind::Refused(Refusal::Throttled), _, Delivery::Answered) => Some("throttled"),
        _ => None,
    };
    assert!(known.is_some(), "{token_id} came to {error:?}");
    known.unwrap_or_default()
}

const CALLERS: usize = 1_000;
/// How many calls each caller makes.
pub(crate) const CALLS: usize = 3;

/// The outcomes of many concurrent calls.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How many calls had each outcome.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    longest: Duration,
}

/// Runs this many callers at the same time, each with several calls in a row.
pub(crate) async fn call_at_once(port: &HyperPort, crowd: usize, round: &str) -> Tally {
    let mut callers = JoinSet::new();
    for caller in 0..crowd {
        let (port, round) = (port.clone(), round.to_owned());
        callers.spawn(async move {
            let mut outcomes = Vec::new();
            for nth in 0..CALLS {
                let token_id = format!("{round}{caller}n{nth}");
                let start = Instant::now();
                let ended = call_for(&port, &token_id).await;
                outcomes.push((outcome(&token_id, &ended), start.elapsed()));
            }
            outcomes
        });
    }
    let ended = timeout(HANGING, callers.join_all()).await;
    let mut tally = Tally::default();
    for (outcome, took) in ended.expect("all callers end").into_iter().flatten() {
        *tally.counts.entry(outcome).or_default() += 1;
        tally.longest = tally.longest.max(took);
    }
    tally
}

/// Each call ends by its deadline with the right outcome, and receives its own response or none.
/// Only the idle connections stay behind, and they close with the client.
#[tokio::test(start_paused = true)]
async fn a_thousand_callers_of_a_service_that_breaks_end_in_time_and_leave_nothing() {
    const MAX_IDLE: usize = 32;
    let service = Moody::default();
    let peer = Peer::new({
        let service = service.clone();
        move |nth, stream| service.clone().serve(nth, stream)
    });
    let port = peer
        .builder()
        .call_deadline(DEADLINE)
        .max_idle_connections(MAX_IDLE);
    let port = port.build().expect("a port");

    let broken = call_at_once(&port, CALLERS, "a").await;
    for expected in ["ok", "reset", "cut", "late", "throttled"] {
        assert!(
            broken.counts.get(expected) > Some(&30),
            "{expected}: {broken:?}"
        );
    }
    assert_eq!(broken.longest, DEADLINE);
    sleep(Duration::from_secs(2)).await;
    let idle = service.serving.count();
    assert!(idle <= MAX_IDLE, "{idle}");
    // The peer's listener, the pool's cleanup task, and the peer's end of each idle connection.
    assert_eq!(alive_tasks(), 2 + idle);

    service.is_well.store(true, Ordering::SeqCst);
    let well = call_at_once(&port, CALLERS, "b").await;
    assert_eq!(well.counts, BTreeMap::from([("ok", CALLERS * CALLS)]));

    drop((port, peer));
    sleep(Duration::from_secs(1)).await;
    assert_eq!((service.serving.count(), alive_tasks()), (0, 0));
}

/// Row E16: an address that doesn't connect and a connection that doesn't respond delay only their
/// own calls.
#[tokio::test(start_paused = true)]
async fn e16_who_is_stuck_does_not_hold_the_others() {
    let peer = Peer::new(|nth, stream| async move {
        if nth == 0 {
            return hang(stream).await;
        }
        answer_all(stream).await;
    });
    let dialer = FirstIsStuck {
        inner: peer.dialer(),
        dialled: AtomicUsize::default(),
    };
    let port = peer.builder().dialer(Arc::new(dialer));
    let port = port.build().expect("a port");
    let mut callers = JoinSet::new();
    for _ in 0..100 {
        let port = port.clone();
        callers.spawn(async move {
            let start = Instant::now();
            let phase = call(&port).await.err().map(|error| error.phase());
            (start.elapsed(), phase)
        });
    }
    let mut ended = callers.join_all().await;
    ended.sort_unstable();
    let (stuck, others) = (ended.split_off(98), ended);
    assert!(others.iter().all(|other| *other == (Duration::ZERO, None)));
    assert_eq!(
        stuck,
        [
            // A call whose own connection doesn't come takes one that another call returns to the
            // pool.
            (Duration::ZERO, None),
            (Duration::from_secs(30), Some(Phase::Headers)),
        ]
    );
}

/// A dialer whose first attempt never ends.
#[derive(Debug)]
struct FirstIsStuck {
    inner: Arc<dyn Dialer>,
    dialled: AtomicUsize,
}

#[async_trait]
impl Dialer for FirstIsStuck {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        if self.dialled.fetch_add(1, Ordering::SeqCst) == 0 {
            pending::<()>().await;
        }
        self.inner.dial(host, port).await
    }
}

/// Row E18: when a stopped service continues, it answers the calls that still wait, on the same
/// connections; the other calls have ended and are not repeated.
#[tokio::test(start_paused = true)]
async fn e18_a_service_that_is_stopped_and_goes_on_is_not_overrun() {
    const CALLERS: usize = 100;
    let (stop, goes) = watch::channel(true);
    let peer = Peer::new(move |_, mut stream| {
        let mut goes = goes.clone();
        async move {
            while read_request(&mut stream).await && goes.wait_for(|goes| *goes).await.is_ok() {
                if stream.write_all(GOOD.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    });
    let [patient, hasty] = both_over(&peer, CALLERS);
    let all_call = async || {
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let port = [&patient, &hasty][caller % 2].clone();
            callers.spawn(async move {
                let start = Instant::now();
                let error = call(&port).await.err();
                let found = error.map(|error| (error.kind(), error.phase(), error.delivery()));
                (caller % 2, start.elapsed().as_secs(), found)
            });
        }
        let mut ended = callers.join_all().await;
        ended.sort_unstable_by_key(|ended| ended.0);
        ended
    };
    let well: Vec<_> = (0..CALLERS).map(|nth| (nth / 50, 0, None)).collect();

    assert_eq!(all_call().await, well);
    assert_eq!(peer.dialled(), CALLERS);

    stop.send_replace(false);
    let (ended, ()) = tokio::join!(all_call(), async {
        sleep(Duration::from_secs(5)).await;
        stop.send_replace(true);
    });
    let late = (PortErrorKind::Deadline, Phase::Headers, Delivery::Unknown);
    let expected = (0..CALLERS).map(|nth| match nth {
        ..50 => (0, 5, None),
        _ => (1, 3, Some(late)),
    });
    assert!(ended.into_iter().eq(expected));
    assert_eq!(peer.dialled(), CALLERS, "no connection was made meanwhile");

    assert_eq!(all_call().await, well);
    assert_eq!(peer.dialled(), CALLERS + 50, "what was lost, once");
}

/// Two ports over one pool, with a deadline of 30 seconds and one of 3 seconds.
fn both_over(peer: &Peer, max_idle_connections: usize) -> [HyperPort; 2] {
    let transport = HyperTransport::builder()
        .roots(Roots::Bundled)
        .max_idle_connections(max_idle_connections)
        .dialer(peer.dialer())
        .build()
        .expect("a transport");
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let gateway = Gateway::builder(endpoint, Arc::new(Unauthenticated));
    let gateway = gateway.build(Arc::new(transport)).expect("a gateway");
    [30, 3].map(|limit| HyperPort::over(gateway.clone(), Duration::from_secs(limit)))
}
