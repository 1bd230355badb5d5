//! Private-key work on blocking threads: bounded, in order, and finished whoever waits for it.

use std::collections::HashSet;
use std::num::NonZero;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ThreadId};

use async_trait::async_trait;
use payment_credentials_core::seam::{Offload, OffloadError, offload};
use payment_credentials_core::{CredentialsOpener as _, ResponseHead, SealedCredentials};
use payment_credentials_hyper::BlockingThreads;
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet, yield_now};

const KEY: &[u8] = include_bytes!("../../../../tests/vectors/jwe/keys/merchant.pkcs8.pem");
const JWE: &str = include_str!("../../../../tests/vectors/jwe/opens/jose-visa-v3/token.jwe");

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Work that has begun and goes on until it is told to end.
struct Busy {
    end: mpsc::Sender<()>,
    caller: JoinHandle<Result<(), OffloadError>>,
}

impl Busy {
    /// Takes one core; returns when the work has begun.
    async fn start(threads: &BlockingThreads) -> Self {
        let (end, ended) = mpsc::channel();
        let (tell, begun) = oneshot::channel();
        let threads = threads.clone();
        let caller = tokio::spawn(async move {
            let work = move || {
                tell.send(()).expect("somebody waits");
                // Also ends when the test does.
                let _ = ended.recv();
            };
            threads.run(Box::new(work)).await
        });
        begun.await.expect("begun");
        Self { end, caller }
    }

    async fn finish(self) {
        self.end.send(()).expect("it still runs");
        self.caller.await.expect("a caller").expect("done");
    }
}

/// Takes all cores.
async fn all_busy(threads: &BlockingThreads) -> Vec<Busy> {
    let mut busy = Vec::new();
    for _ in 0..cores() {
        busy.push(Busy::start(threads).await);
    }
    busy
}

/// Lets every other task of a one-thread runtime get as far as it can.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

/// Counts how many works run, at once and in all.
#[derive(Debug)]
struct Counting {
    threads: BlockingThreads,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    running: AtomicUsize,
    most: AtomicUsize,
    done: AtomicUsize,
    workers: Mutex<HashSet<ThreadId>>,
}

#[async_trait]
impl Offload for Counting {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        let counts = Arc::clone(&self.counts);
        let counted = move || {
            let running = counts.running.fetch_add(1, Ordering::SeqCst) + 1;
            counts.most.fetch_max(running, Ordering::SeqCst);
            let worker = thread::current().id();
            counts.workers.lock().expect("unpoisoned").insert(worker);
            work();
            counts.running.fetch_sub(1, Ordering::SeqCst);
            counts.done.fetch_add(1, Ordering::SeqCst);
        };
        self.threads.run(Box::new(counted)).await
    }
}

pub(crate) fn opener(threads: &BlockingThreads) -> (JweOpener, Arc<Counts>) {
    let counts = Arc::<Counts>::default();
    let offload = Counting {
        threads: threads.clone(),
        counts: Arc::clone(&counts),
    };
    let key = PrivateKey::from_pem(KEY).expect("a key");
    let keyring = Keyring::new([key]).expect("a keyring");
    (JweOpener::new(keyring.offload(Arc::new(offload))), counts)
}

fn sealed() -> SealedCredentials {
    let jwe = JWE.trim().parse().expect("a JWE");
    SealedCredentials::new(jwe, ResponseHead::new(201))
}

#[tokio::test]
async fn many_openings_at_once_are_bounded_and_all_done() {
    let (opener, counts) = opener(&BlockingThreads::default());
    let mut openings = JoinSet::new();
    for _ in 0..64 {
        let opener = opener.clone();
        openings.spawn(async move { opener.open(&sealed()).await.is_ok() });
    }
    assert_eq!(openings.join_all().await, [true; 64]);
    assert_eq!(counts.done.load(Ordering::SeqCst), 64);
    assert!(counts.most.load(Ordering::SeqCst) <= cores());
}

/// E17: the private-key work of a thousand answers leaves the runtime's one thread alone.
#[tokio::test]
async fn e17_no_opening_works_on_the_thread_of_the_runtime() {
    let (opener, counts) = opener(&BlockingThreads::default());
    let runtime = thread::current().id();
    let mut openings = JoinSet::new();
    for _ in 0..1_000 {
        let opener = opener.clone();
        openings.spawn(async move {
            assert_eq!(thread::current().id(), runtime, "there is one thread");
            opener.open(&sealed()).await.is_ok()
        });
    }
    assert_eq!(openings.join_all().await, [true; 1_000]);
    assert_eq!(counts.done.load(Ordering::SeqCst), 1_000);
    let workers = counts.workers.lock().expect("unpoisoned");
    assert!(!workers.contains(&runtime));
}

#[tokio::test]
async fn nothing_more_begins_while_every_core_is_busy() {
    let threads = BlockingThreads::default();
    let mut busy = all_busy(&threads).await;
    let (tell, mut begun) = oneshot::channel();
    let clone = threads.clone();
    let next = tokio::spawn(async move {
        let work = move || tell.send(()).expect("somebody waits");
        clone.run(Box::new(work)).await
    });
    settle().await;
    assert!(begun.try_recv().is_err(), "a clone has cores of its own");
    busy.pop().expect("a core").finish().await;
    begun.await.expect("begun");
    next.await.expect("a caller").expect("done");
}

#[tokio::test]
async fn waiting_work_runs_in_the_order_in_which_it_came() {
    let threads = BlockingThreads::default();
    let mut busy = all_busy(&threads).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = JoinSet::new();
    for nth in 0..20 {
        let (threads, order) = (threads.clone(), Arc::clone(&order));
        waiting.spawn(async move {
            let note = move || order.lock().expect("unpoisoned").push(nth);
            offload(&threads, note).await.expect("done");
        });
        settle().await;
    }
    // One core alone, so that one work follows the other.
    busy.pop().expect("a core").finish().await;
    waiting.join_all().await;
    let order = order.lock().expect("unpoisoned");
    assert!(order.iter().copied().eq(0..20), "{order:?}");
}

#[tokio::test]
async fn a_caller_who_lets_go_frees_no_core_that_is_busy() {
    let threads = BlockingThreads::default();
    let mut busy = all_busy(&threads).await;
    let Busy { end, caller } = busy.pop().expect("a core");
    caller.abort();
    assert!(caller.await.expect_err("let go").is_cancelled());
    let (tell, mut begun) = oneshot::channel();
    let clone = threads.clone();
    let next = tokio::spawn(async move {
        let work = move || tell.send(()).expect("somebody waits");
        clone.run(Box::new(work)).await
    });
    settle().await;
    assert!(begun.try_recv().is_err(), "the core is still busy");
    end.send(()).expect("it still runs");
    begun.await.expect("begun");
    next.await.expect("a caller").expect("done");
}

#[tokio::test]
async fn an_opening_that_is_let_go_while_it_waits_never_begins() {
    let threads = BlockingThreads::default();
    let busy = all_busy(&threads).await;
    let (opener, counts) = opener(&threads);
    {
        let sealed = sealed();
        let mut opening = pin!(opener.open(&sealed));
        tokio::select! {
            biased;
            _ = &mut opening => panic!("it has nowhere to run"),
            () = settle() => {}
        }
    }
    for busy in busy {
        busy.finish().await;
    }
    opener.open(&sealed()).await.expect("a usable opener");
    assert_eq!(counts.done.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_opening_that_is_let_go_midway_is_worked_to_its_end() {
    let threads = BlockingThreads::default();
    let mut busy = all_busy(&threads).await;
    let (opener, counts) = opener(&threads);
    let opening = tokio::spawn({
        let opener = opener.clone();
        async move { opener.open(&sealed()).await.is_ok() }
    });
    settle().await;
    busy.pop().expect("a core").finish().await;
    // The permit is on its way to the opening, or the work has begun; either way let go.
    yield_now().await;
    opening.abort();
    let _ = opening.await;
    for busy in busy {
        busy.finish().await;
    }
    // No core is to be had before whatever has begun is done.
    drop(all_busy(&threads).await);
    assert_eq!(counts.running.load(Ordering::SeqCst), 0);
    opener.open(&sealed()).await.expect("a usable opener");
}

#[test]
fn a_panic_in_the_work_is_an_error_and_frees_the_core() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let threads = BlockingThreads::default();
    runtime.block_on(async {
        for _ in 0..=cores() {
            let ended = offload(&threads, || panic!("on purpose")).await;
            assert_eq!(ended, Err::<(), _>(OffloadError));
        }
        assert_eq!(offload(&threads, || 42).await, Ok(42));
    });
}
