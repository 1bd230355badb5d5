//! The limits: how many calls at a time, how many per second, and in which order.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::{Delivery, PaymentCredentialsPort};
use payment_credentials_layers::{
    Allowance, ConcurrencyLimit, Deadline, LocalAllowance, PauseUntil, RateLimit,
};
use payment_credentials_mock::{block_on, failures};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::fake::{Play, call, fake, refused};

const SECOND: Duration = Duration::from_secs(1);

/// Makes calls at the same time, and returns when each of them ended, in the order in which they
/// were made.
async fn at_once(port: impl PaymentCredentialsPort + 'static, calls: usize) -> Vec<Duration> {
    let port = Arc::new(port);
    let start = Instant::now();
    let mut set = JoinSet::new();
    for nth in 0..calls {
        let port = Arc::clone(&port);
        set.spawn(async move {
            call(&port).await.expect("credentials");
            (nth, start.elapsed())
        });
    }
    let mut ended = set.join_all().await;
    ended.sort_unstable();
    ended.into_iter().map(|(_, time)| time).collect()
}

/// Row E15: no deadlock, and each call waits as long as its place in the queue requires.
#[tokio::test(start_paused = true)]
async fn ten_thousand_calls_go_through_a_hundred_places_in_their_order() {
    let port = fake(|_| Play::after(10, Play::Give));
    let limit = ConcurrencyLimit::new(port.clone(), 100).expect("a limit");
    let ended = at_once(limit, 10_000).await;
    assert_eq!(port.most_running(), 100);
    for (nth, time) in ended.into_iter().enumerate() {
        let turn = u32::try_from(nth / 100).expect("a number") + 1;
        assert_eq!(time, Duration::from_millis(10) * turn, "call {nth}");
    }
}

/// Row E16.
#[tokio::test(start_paused = true)]
async fn a_slow_call_does_not_hold_the_others() {
    let port = fake(|call| Play::after(if call == 0 { 10_000 } else { 10 }, Play::Give));
    let limit = ConcurrencyLimit::new(port, 2).expect("a limit");
    let ended = at_once(limit, 100).await;
    assert_eq!(ended[0], 10 * SECOND);
    assert_eq!(ended[99], Duration::from_millis(990));
}

#[test]
fn the_concurrency_limit_needs_no_runtime_and_no_call_is_too_many() {
    let limit = ConcurrencyLimit::new(fake(|_| Play::Give), usize::MAX).expect("a limit");
    block_on(call(&limit)).expect("credentials");
}

#[tokio::test(start_paused = true)]
async fn calls_are_as_many_a_second_as_the_limit_says() {
    let port = fake(|_| Play::Give);
    let limit = RateLimit::sharing(
        port.clone(),
        Arc::new(LocalAllowance::new(50).expect("a limit").burst(1)),
    );
    let ended = at_once(limit, 500).await;
    assert!(ended.is_sorted());
    for (nth, time) in ended.into_iter().enumerate() {
        let due = SECOND / 50 * u32::try_from(nth).expect("a number");
        assert_eq!(time, due, "call {nth}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_while_is_made_up_for_by_one_burst() {
    let port = fake(|_| Play::Give);
    let limit = RateLimit::sharing(
        port.clone(),
        Arc::new(LocalAllowance::new(10).expect("a limit").burst(5)),
    );
    let limit = Arc::new(limit);
    at_once(Arc::clone(&limit), 20).await;
    sleep(100 * SECOND).await;
    let ended = at_once(limit, 25).await;
    let at_once = ended.iter().filter(|time| time.is_zero()).count();
    assert_eq!(at_once, 5);
    assert_eq!(ended[24], 2 * SECOND);
}

/// A timer's resolution is one millisecond; a higher rate is reached through bursts.
#[tokio::test(start_paused = true)]
async fn a_rate_of_more_than_a_call_a_millisecond_is_kept() {
    let limit = RateLimit::new(fake(|_| Play::Give), 5_000).expect("a limit");
    let ended = at_once(limit, 10_500).await;
    let last = ended[10_499];
    let due = Duration::from_millis(1_999)..=Duration::from_millis(2_001);
    assert!(due.contains(&last), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn the_highest_rate_lets_all_through() {
    let limit = RateLimit::new(fake(|_| Play::Give), u32::MAX).expect("a limit");
    let ended = at_once(limit, 1_000).await;
    assert!(ended.iter().all(Duration::is_zero));
}

/// Row E12: a call that is dropped while it waits has used nothing up, and was never sent.
#[tokio::test(start_paused = true)]
async fn e12_a_call_that_is_dropped_in_the_queue_takes_no_turn() {
    let port = fake(|_| Play::Give);
    let limit = RateLimit::new(port.clone(), 1).expect("a limit");
    let limit = Arc::new(limit);
    call(&limit).await.expect("credentials");
    let given_up: Vec<_> = (0..10)
        .map(|_| {
            let limit = Arc::clone(&limit);
            tokio::spawn(async move { call(&limit).await.is_ok() })
        })
        .collect();
    sleep(SECOND / 2).await;
    given_up.iter().for_each(tokio::task::JoinHandle::abort);
    let start = Instant::now();
    call(&limit).await.expect("credentials");
    assert_eq!(start.elapsed(), SECOND / 2);
    assert_eq!(port.asked(), 2);
}

#[test]
fn the_rate_limit_needs_a_runtime_only_to_wait() {
    let limit = RateLimit::new(fake(|_| Play::Give), 1).expect("a limit");
    block_on(call(&limit)).expect("credentials");
    let error = block_on(call(&limit)).expect_err("no runtime");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test(start_paused = true)]
async fn ports_that_share_an_allowance_keep_one_limit() {
    let allowance: Arc<dyn Allowance> =
        Arc::new(LocalAllowance::new(10).expect("a limit").burst(1));
    let ports = [fake(|_| Play::Give), fake(|_| Play::Give)];
    let [one, other] = ports.map(|port| RateLimit::sharing(port, Arc::clone(&allowance)));
    let start = Instant::now();
    let (_, _) = tokio::join!(at_once(one, 5), at_once(other, 5));
    assert_eq!(start.elapsed(), Duration::from_millis(900));
}

#[tokio::test(start_paused = true)]
async fn one_throttled_call_pauses_every_port_that_shares_the_allowance() {
    let allowance: Arc<dyn Allowance> =
        Arc::new(LocalAllowance::new(10).expect("a limit").burst(1));
    let throttled = fake(|_| Play::Fail(failures::throttled(Duration::from_secs(7))));
    let layered = |port| {
        let port = PauseUntil::sharing(port, Arc::clone(&allowance));
        RateLimit::sharing(port, Arc::clone(&allowance))
    };
    let (throttled, other) = (layered(throttled), layered(fake(|_| Play::Give)));
    let start = Instant::now();
    call(&throttled).await.expect_err("throttled");
    // The rate applies again; the calls don't start all at once.
    let ended = at_once(other, 3).await;
    assert_eq!(start.elapsed(), Duration::from_millis(7_200));
    let since = ended.first().expect("a call");
    assert_eq!(*since, 7 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_no_longer_than_its_cap_and_only_for_who_asks_to_wait() {
    for (error, pause) in [
        (failures::throttled(Duration::MAX), 2),
        (failures::throttled(SECOND), 1),
        (failures::refused(429), 0),
        (failures::refused(502), 0),
    ] {
        let error = Arc::new(std::sync::Mutex::new(Some(error)));
        let port = fake(move |_| match error.lock().expect("the error").take() {
            Some(error) => Play::Fail(error),
            None => Play::Give,
        });
        let port = PauseUntil::new(port).longest(2 * SECOND);
        let start = Instant::now();
        call(&port).await.expect_err("refused");
        call(&port).await.expect("credentials");
        assert_eq!(start.elapsed(), SECOND * pause);
    }
}

/// A call that waits for the end of a pause has not been sent.
#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_in_a_pause_says_that_nothing_was_sent() {
    let port = fake(|_| Play::Fail(failures::throttled(60 * SECOND)));
    let port = Deadline::new(PauseUntil::new(port), SECOND);
    call(&port).await.expect_err("throttled");
    let error = call(&port).await.expect_err("late");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

/// A call that waits for its turn has not begun, so a pause delays it.
#[tokio::test(start_paused = true)]
async fn no_call_that_is_queued_begins_in_a_pause() {
    let port = fake(|call| {
        let throttled = failures::throttled(30 * SECOND);
        Play::after(
            10,
            if call == 0 {
                Play::Fail(throttled)
            } else {
                Play::Give
            },
        )
    });
    let allowance: Arc<dyn Allowance> =
        Arc::new(LocalAllowance::new(50).expect("a limit").burst(1));
    let limited = PauseUntil::sharing(port.clone(), Arc::clone(&allowance));
    let limited = ConcurrencyLimit::new(limited, 1).expect("a limit");
    let limited = Arc::new(RateLimit::sharing(limited, allowance));
    let start = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let limited = Arc::clone(&limited);
        calls.spawn(async move { call(&*limited).await.is_ok() });
    }
    sleep(29 * SECOND).await;
    assert_eq!(port.asked(), 1);
    let ended = calls.join_all().await;
    assert_eq!(ended.into_iter().filter(|is_ok| *is_ok).count(), 99);
    assert!(start.elapsed() > 30 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_no_clock_can_hold_is_a_pause() {
    let port = fake(|_| Play::Fail(failures::throttled(Duration::MAX)));
    let port = Deadline::new(PauseUntil::new(port).longest(Duration::MAX), SECOND);
    call(&port).await.expect_err("throttled");
    let error = call(&port).await.expect_err("paused");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

/// Row C27: an intermediary that sends no `Date` can ask for a pause too.
#[tokio::test(start_paused = true)]
async fn c27_a_date_pauses_by_the_local_clock_where_the_response_has_none() {
    for (until, pause) in [
        ("Fri, 22 Nov 2999 12:00:07 GMT", 60 * SECOND),
        ("Thu, 22 Nov 2001 12:00:07 GMT", Duration::ZERO),
    ] {
        let port = fake(move |call| match call {
            0 => Play::Fail(refused(503, &[("retry-after", until)])),
            _ => Play::Give,
        });
        let port = PauseUntil::new(port);
        call(&port).await.expect_err("refused");
        let start = Instant::now();
        call(&port).await.expect("credentials");
        assert_eq!(start.elapsed(), pause, "{until}");
    }
}
