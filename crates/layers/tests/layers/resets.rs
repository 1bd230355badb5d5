//! Row E3: a permanent misconfiguration that looks like a broken network is not retried any more,
//! and the error names what to check.

use std::error::Error;
use std::sync::Arc;

use payment_credentials_core::{Delivery, PortError, PortErrorKind};
use payment_credentials_layers::{OnUnknownDelivery, Retry, RetryPolicy};
use payment_credentials_mock::failures;
use tokio::task::JoinSet;

use crate::fake::{Fake, Play, call, failed, fake, reset_before_send};

/// A port whose every request is written and, a moment later, reset.
fn resetting() -> Fake {
    fake(|_| Play::after(20, Play::Fail(failures::reset_after_send())))
}

fn says_what_to_check(error: &PortError) -> bool {
    let advice = "response-MLE key id and the name of its claim";
    error
        .source()
        .is_some_and(|source| source.to_string().contains(advice))
}

/// Makes this many calls at the same time.
async fn at_once(port: Retry<Fake>, calls: usize) -> Vec<PortError> {
    let port = Arc::new(port);
    let mut set = JoinSet::new();
    for _ in 0..calls {
        let port = Arc::clone(&port);
        set.spawn(async move { call(&port).await.expect_err("reset") });
    }
    set.join_all().await
}

/// Row E3: five calls at once are enough, and all their errors report the pattern.
#[tokio::test(start_paused = true)]
async fn calls_that_run_together_are_counted_together() {
    let port = resetting();
    let retry = Retry::with_policy(
        port.clone(),
        &RetryPolicy::default()
            .on_unknown_delivery(OnUnknownDelivery::Repeat)
            .max_retries(9),
    );
    let errors = at_once(retry, 5).await;
    assert!(errors.iter().all(says_what_to_check), "{errors:?}");
    // Four calls already had a retry scheduled before the fifth call ended.
    assert_eq!(port.asked(), 5 + 4);
    let attempts: u32 = errors.iter().map(PortError::attempts).sum();
    assert_eq!(attempts as usize, port.asked());
}

/// Row E3: however many calls run, the service sees each of them once, and a handful twice.
#[tokio::test(start_paused = true)]
async fn a_thousand_calls_make_no_storm_of_it() {
    let port = resetting();
    let retry = Retry::with_policy(
        port.clone(),
        &RetryPolicy::default()
            .on_unknown_delivery(OnUnknownDelivery::Repeat)
            .max_retries(9),
    );
    let errors = at_once(retry, 1_000).await;
    assert!(errors.iter().all(says_what_to_check));
    assert_eq!(port.asked(), 1_000 + 4);
}

/// Row E3, for requests that are never repeated anyway.
#[tokio::test(start_paused = true)]
async fn calls_that_run_together_say_it_without_the_opt_in_too() {
    let port = resetting();
    let retry = Arc::new(Retry::new(port.clone()));
    let mut calls = JoinSet::new();
    for _ in 0..5 {
        let retry = Arc::clone(&retry);
        calls.spawn(async move { failed(&retry).await.0 });
    }
    let errors = calls.join_all().await;
    let explained = errors.iter().filter(|error| says_what_to_check(error));
    assert_eq!((explained.count(), port.asked()), (1, 5));
    let (next, _) = failed(&retry).await;
    assert!(says_what_to_check(&next), "{next:?}");
    // The kind and the repeatability are reported as usual.
    assert_eq!(
        (
            next.kind(),
            next.delivery(),
            next.repeatability(),
            next.attempts()
        ),
        {
            let reset = failures::reset_after_send();
            (reset.kind(), reset.delivery(), reset.repeatability(), 1)
        }
    );
}

/// Row E3.
#[tokio::test(start_paused = true)]
async fn e3_a_reset_each_time_stops_being_repeated_and_says_what_to_check() {
    let port = fake(|_| Play::Fail(failures::reset_after_send()));
    let retry = Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().on_unknown_delivery(OnUnknownDelivery::Repeat),
    );
    let calls: Vec<_> = (0..5).map(|_| failed(&retry)).collect();
    let mut results = Vec::new();
    for call in calls {
        let (error, _) = call.await;
        assert_eq!(
            (error.kind(), error.delivery()),
            (PortErrorKind::Reset, Delivery::Unknown)
        );
        let hint = error.source().map(ToString::to_string).unwrap_or_default();
        results.push((error.attempts(), hint.contains("response-MLE key id")));
    }
    assert_eq!(
        results,
        [(3, false), (2, true), (1, true), (1, true), (1, true)]
    );
    assert_eq!(port.asked(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_reset_each_time_is_told_without_the_opt_in_too_until_an_answer_comes() {
    let port = fake(|call| match call {
        5 => Play::Fail(failures::refused(404)),
        8 => Play::Give,
        7 => Play::Fail(failures::connect()),
        _ => Play::Fail(failures::reset_after_send()),
    });
    let retry = Retry::new(port);
    let mut hints = Vec::new();
    for _ in 0..13 {
        let error = call(&retry).await.err();
        let hint = error.as_ref().and_then(|error| error.source());
        let cause = hint.and_then(|hint| hint.source());
        hints.push(cause.is_some_and(<dyn Error>::is::<PortError>));
    }
    let hinted: Vec<_> = hints
        .iter()
        .enumerate()
        .filter(|(_, hinted)| **hinted)
        .collect();
    assert_eq!(hinted, [(4, &true), (12, &true)], "{hints:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_neither_counts_as_such_a_reset_nor_ends_their_row() {
    let port = fake(|call| match call {
        0..4 | 9.. => Play::Fail(failures::reset_after_send()),
        4..9 => Play::Fail(reset_before_send()),
    });
    let retry = Retry::with_policy(port, &RetryPolicy::default().max_retries(0));
    let mut hints = Vec::new();
    for _ in 0..10 {
        hints.push(failed(&retry).await.0.source().is_some());
    }
    assert_eq!(
        hints.iter().position(|hinted| *hinted),
        Some(9),
        "{hints:?}"
    );
}
