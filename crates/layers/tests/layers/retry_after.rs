//! The delay that the service requests is honoured up to a limit, and applies to its own call only.

use std::time::Duration;

use payment_credentials_core::{Delivery, PortError, PortErrorKind, Refusal, Repeatability};
use payment_credentials_layers::{OnUnknownDelivery, Retry, RetryPolicy};
use payment_credentials_mock::failures;
use tokio::time::Instant;

use crate::fake::{Play, call, failed, fails, fake, refused};

const SECOND: Duration = Duration::from_secs(1);

/// The service's own time.
const NOW: (&str, &str) = ("date", "Sun, 22 Nov 2026 12:00:00 GMT");

async fn wait_after(error: fn() -> PortError) -> Duration {
    let port = fake(fails(1, error));
    let retry = Retry::with_policy(
        port,
        &RetryPolicy::default()
            .backoff(SECOND / 10, SECOND)
            .deadline(100 * SECOND),
    );
    let start = Instant::now();
    call(&retry).await.expect("credentials");
    start.elapsed()
}

/// Row C27.
#[tokio::test(start_paused = true)]
async fn c27_the_services_wish_to_wait_is_honoured_and_capped() {
    let soon = SECOND / 10 + Duration::from_millis(1);
    assert_eq!(
        wait_after(|| failures::throttled(2 * SECOND)).await,
        2 * SECOND
    );
    assert_eq!(
        wait_after(|| failures::throttled(86_400 * SECOND)).await,
        30 * SECOND
    );
    assert!(wait_after(|| failures::throttled(Duration::ZERO)).await <= soon);
    assert_eq!(
        wait_after(|| refused(503, &[("v-c-correlation-id", "1"), ("retry-after", "2")])).await,
        2 * SECOND
    );
    for (wish, expected) in [
        (("retry-after", "Sun, 22 Nov 2026 12:00:07 GMT"), 7),
        (("retry-after", "Mon, 22 Nov 2027 12:00:00 GMT"), 30),
    ] {
        let port = fake(move |call| match call {
            0 => Play::Fail(refused(429, &[NOW, wish])),
            _ => Play::Give,
        });
        let start = Instant::now();
        call(&Retry::with_policy(
            port,
            &RetryPolicy::default().deadline(100 * SECOND),
        ))
        .await
        .expect("credentials");
        assert_eq!(start.elapsed(), expected * SECOND, "{wish:?}");
    }
    let past = || {
        refused(
            429,
            &[NOW, ("retry-after", "Sun, 22 Nov 2026 11:59:00 GMT")],
        )
    };
    assert!(wait_after(past).await <= soon);
    // Without the service's own time, a date counts from the local clock.
    let past = || refused(429, &[("retry-after", "Thu, 22 Nov 2001 12:00:07 GMT")]);
    assert!(wait_after(past).await <= soon);
    let future = || refused(429, &[("retry-after", "Fri, 22 Nov 2999 12:00:07 GMT")]);
    assert_eq!(wait_after(future).await, 30 * SECOND);
    for junk in ["-1", "soon", "1.5", ""] {
        let port = fake(move |call| match call {
            0 => Play::Fail(refused(429, &[("retry-after", junk)])),
            _ => Play::Give,
        });
        let start = Instant::now();
        let retry = Retry::with_policy(port, &RetryPolicy::default().backoff(SECOND / 10, SECOND));
        call(&retry).await.expect("credentials");
        assert!(start.elapsed() <= soon, "{junk}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_deadline_has_no_room_for_ends_the_call_at_once_as_what_it_is() {
    let port = fake(|_| Play::Fail(failures::throttled(20 * SECOND)));
    let (error, took) = failed(&Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().deadline(20 * SECOND),
    ))
    .await;
    assert_eq!((took, port.asked()), (Duration::ZERO, 1));
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Throttled));
    assert!(error.retry_after().is_some());
}

/// A requested delay doesn't prove that the request was not processed: it changes when a call is
/// repeated, not whether.
#[tokio::test(start_paused = true)]
async fn a_wish_to_wait_says_nothing_of_what_was_acted_on() {
    let refusal = || refused(502, &[("retry-after", "2")]);
    let port = fake(fails(1, refusal));
    let (error, took) = failed(&Retry::new(port.clone())).await;
    assert_eq!((took, port.asked()), (Duration::ZERO, 1));
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Unknown, Repeatability::MayRepeat)
    );
    let port = fake(fails(1, refusal));
    let retry = Retry::with_policy(
        port,
        &RetryPolicy::default()
            .on_unknown_delivery(OnUnknownDelivery::Repeat)
            .backoff(SECOND / 10, SECOND),
    );
    let start = Instant::now();
    call(&retry).await.expect("credentials");
    assert_eq!(start.elapsed(), 2 * SECOND);
}

/// Row E20.
#[tokio::test(start_paused = true)]
async fn one_calls_wait_is_not_anothers() {
    let port = fake(fails(1, || failures::throttled(9 * SECOND)));
    let retry = Retry::new(port);
    let timed = || async {
        let start = Instant::now();
        call(&retry).await.expect("credentials");
        start.elapsed()
    };
    let (throttled, other) = tokio::join!(timed(), timed());
    assert_eq!((throttled, other), (9 * SECOND, Duration::ZERO));
}
