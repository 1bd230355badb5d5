//! Retries: how often, how long, and what the final error reports.

use std::error::Error;
use std::time::Duration;

use payment_credentials_core::{Delivery, Phase, PortError, PortErrorKind, Refusal, Repeatability};
use payment_credentials_layers::{ConcurrencyLimit, OnUnknownDelivery, Retry, RetryPolicy};
use payment_credentials_mock::{block_on, failures};
use tokio::time::Instant;

use crate::fake::{Play, call, failed, fails, fake, reset_before_send};

const SECOND: Duration = Duration::from_secs(1);

fn cause(error: &PortError) -> &PortError {
    let source = error.source().expect("a source");
    source.downcast_ref().expect("the error of an attempt")
}

/// Row E1.
#[tokio::test(start_paused = true)]
async fn e1_the_third_attempt_succeeds_after_two_that_found_no_connection() {
    let port = fake(fails(2, failures::connect));
    call(&Retry::new(port.clone())).await.expect("credentials");
    let times = port.asked_at();
    let waits = times.windows(2).map(|pair| pair[1].duration_since(pair[0]));
    let windows = [3 * SECOND, 6 * SECOND];
    assert!(
        waits.zip(windows).all(|(wait, window)| wait <= window),
        "{times:?}"
    );
    assert_eq!(times.len(), 3);
}

/// Row E2.
#[tokio::test(start_paused = true)]
async fn e2_what_may_have_been_acted_on_is_repeated_only_by_opt_in() {
    let port = fake(fails(1, failures::reset_after_send));
    let (error, took) = failed(&Retry::new(port.clone())).await;
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Reset, Delivery::Unknown)
    );
    assert_eq!(
        (error.attempts(), port.asked(), took),
        (1, 1, Duration::ZERO)
    );

    let port = fake(fails(1, failures::reset_after_send));
    let repeating = Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().on_unknown_delivery(OnUnknownDelivery::Repeat),
    );
    call(&repeating).await.expect("credentials");
    assert_eq!(port.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_last_error_tells_how_many_attempts_there_were() {
    for retries in [0, 1, 2, 7] {
        let port = fake(|_| Play::Fail(failures::connect()));
        let retry = Retry::with_policy(
            port.clone(),
            &RetryPolicy::default()
                .max_retries(retries)
                .deadline(Duration::MAX),
        );
        let (error, _) = failed(&retry).await;
        assert_eq!(error.kind(), PortErrorKind::Connect);
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::NotSent, Repeatability::Safe)
        );
        assert_eq!(error.attempts(), retries + 1);
        assert_eq!(port.asked(), retries as usize + 1);
    }
}

/// Row E23: the number of attempts that an outer retry layer adds up equals what the service saw.
#[tokio::test(start_paused = true)]
async fn e23_two_layers_multiply_their_attempts_and_the_error_shows_it() {
    let port = fake(|_| Play::Fail(failures::connect()));
    let inner = Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().backoff(SECOND, SECOND),
    );
    let outer = Retry::with_policy(inner, &RetryPolicy::default().backoff(SECOND, SECOND));
    let (error, _) = failed(&outer).await;
    assert_eq!((error.attempts(), port.asked()), (9, 9));
}

/// Row E22: a slow response is no reason to send a second request meanwhile.
#[tokio::test(start_paused = true)]
async fn e22_attempts_never_overlap() {
    let port = fake(|_| Play::after(900, Play::Fail(failures::connect())));
    let (error, _) = failed(&Retry::new(port.clone())).await;
    assert_eq!((error.attempts(), port.most_running()), (3, 1));
}

/// Row E6.
#[tokio::test(start_paused = true)]
async fn e6_no_attempt_begins_that_can_not_end_in_time() {
    let port = fake(|_| Play::after(27_000, Play::Fail(failures::refused(503))));
    let (error, took) = failed(&Retry::new(port.clone())).await;
    assert_eq!((took, port.asked()), (27 * SECOND, 1));
    assert_eq!(
        (error.kind(), error.repeatability()),
        (PortErrorKind::Deadline, Repeatability::Never)
    );
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(
        error.correlation_id(),
        failures::refused(503).correlation_id()
    );
    assert_eq!(error.status(), Some(503));
    assert_eq!(
        cause(&error).kind(),
        PortErrorKind::Refused(Refusal::Unavailable)
    );
}

/// Row E6: the deadline's error keeps what the service said in the last attempt.
#[tokio::test(start_paused = true)]
async fn a_call_that_ends_for_want_of_time_tells_the_services_reason() {
    let port = fake(|_| Play::after(27_000, Play::Fail(failures::refused(502))));
    let retry = Retry::with_policy(
        port,
        &RetryPolicy::default().on_unknown_delivery(OnUnknownDelivery::Repeat),
    );
    let (error, _) = failed(&retry).await;
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Deadline, Delivery::Unknown)
    );
    assert_eq!(error.reason(), Some("badGateway"));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_needs_the_time_of_a_short_one_at_least() {
    for (milliseconds, attempts) in [(499, 1), (500, 2)] {
        let port = fake(|_| Play::Fail(failures::connect()));
        let retry = Retry::with_policy(
            port.clone(),
            &RetryPolicy::default()
                .max_retries(1)
                .deadline(Duration::from_millis(milliseconds)),
        );
        let (error, took) = failed(&retry).await;
        assert_eq!(error.attempts(), attempts, "{milliseconds}");
        assert!(
            took <= Duration::from_millis(1),
            "no room to wait in: {took:?}"
        );
    }
}

/// A wait is shortened to the time that the deadline leaves.
#[tokio::test(start_paused = true)]
async fn whatever_the_waits_every_attempt_has_its_time() {
    for seed in 0..200 {
        let port = fake(|_| Play::after(100, Play::Fail(failures::connect())));
        let retry = Retry::with_policy(
            port.clone(),
            &RetryPolicy::default().seed(seed).deadline(2 * SECOND),
        );
        let start = Instant::now();
        let (error, took) = failed(&retry).await;
        assert!(took <= 2 * SECOND, "{took:?}");
        assert!(error.attempts() >= 2, "{error:?}");
        for at in port.asked_at() {
            // A timer's resolution is one millisecond.
            let latest = Duration::from_millis(1_501);
            assert!(at - start <= latest, "{:?}", at - start);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_is_cut_short_at_the_deadline_and_the_last_cause_kept() {
    let port = fake(|call| match call {
        0 => Play::Fail(failures::connect()),
        _ => Play::Hang,
    });
    let (error, took) = failed(&Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().deadline(10 * SECOND),
    ))
    .await;
    assert_eq!(took, 10 * SECOND);
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Deadline, Delivery::Unknown)
    );
    assert_eq!((error.phase(), error.attempts()), (Phase::Transport, 2));
    assert_eq!(cause(&error).kind(), PortErrorKind::Connect);
    assert_eq!(port.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_deadlines_that_pass_together_the_ports_is_told() {
    let port = fake(|_| Play::after(30_000, Play::Fail(failures::deadline_after_send())));
    let (error, took) = failed(&Retry::new(port)).await;
    assert_eq!((error.phase(), took), (Phase::Headers, 30 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_in_the_queue_was_not_sent_unless_an_attempt_before_it_was() {
    let port = fake(|_| Play::Hang);
    let limit = ConcurrencyLimit::new(port.clone(), 1).expect("a limit");
    let retry = Retry::with_policy(limit, &RetryPolicy::default().deadline(10 * SECOND));
    let (_, queued) = tokio::join!(failed(&retry), failed(&retry));
    assert_eq!(queued.0.delivery(), Delivery::NotSent);

    // The first call's second attempt finds the place occupied by the second call.
    let port = fake(|call| match call {
        0 => Play::after(1, Play::Fail(failures::refused(502))),
        _ => Play::Hang,
    });
    let limit = ConcurrencyLimit::new(port.clone(), 1).expect("a limit");
    let retry = Retry::with_policy(
        limit,
        &RetryPolicy::default()
            .deadline(10 * SECOND)
            .on_unknown_delivery(OnUnknownDelivery::Repeat),
    );
    let (first, _) = tokio::join!(failed(&retry), failed(&retry));
    assert_eq!(
        (first.0.attempts(), first.0.delivery()),
        (2, Delivery::Unknown)
    );
    assert_eq!(port.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_nothing_asks_nothing() {
    let port = fake(|_| Play::Give);
    let (error, took) = failed(&Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().deadline(Duration::ZERO),
    ))
    .await;
    assert_eq!(
        (error.phase(), error.delivery()),
        (Phase::Start, Delivery::NotSent)
    );
    assert_eq!((port.asked(), took), (0, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn the_error_is_that_of_the_attempt_that_got_furthest_and_the_last_is_its_source() {
    let throttled = || failures::throttled(Duration::ZERO);
    for (first, reported) in [
        (failures::connect as fn() -> PortError, failures::connect()),
        (reset_before_send, failures::connect()),
        (throttled, throttled()),
        (failures::reset_after_send, failures::reset_after_send()),
    ] {
        let port = fake(move |call| match call {
            0 => Play::Fail(first()),
            _ => Play::Fail(failures::connect()),
        });
        let retry = Retry::with_policy(
            port,
            &RetryPolicy::default().on_unknown_delivery(OnUnknownDelivery::Repeat),
        );
        let (error, _) = failed(&retry).await;
        assert_eq!((error.kind(), error.attempts()), (reported.kind(), 3));
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (reported.delivery(), reported.repeatability())
        );
        let other = error.other_attempt().expect("another attempt").kind();
        let is_reported = reported.kind() == PortErrorKind::Connect;
        assert!(is_reported || other == PortErrorKind::Connect, "{error:?}");
    }
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let port = fake(|_| Play::Give);
    let error = block_on(call(&Retry::new(port.clone()))).expect_err("no runtime");
    let found = (error.kind(), error.delivery());
    assert_eq!(found, (PortErrorKind::Setup, Delivery::NotSent));
    assert_eq!(port.asked(), 0);
}
