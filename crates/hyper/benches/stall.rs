//! Measures how long a one-thread runtime stalls while 1,000 responses are opened on it.
//!
//! Meanwhile a task wakes every millisecond. The stall is the longest time between two of its
//! wakes, less that millisecond.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where its input is wrong"
)]

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::seam::{Inline, Offload};
use payment_credentials_core::{CredentialsOpener as _, ResponseHead, SealedCredentials};
use payment_credentials_hyper::TokioOffload;
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const KEY: &[u8] = include_bytes!("../../../tests/vectors/jwe/keys/merchant.pkcs8.pem");
const JWE: &str = include_str!("../../../tests/vectors/jwe/opens/jose-visa-v3/token.jwe");
const ANSWERS: usize = 1000;
const ROUNDS: usize = 7;
const TICK: Duration = Duration::from_millis(1);

fn opener(offload: Arc<dyn Offload>) -> JweOpener {
    let key = PrivateKey::from_pem(KEY).expect("a key");
    let keyring = Keyring::new([key]).expect("a keyring");
    JweOpener::new(keyring.offload(offload))
}

async fn open(opener: JweOpener) {
    let jwe = JWE.trim().parse().expect("a JWE");
    let sealed = SealedCredentials::new(jwe, ResponseHead::new(201));
    opener.open(&sealed).await.expect("credentials");
}

/// Opens this many responses at once. Returns the longest stall meanwhile and the total time.
async fn stall(opener: &JweOpener, answers: usize) -> (Duration, Duration) {
    let mut opening = JoinSet::new();
    let start = Instant::now();
    for _ in 0..answers {
        opening.spawn(open(opener.clone()));
    }
    let (mut longest, mut last) = (Duration::ZERO, start);
    while !opening.is_empty() {
        sleep(TICK).await;
        longest = longest.max(last.elapsed().saturating_sub(TICK));
        last = Instant::now();
        while let Some(opened) = opening.try_join_next() {
            opened.expect("opened");
        }
    }
    (longest, start.elapsed())
}

fn print(name: &str, stalls: &mut [(Duration, Duration)]) -> Duration {
    stalls.sort_unstable();
    let (median, took) = stalls.get(stalls.len() / 2).copied().unwrap_or_default();
    let (worst, _) = stalls.last().copied().unwrap_or_default();
    println!("  {name:<18} longest stall {median:>10.2?} (worst {worst:.2?}); all took {took:.2?}");
    median
}

async fn measure() {
    println!("the first JWEs that a process opens");
    let start = Instant::now();
    let threads = opener(Arc::new(TokioOffload::default()));
    println!("  {:<18} took {:.2?}", "opener made", start.elapsed());
    for name in ["first", "second"] {
        let (longest, took) = stall(&threads, 1).await;
        println!("  {name:<18} stall {longest:.2?}, took {took:.2?}");
    }

    println!("{ANSWERS} answers opened at once on a one-thread runtime, median of {ROUNDS} rounds");
    let inline = opener(Arc::new(Inline));
    let (mut in_place, mut offloaded) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        in_place.push(stall(&inline, ANSWERS).await);
        offloaded.push(stall(&threads, ANSWERS).await);
    }
    let in_place = print("Inline", &mut in_place);
    let offloaded = print("TokioOffload", &mut offloaded);
    let ratio = offloaded.as_secs_f64() / in_place.as_secs_f64();
    println!("  TokioOffload stalls x {ratio:.3} as long as Inline");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if std::env::args().any(|argument| argument == "--bench") {
        measure().await;
    }
}
