//! Many calls to a service that fails don't become a storm of retries.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::PaymentCredentialsPort;
use payment_credentials_layers::{Retry, RetryPolicy};
use payment_credentials_mock::failures;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::fake::{Play, call, fake};

/// Makes this many calls, 1,000 per second, and waits for all of them.
async fn busy(calls: usize, port: Arc<impl PaymentCredentialsPort + 'static>) {
    let mut set = JoinSet::new();
    for _ in 0..calls {
        let port = Arc::clone(&port);
        set.spawn(async move { call(&port).await.is_ok() });
        sleep(Duration::from_millis(1)).await;
    }
    set.join_all().await;
}

/// Row E4.
#[tokio::test(start_paused = true)]
async fn e4_a_service_that_is_down_is_asked_35_times_more_in_a_minute_of_60_000_calls() {
    let port = fake(|_| Play::Fail(failures::refused(503)));
    busy(
        60_000,
        Arc::new(Retry::with_policy(
            port.clone(),
            &RetryPolicy::default().seed(1),
        )),
    )
    .await;
    assert_eq!(port.asked() - 60_000, 35);
}

/// Row E4, where every second response is a failure: the successes refill the quota.
#[tokio::test(start_paused = true)]
async fn a_service_that_fails_half_of_the_time_gets_at_most_a_tenth_more() {
    let port = fake(|call| match call % 2 {
        0 => Play::Fail(failures::refused(503)),
        _ => Play::Give,
    });
    busy(
        10_000,
        Arc::new(Retry::with_policy(
            port.clone(),
            &RetryPolicy::default().seed(1),
        )),
    )
    .await;
    let retries = port.asked() - 10_000;
    assert!((100..=1_000).contains(&retries), "{retries}");
}

/// Checks that no tenth of a second contains more than 5 % of them.
#[track_caller]
fn check_spread(instants: &[Instant], start: Instant) {
    let mut slots = BTreeMap::<u128, usize>::new();
    for at in instants {
        *slots.entry((*at - start).as_millis() / 100).or_default() += 1;
    }
    let most = slots.values().max().copied().unwrap_or_default();
    assert!(
        most * 100 <= instants.len() * 5,
        "{most} of {}",
        instants.len()
    );
}

/// Row E5.
#[tokio::test(start_paused = true)]
async fn e5_a_thousand_clients_that_fail_together_come_back_one_by_one() {
    let port = fake(|_| Play::Fail(failures::connect()));
    let start = Instant::now();
    let mut set = JoinSet::new();
    for seed in 0..1_000 {
        let client = Retry::with_policy(port.clone(), &RetryPolicy::default().seed(seed));
        set.spawn(async move { call(&client).await.is_ok() });
    }
    set.join_all().await;
    let times = port.asked_at();
    assert_eq!(times.len(), 3_000);
    check_spread(&times[1_000..], start);
}

/// Row E5, where the service has recovered by the first retry.
#[tokio::test(start_paused = true)]
async fn so_do_those_whose_first_retry_succeeds() {
    for offset in 0..10 {
        let port = fake(|call| match call {
            ..1_000 => Play::Fail(failures::connect()),
            _ => Play::Give,
        });
        let start = Instant::now();
        let mut set = JoinSet::new();
        for seed in 0..1_000 {
            let client = Retry::with_policy(
                port.clone(),
                &RetryPolicy::default().seed(offset * 1_000 + seed),
            );
            set.spawn(async move { call(&client).await.is_ok() });
        }
        assert!(set.join_all().await.into_iter().all(|is_ok| is_ok));
        let times = port.asked_at();
        assert_eq!(times.len(), 2_000);
        check_spread(&times[1_000..], start);
    }
}
