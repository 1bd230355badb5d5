//! Openings whose private-key work a `TokioOffload` runs.

use std::collections::HashSet;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use async_trait::async_trait;
use payment_credentials_core::seam::{Offload, OffloadError};
use payment_credentials_core::{CredentialsOpener as _, ResponseHead, SealedCredentials};
use payment_credentials_hyper::TokioOffload;
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use tokio::task::JoinSet;

const KEY: &[u8] = include_bytes!("../../../../tests/vectors/jwe/keys/merchant.pkcs8.pem");
const JWE: &str = include_str!("../../../../tests/vectors/jwe/opens/jose-visa-v3/token.jwe");

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Counts how many works run, at once and in all.
#[derive(Debug)]
struct Counting {
    threads: TokioOffload,
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

pub(crate) fn opener(threads: &TokioOffload) -> (JweOpener, Arc<Counts>) {
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
    let (opener, counts) = opener(&TokioOffload::default());
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
    let (opener, counts) = opener(&TokioOffload::default());
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
