//! The deadline: exact to the instant, and never certain of more than it knows.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::{Delivery, Phase, PortError, PortErrorKind, Repeatability};
use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, OnUnknownDelivery, RateLimit, Retry, RetryPolicy,
};
use payment_credentials_mock::{block_on, failures};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::fake::{LeavesLate, Play, call, failed, fake, reset_before_send};

const LIMIT: Duration = Duration::from_secs(8);

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_ends_to_the_instant_and_is_dropped() {
    let port = fake(|_| Play::Hang);
    let (error, took) = failed(&Deadline::new(port.clone(), LIMIT)).await;
    assert_eq!(took, LIMIT);
    assert_eq!(port.running(), 0);
    let found = (
        error.kind(),
        error.delivery(),
        error.phase(),
        error.repeatability(),
    );
    let expected = (
        PortErrorKind::Deadline,
        Delivery::Unknown,
        Phase::Transport,
        Repeatability::Never,
    );
    assert_eq!(found, expected);
    assert_eq!(error.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_within_the_limit_is_as_it_is_without() {
    let port = fake(|_| Play::after(7_999, Play::Give));
    let start = Instant::now();
    call(&Deadline::new(port, LIMIT))
        .await
        .expect("credentials");
    assert_eq!(start.elapsed(), Duration::from_millis(7_999));
}

/// Row B19: a millisecond is the resolution of a timer.
#[tokio::test(start_paused = true)]
async fn a_limit_of_next_to_nothing_asks_nothing_and_an_endless_one_does_not_overflow() {
    let port = fake(|_| Play::Give);
    for nanoseconds in [0, 1, 999_999] {
        let limit = Duration::from_nanos(nanoseconds);
        for (error, _) in [
            failed(&Deadline::new(port.clone(), limit)).await,
            failed(&Retry::with_policy(
                port.clone(),
                &RetryPolicy::default().deadline(limit),
            ))
            .await,
        ] {
            let reported = (error.kind(), error.phase(), error.delivery());
            let late = PortErrorKind::Deadline;
            assert_eq!(reported, (late, Phase::Start, Delivery::NotSent));
        }
    }
    assert_eq!(port.asked(), 0);
    for limit in [Duration::from_millis(1), Duration::MAX] {
        let outcome = call(&Deadline::new(port.clone(), limit)).await;
        outcome.expect("credentials");
    }
}

/// Row E15: the time in a queue counts, and a call that ends there was not sent.
#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_turn_ends_as_not_sent() {
    let port = fake(|_| Play::Hang);
    let limit = ConcurrencyLimit::new(port.clone(), 1).expect("a limit");
    let port = Deadline::new(limit, LIMIT);
    let (first, second) = tokio::join!(failed(&port), failed(&port));
    assert_eq!((first.0.delivery(), first.1), (Delivery::Unknown, LIMIT));
    assert_eq!((second.0.delivery(), second.1), (Delivery::NotSent, LIMIT));
    assert_eq!(second.0.phase(), Phase::Start);
}

/// Row E15: a call whose time is up while it waits must not take the place that a call before it
/// frees at that very moment.
#[tokio::test(start_paused = true)]
async fn calls_whose_time_is_up_together_do_not_pass_their_place_on_to_each_other() {
    let port = fake(|_| Play::Hang);
    let limit = ConcurrencyLimit::new(port.clone(), 10).expect("a limit");
    let port_of_ours = Arc::new(Deadline::new(limit, LIMIT));
    let mut calls = JoinSet::new();
    for _ in 0..1_000 {
        let port = Arc::clone(&port_of_ours);
        calls.spawn(async move { failed(&port).await });
    }
    let ended = calls.join_all().await;
    assert!(ended.iter().all(|(_, took)| *took == LIMIT));
    let sent = ended
        .iter()
        .filter(|(error, _)| error.delivery() != Delivery::NotSent);
    assert_eq!((sent.count(), port.asked()), (10, 10));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_second_of_time_ends_as_not_sent() {
    let port = RateLimit::new(fake(|_| Play::Give), 1).expect("a limit");
    let port = Deadline::new(port, Duration::from_millis(500));
    call(&port).await.expect("credentials");
    assert_eq!(failed(&port).await.0.delivery(), Delivery::NotSent);
}

/// The retry backs off for at least 20 seconds, so the deadline passes meanwhile.
#[tokio::test(start_paused = true)]
async fn a_call_that_backs_off_ends_as_not_sent_unless_an_attempt_was() {
    for (first, delivery) in [
        (reset_before_send as fn() -> PortError, Delivery::NotSent),
        (
            || failures::throttled(Duration::from_secs(20)),
            Delivery::Answered,
        ),
        (failures::reset_after_send, Delivery::Unknown),
    ] {
        let port = fake(move |_| Play::Fail(first()));
        let hour = Duration::from_secs(3_600);
        let retry = Retry::with_policy(
            port.clone(),
            &RetryPolicy::default()
                .backoff(hour, hour)
                .seed(1)
                .on_unknown_delivery(OnUnknownDelivery::Repeat)
                .deadline(Duration::MAX),
        );
        let port_of_ours = Deadline::new(retry, LIMIT);
        let (error, took) = failed(&port_of_ours).await;
        assert_eq!((error.delivery(), took), (delivery, LIMIT));
        assert_eq!((error.attempts(), port.asked()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_turn_once_more_is_not_sent_no_longer() {
    let port = fake(|call| match call {
        0 => Play::after(1, Play::Fail(failures::refused(502))),
        _ => Play::Hang,
    });
    let limit = ConcurrencyLimit::new(port.clone(), 1).expect("a limit");
    let retry = Retry::with_policy(
        limit,
        &RetryPolicy::default().on_unknown_delivery(OnUnknownDelivery::Repeat),
    );
    let port_of_ours = Deadline::new(retry, LIMIT);
    let (first, _) = tokio::join!(failed(&port_of_ours), failed(&port_of_ours));
    // The second attempt had not begun.
    assert_eq!(
        (first.0.attempts(), first.0.delivery()),
        (1, Delivery::Unknown)
    );
    assert_eq!(port.asked(), 2);
}

/// Row E14: two timeouts end cleanly in both orders.
#[tokio::test(start_paused = true)]
async fn e14_a_callers_own_timeout_may_be_around_it_or_within() {
    let port = fake(|call| if call < 2 { Play::Hang } else { Play::Give });
    let short = Duration::from_secs(1);

    let ours = Deadline::new(port.clone(), LIMIT);
    assert!(timeout(short, call(&ours)).await.is_err());
    assert_eq!(port.running(), 0);

    let ours = Deadline::new(port.clone(), short);
    let late = timeout(LIMIT, failed(&ours))
        .await
        .expect("an error in time");
    assert_eq!(late.1, short);
    assert_eq!(port.running(), 0);

    call(&ours).await.expect("credentials");
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let port = Deadline::new(fake(|_| Play::Give), LIMIT);
    let error = block_on(call(&port)).expect_err("no runtime");
    let found = (error.kind(), error.delivery());
    assert_eq!(found, (PortErrorKind::Setup, Delivery::NotSent));
}

#[tokio::test(start_paused = true)]
async fn a_call_is_asked_about_once_it_has_been_dropped() {
    let (error, _) = failed(&Deadline::new(LeavesLate, LIMIT)).await;
    assert_eq!(error.delivery(), Delivery::Unknown);
}
