//! The quota: shared only where that is configured, and also a limit for callers that give up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use payment_credentials_layers::{Retry, RetryPolicy, RetryQuota};
use payment_credentials_mock::failures;
use tokio::time::timeout;

use crate::fake::{Fake, Play, call, fails, fake};

/// A port whose every call fails.
fn down() -> Fake {
    fake(|_| Play::Fail(failures::connect()))
}

async fn call_often(calls: usize, retry: &Retry<Fake>) {
    for _ in 0..calls {
        let _answer = call(retry).await;
    }
}

/// A policy that retries at once; the quota to share is added by each test.
fn at_once() -> RetryPolicy {
    RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO)
}

#[tokio::test(start_paused = true)]
async fn ports_that_share_a_quota_are_bounded_together_and_others_each_by_itself() {
    for (shared, retries) in [(true, 35), (false, 70)] {
        let policy = at_once();
        let quota = RetryQuota::default();
        let ports = [down(), down()];
        let [one, other] = ports.clone().map(|port| {
            let retry = Retry::with_policy(port, &policy);
            if shared {
                retry.quota(quota.clone())
            } else {
                retry
            }
        });
        tokio::join!(call_often(100, &one), call_often(100, &other));
        let asked = ports.iter().map(Fake::asked).sum::<usize>();
        assert_eq!(asked - 200, retries);
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_holds_for_every_port_that_is_given_it() {
    let policy = at_once().max_retries(4);
    for port in [down(), down()] {
        call_often(1, &Retry::with_policy(port.clone(), &policy)).await;
        assert_eq!(port.asked(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_is_as_large_as_it_is_said_to_be() {
    for (units, retries) in [(0, 0), (13, 0), (14, 1), (28, 2), (140, 10), (1_400, 100)] {
        let port = down();
        let retry = Retry::with_policy(port.clone(), &at_once());
        call_often(100, &retry.quota(RetryQuota::new(units))).await;
        assert_eq!(port.asked() - 100, retries, "{units} units");
    }
}

/// Otherwise the unused quota of a long quiet time would allow a storm of retries.
#[tokio::test(start_paused = true)]
async fn successes_fill_a_quota_to_its_size_and_not_over() {
    for units in [14, 140, 500] {
        let port = fake(|call| match call {
            ..2_000 => Play::Give,
            _ => Play::Fail(failures::connect()),
        });
        let retry = Retry::with_policy(port.clone(), &at_once()).quota(RetryQuota::new(units));
        call_often(2_100, &retry).await;
        assert_eq!(port.asked() - 2_100, units as usize / 14);
    }
}

#[tokio::test(start_paused = true)]
async fn a_used_up_quota_allows_one_retry_for_fourteen_successes() {
    for (successes, retries) in [(13, 0), (14, 1)] {
        let port = fake(move |call| match call {
            0 | 1 => Play::Fail(failures::connect()),
            _ if call < 2 + successes => Play::Give,
            _ => Play::Fail(failures::connect()),
        });
        let retry = Retry::with_policy(port.clone(), &at_once()).quota(RetryQuota::new(14));
        call_often(1 + successes + 1, &retry).await;
        assert_eq!(port.asked() - (1 + successes + 1), 1 + retries);
    }
}

/// Makes calls with the caller's own time limit, each of which fails at first and continues with
/// `then`. Returns how many retries the port saw.
async fn retries_of_impatient_callers(calls: usize, then: fn() -> Play) -> usize {
    let is_first = Arc::new(AtomicBool::new(false));
    let port = fake({
        let is_first = Arc::clone(&is_first);
        move |_| {
            if is_first.swap(false, Ordering::SeqCst) {
                Play::Fail(failures::connect())
            } else {
                then()
            }
        }
    });
    let retry = Retry::new(port.clone());
    for _ in 0..calls {
        is_first.store(true, Ordering::SeqCst);
        let _given_up = timeout(Duration::from_secs(10), call(&retry)).await;
    }
    port.asked() - calls
}

/// A caller that gives up causes as many requests as one that waits.
#[tokio::test(start_paused = true)]
async fn a_callers_own_timeout_does_not_void_the_quota() {
    let hangs = || Play::Hang;
    assert_eq!(retries_of_impatient_callers(500, hangs).await, 35);
    let fails = || Play::Fail(failures::connect());
    assert_eq!(retries_of_impatient_callers(500, fails).await, 35);
    let fails_late = || Play::after(9_000, Play::Fail(failures::connect()));
    assert_eq!(retries_of_impatient_callers(500, fails_late).await, 35);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_it_backs_off_takes_nothing() {
    let quota = RetryQuota::new(14);
    let hour = Duration::from_secs(3_600);
    let patient = RetryPolicy::default()
        .deadline(Duration::MAX)
        .backoff(hour, hour);
    let waiting = Retry::with_policy(down(), &patient.seed(1)).quota(quota.clone());
    for _ in 0..100 {
        let given_up = timeout(Duration::from_millis(1), call(&waiting)).await;
        assert!(given_up.is_err(), "there is enough for a retry to wait");
    }
    let port = fake(fails(1, failures::connect));
    let retry = Retry::new(port.clone()).quota(quota);
    assert!(call(&retry).await.is_ok());
    assert_eq!(port.asked(), 2);
}
