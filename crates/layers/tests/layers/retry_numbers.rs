//! Retries in numbers: the backoff windows, the time that an attempt is expected to take, and what
//! is counted.

use std::time::Duration;

use payment_credentials_core::{Delivery, Phase, PortError, PortErrorKind, Repeatability};
use payment_credentials_layers::{Deadline, OnUnknownDelivery, Retry, RetryPolicy};
use payment_credentials_mock::failures;

use crate::fake::{Play, call, failed, fake, refused};

const SECOND: Duration = Duration::from_secs(1);

/// Each window is twice the previous one, up to the maximum.
#[tokio::test(start_paused = true)]
async fn the_windows_of_a_calls_waits_double_up_to_the_most() {
    let mut longest = [Duration::ZERO; 5];
    for seed in 0..300 {
        let port = fake(|_| Play::Fail(failures::connect()));
        let policy = RetryPolicy::default()
            .max_retries(5)
            .deadline(Duration::MAX)
            .backoff(SECOND, 10 * SECOND)
            .seed(seed);
        let (error, _) = failed(&Retry::with_policy(port.clone(), &policy)).await;
        assert_eq!(error.attempts(), 6);
        for (longest, pair) in longest.iter_mut().zip(port.asked_at().windows(2)) {
            *longest = (*longest).max(pair[1] - pair[0]);
        }
    }
    for (longest, seconds) in longest.into_iter().zip([1, 2, 4, 8, 10]) {
        let window = seconds * SECOND;
        // A timer's resolution is one millisecond.
        let most = window + Duration::from_millis(1);
        assert!(
            longest > window.mul_f64(0.9) && longest <= most,
            "{longest:?}"
        );
    }
}

/// An attempt is expected to take as long as the previous attempt, without the wait before it.
#[tokio::test(start_paused = true)]
async fn a_long_wait_before_an_attempt_does_not_make_it_a_long_attempt() {
    let port = fake(|call| match call {
        0 => Play::Fail(refused(429, &[("retry-after", "8")])),
        1 => Play::after(100, Play::Fail(failures::connect())),
        _ => Play::Give,
    });
    let policy = RetryPolicy::default()
        .deadline(10 * SECOND)
        .backoff(Duration::ZERO, Duration::ZERO);
    call(&Retry::with_policy(port.clone(), &policy))
        .await
        .expect("credentials: there was time for a third attempt");
    assert_eq!(port.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_with_less_time_than_the_last_one_took() {
    let port = fake(|_| Play::after(4_000, Play::Fail(failures::connect())));
    let policy = RetryPolicy::default()
        .max_retries(9)
        .deadline(11 * SECOND)
        .backoff(Duration::ZERO, Duration::ZERO);
    let (error, took) = failed(&Retry::with_policy(port.clone(), &policy)).await;
    assert_eq!((port.asked(), took), (2, 8 * SECOND));
    assert_eq!(error.kind(), PortErrorKind::Deadline);
}

/// The count equals what the service saw, even if an inner layer turned one attempt into several.
#[tokio::test(start_paused = true)]
async fn attempts_that_a_port_below_has_made_count_wherever_a_call_ends() {
    async fn attempts(policy: RetryPolicy, milliseconds: u64, error: fn() -> PortError) -> u32 {
        let fails = move |_| Play::after(milliseconds, Play::Fail(error().with_attempts(3)));
        let policy = policy.backoff(Duration::ZERO, Duration::ZERO);
        let (error, _) = failed(&Retry::with_policy(fake(fails), &policy)).await;
        error.attempts()
    }
    let policy = RetryPolicy::default;
    let opted_in = || policy().on_unknown_delivery(OnUnknownDelivery::Repeat);
    assert_eq!(attempts(policy(), 1, failures::connect).await, 9);
    // The deadline leaves no time for another attempt, after the first and after the second.
    assert_eq!(attempts(policy(), 20_000, failures::connect).await, 3);
    assert_eq!(attempts(policy(), 11_000, failures::connect).await, 6);
    // The policy doesn't allow a retry.
    let reset = failures::reset_after_send;
    assert_eq!(attempts(policy(), 1, reset).await, 3);
    // After five failures in a row, the error explains the pattern.
    assert_eq!(attempts(opted_in().max_retries(9), 1, reset).await, 15);
}

/// The shortest limit that a timer can distinguish from none.
#[tokio::test(start_paused = true)]
async fn a_deadline_of_a_millisecond_lets_a_call_begin() {
    let limit = Duration::from_millis(1);
    let port = fake(|_| Play::Give);
    let policy = RetryPolicy::default().deadline(limit);
    call(&Retry::with_policy(port.clone(), &policy))
        .await
        .expect("credentials");
    call(&Deadline::new(port.clone(), limit))
        .await
        .expect("credentials");
    assert_eq!(port.asked(), 2);
    let shorter = Duration::from_nanos(999_999);
    let policy = RetryPolicy::default().deadline(shorter);
    failed(&Retry::with_policy(port.clone(), &policy)).await;
    failed(&Deadline::new(port.clone(), shorter)).await;
    assert_eq!(port.asked(), 2);
}

/// Any of several attempts may have created credentials: the first, one in between, or the last.
#[tokio::test(start_paused = true)]
async fn what_a_call_of_many_attempts_may_have_minted_is_not_forgotten() {
    let answered = |retry| {
        let (kind, delivery) = (PortErrorKind::Payload, Delivery::Answered);
        PortError::new(kind, delivery, Phase::Decode, retry)
    };
    for minted in 0..4 {
        let port = fake(move |call| {
            Play::Fail(match call {
                _ if call == minted => answered(Repeatability::Safe),
                _ => failures::throttled(Duration::ZERO),
            })
        });
        let policy = RetryPolicy::default().max_retries(3);
        let (error, _) = failed(&Retry::with_policy(port, &policy)).await;
        let found = (error.delivery(), error.attempts());
        assert_eq!(found, (Delivery::Answered, 4));
        assert_eq!(error.repeatability(), Repeatability::MayRepeat, "{minted}");
    }
}

/// If an earlier attempt may have created credentials, a safe repetition becomes unsafe, while a
/// useless one stays useless.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_repeating_cannot_help_stays_so_whatever_was_minted_before_it() {
    for attempts in [2, 3] {
        let port = fake(move |call| {
            Play::Fail(if call + 1 == attempts {
                failures::refused(404)
            } else {
                let (kind, delivery) = (PortErrorKind::Payload, Delivery::Answered);
                PortError::new(kind, delivery, Phase::Decode, Repeatability::Safe)
            })
        });
        let policy = RetryPolicy::default().max_retries(3);
        let (error, _) = failed(&Retry::with_policy(port.clone(), &policy)).await;
        assert_eq!(port.asked(), attempts);
        assert_eq!(
            (error.delivery(), error.status()),
            (Delivery::Answered, Some(404))
        );
        assert_eq!(error.repeatability(), Repeatability::Never);
    }
}

/// A 404 after a 502 doesn't reveal whether the 502 created credentials.
#[tokio::test(start_paused = true)]
async fn of_many_attempts_the_one_that_got_furthest_is_told_wherever_it_stood() {
    for worst in 0..4 {
        let port = fake(move |call| {
            Play::Fail(match call {
                _ if call == worst => failures::refused(502),
                3 => failures::refused(404),
                _ => failures::connect(),
            })
        });
        let policy = RetryPolicy::default()
            .max_retries(3)
            .on_unknown_delivery(OnUnknownDelivery::Repeat);
        let (error, _) = failed(&Retry::with_policy(port, &policy)).await;
        let found = (error.delivery(), error.repeatability(), error.status());
        assert_eq!(
            found,
            (Delivery::Unknown, Repeatability::MayRepeat, Some(502))
        );
        assert_eq!(error.attempts(), 4);
    }
}
