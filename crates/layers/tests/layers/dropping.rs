//! Row E11: a caller drops its call at each await point, and nothing stays behind.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use payment_credentials_core::PaymentCredentialsPort;
use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, Metrics, PauseUntil, RateLimit, Retry, RetryPolicy, Trace,
};
use payment_credentials_mock::failures;
use tokio::time::{Instant, sleep, timeout};

use crate::fake::{Fake, Play, call, fake};
use crate::traced::merchant_id;

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

/// A pseudo-random number for a seed and a call.
fn dice(seed: u64, call: usize) -> u64 {
    let mixed = (seed ^ ((call as u64) << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40
}

/// A port that pseudo-randomly answers, fails and hangs; after a while it always answers.
fn moody(seed: u64) -> Fake {
    fake(move |call| match dice(seed, call) % 4 {
        0 => Play::Give,
        1 => Play::after(20, Play::Give),
        2 => Play::Fail(failures::connect()),
        _ => Play::after(10, Play::Fail(failures::refused(503))),
    })
}

/// Drops calls after one poll, two polls and so on, while another call occupies the place.
async fn drop_everywhere(port: &impl PaymentCredentialsPort, fake: &Fake) {
    for polls in 0..100 {
        let other = timeout(Duration::from_millis(5), call(port));
        let (ended, _) = tokio::join!(drop_after(polls, call(port)), other);
        assert_eq!(fake.running(), 0, "after {polls} polls");
        let ended = ended.is_some();
        let asked = fake.asked();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(fake.asked(), asked, "what is dropped asks for nothing more");
        if ended {
            return;
        }
    }
    panic!("a call that never ends");
}

/// Checks that the place is free: the next call is passed on, at once except for its own retries.
async fn check_usable(port: &impl PaymentCredentialsPort) {
    for _ in 0..20 {
        let limit = Duration::from_secs(60);
        if timeout(limit, call(port)).await.expect("an end").is_ok() {
            return;
        }
    }
    panic!("no call gets through");
}

macro_rules! dropped_everywhere {
    ($($name:ident: |$port:ident| $layered:expr;)+) => {$(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            for seed in 0..200 {
                let fake = moody(seed);
                let $port = fake.clone();
                let layered = $layered;
                drop_everywhere(&layered, &fake).await;
                check_usable(&layered).await;
            }
        }
    )+};
}

dropped_everywhere! {
    a_concurrency_limit_gets_its_place_back:
        |port| ConcurrencyLimit::new(port, 1).expect("a limit");
    a_deadline_leaves_nothing_behind:
        |port| Deadline::new(port, Duration::from_secs(8));
    metrics_leave_nothing_behind:
        |port| Metrics::new(port);
    a_pause_leaves_nothing_behind:
        |port| PauseUntil::new(port);
    a_rate_limit_gets_its_turn_back:
        |port| RateLimit::new(port, 10).expect("a limit");
    a_retry_leaves_nothing_behind:
        |port| Retry::new(port);
    a_trace_leaves_nothing_behind:
        |port| Trace::new(port).with_merchant_id(merchant_id());
    all_layers_leave_nothing_behind: |port| {
        let port = PauseUntil::new(port);
        let port = ConcurrencyLimit::new(port, 1).expect("a limit");
        let port = RateLimit::new(port, 10).expect("a limit");
        Trace::new(Metrics::new(Retry::new(port))).with_merchant_id(merchant_id())
    };
}

/// Otherwise a hundred calls that are dropped while they back off would use up the quota, which
/// allows 35 retries.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_gives_back_its_share_of_the_quota() {
    let port = fake(|call| match call {
        ..100 | 150.. => Play::Fail(failures::connect()),
        _ if call % 2 == 0 => Play::Fail(failures::connect()),
        _ => Play::Hang,
    });
    let retry = Retry::with_policy(port.clone(), &RetryPolicy::default().seed(1));
    let backing_off = 2;
    for _ in 0..100 {
        assert!(drop_after(1, call(&retry)).await.is_none());
    }
    // Drops calls during the retry itself, too.
    for _ in 0..25 {
        assert!(drop_after(backing_off, call(&retry)).await.is_none());
    }
    assert_eq!(port.asked(), 150);
    let start = Instant::now();
    let error = call(&retry).await.expect_err("no connection");
    assert_eq!(error.attempts(), 3);
    assert!(start.elapsed() > Duration::ZERO);
}
