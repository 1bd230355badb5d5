//! How long another task waits beside 1,000 openings, as an application feels it.
//!
//! The other task is spawned as any task is, sleeps for a millisecond, and measures by how much it ran late. One
//! private-key operation, the same tasks without it, and a thread that sleeps beside the same load without a
//! runtime are measured in the same run: they are what the waits are compared with.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark measures real time, prints, and ends where its input is wrong"
)]

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use payment_credentials_core::seam::{Inline, Offload, OffloadError};
use payment_credentials_core::{CredentialsOpener as _, ResponseHead, SealedCredentials};
use payment_credentials_hyper::TokioOffload;
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::sleep;

const KEY: &[u8] = include_bytes!("../../../tests/vectors/jwe/keys/merchant.pkcs8.pem");
const JWE: &str = include_str!("../../../tests/vectors/jwe/opens/jose-visa-v3/token.jwe");
const OPENINGS: usize = 1000;
const ROUNDS: usize = 7;
const TICK: Duration = Duration::from_millis(1);

fn opener(offload: Arc<dyn Offload>) -> JweOpener {
    let key = PrivateKey::from_pem(KEY).expect("a key");
    let keyring = Keyring::new([key]).expect("a keyring");
    JweOpener::new(keyring.offload(offload))
}

fn sealed() -> SealedCredentials {
    let jwe = JWE.trim().parse().expect("a JWE");
    SealedCredentials::new(jwe, ResponseHead::new(201))
}

/// Whether the response opens is for other benchmarks: `Nothing` does no private-key work.
async fn open(opener: JweOpener) {
    let _opened = opener.open(&sealed()).await;
}

/// Leaves the private-key operation out, so that what the tasks cost by themselves is seen.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Offload for Nothing {
    async fn run(&self, _work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        Err(OffloadError)
    }
}

/// The longest time by which a task runs late, until the load ends.
async fn latest(load_ended: Arc<AtomicBool>) -> Duration {
    let mut latest = Duration::ZERO;
    while !load_ended.load(Ordering::SeqCst) {
        let start = Instant::now();
        sleep(TICK).await;
        latest = latest.max(start.elapsed().saturating_sub(TICK));
    }
    latest
}

/// The longest wait of another task beside so many openings.
fn beside(runtime: &Runtime, opener: &JweOpener) -> Duration {
    runtime.block_on(async {
        let ended = Arc::<AtomicBool>::default();
        let other = tokio::spawn(latest(Arc::clone(&ended)));
        let mut openings = JoinSet::new();
        for _ in 0..OPENINGS {
            openings.spawn(open(opener.clone()));
        }
        openings.join_all().await;
        ended.store(true, Ordering::SeqCst);
        other.await.expect("not panicked")
    })
}

/// The longest wait of a thread that sleeps, beside threads that open as many responses on so many cores.
fn without_a_runtime(cores: usize) -> Duration {
    let opener = opener(Arc::new(Inline));
    thread::scope(|scope| {
        let mut opening = Vec::new();
        for _ in 0..cores {
            let opener = opener.clone();
            opening.push(scope.spawn(move || {
                for _ in 0..OPENINGS / cores {
                    pollster::block_on(open(opener.clone()));
                }
            }));
        }
        let mut latest = Duration::ZERO;
        while opening.iter().any(|thread| !thread.is_finished()) {
            let start = Instant::now();
            thread::sleep(TICK);
            latest = latest.max(start.elapsed().saturating_sub(TICK));
        }
        latest
    })
}

/// How long one private-key operation takes: the median.
fn one_operation() -> Duration {
    let opener = opener(Arc::new(Inline));
    let times = (0..200).map(|_| {
        let start = Instant::now();
        pollster::block_on(open(opener.clone()));
        start.elapsed()
    });
    median(times.collect())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn print(name: &str, wait: Duration, operation: Duration) {
    let operations = wait.as_secs_f64() / operation.as_secs_f64();
    println!("  {name:<44}{wait:>10.2?}   x {operations:.1} of an operation");
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let operation = one_operation();
    println!(
        "the longest wait of another task beside {OPENINGS} openings, median of {ROUNDS} rounds"
    );
    println!("  one private-key operation takes {operation:.2?}");
    let one_thread = Builder::new_current_thread().enable_time().build();
    let workers = Builder::new_multi_thread()
        .worker_threads(cores.max(2))
        .enable_time()
        .build();
    let runtimes = [
        ("one thread", one_thread.expect("a runtime")),
        ("several workers", workers.expect("a runtime")),
    ];
    let openers = [
        ("no operation", opener(Arc::new(Nothing))),
        ("Inline", opener(Arc::new(Inline))),
        ("TokioOffload", opener(Arc::new(TokioOffload::default()))),
    ];
    let mut waits = vec![Vec::new(); 7];
    for _ in 0..ROUNDS {
        let mut places = waits.iter_mut();
        let mut note = |wait| places.next().expect("a place").push(wait);
        note(without_a_runtime(cores.saturating_sub(1).max(1)));
        for (_, runtime) in &runtimes {
            for (_, opener) in &openers {
                note(beside(runtime, opener));
            }
        }
    }
    let mut waits = waits.into_iter().map(median);
    let mut next = |name: &str| print(name, waits.next().unwrap_or_default(), operation);
    next("a thread that sleeps, without a runtime");
    for (runtime, _) in &runtimes {
        for (offload, _) in &openers {
            next(&format!("{offload}, {runtime}"));
        }
    }
}
