//! Settings and responses with extreme values: no overflow, no panic, no call that hangs.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::{PortError, PortErrorKind};
use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, LocalAllowance, OnUnknownDelivery, RateLimit, Retry, RetryPolicy,
};
use payment_credentials_mock::failures;
use tokio::time::timeout;

use crate::fake::{Play, call, failed, fails, fake, refused};

const NANOSECOND: Duration = Duration::from_nanos(1);
const ENDS: [Duration; 4] = [
    Duration::ZERO,
    NANOSECOND,
    Duration::from_secs(1),
    Duration::MAX,
];
/// Longer than any wait but an endless one; the time is paused, so this costs nothing.
const AGES: Duration = Duration::from_secs(1 << 40);

/// Row B19, for each duration of a retry policy, in all combinations.
#[tokio::test(start_paused = true)]
async fn a_retry_ends_whatever_its_times_are() {
    for deadline in ENDS {
        for shortest in ENDS {
            for (first, most) in ENDS.into_iter().flat_map(|one| ENDS.map(|two| (one, two))) {
                let port = fake(fails(1, failures::connect));
                let retry = Retry::with_policy(
                    port.clone(),
                    &RetryPolicy::default()
                        .deadline(deadline)
                        .shortest_attempt(shortest)
                        .backoff(first, most)
                        .max_retries(u32::MAX)
                        .seed(1),
                );
                let times = format!("{deadline:?} {shortest:?} {first:?} {most:?}");
                let ended = timeout(AGES, call(&retry)).await;
                // The settings themselves demand a wait of half of eternity.
                let is_endless = deadline == Duration::MAX && first.min(most) == Duration::MAX;
                assert!(ended.is_ok() || is_endless, "{times}");
                assert!(port.asked() <= 2, "{times}");
                if let Ok(Err(error)) = ended {
                    let late = PortErrorKind::Deadline;
                    assert_eq!(error.kind(), late, "{times}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_retries_as_there_are_numbers_are_ended_by_the_quota() {
    let port = fake(|_| Play::Fail(failures::refused(500)));
    let retry = Retry::with_policy(
        port.clone(),
        &RetryPolicy::default()
            .max_retries(u32::MAX)
            .on_unknown_delivery(OnUnknownDelivery::Repeat)
            .backoff(Duration::ZERO, Duration::ZERO)
            .deadline(Duration::MAX),
    );
    let (error, took) = failed(&retry).await;
    assert_eq!((error.attempts(), port.asked()), (36, 36));
    assert!(took < Duration::from_secs(1), "{took:?}");
}

/// Row C27: a time that no clock can hold means a long wait, or none.
#[tokio::test(start_paused = true)]
async fn a_wish_to_wait_for_ever_is_a_long_one() {
    const NOW: (&str, &str) = ("date", "Thu, 01 Jan 1970 00:00:00 GMT");
    let wishes: [fn() -> PortError; 4] = [
        || failures::throttled(Duration::MAX),
        || refused(429, &[("retry-after", "18446744073709551615")]),
        || refused(429, &[("retry-after", "99999999999999999999999999")]),
        || {
            refused(
                503,
                &[
                    NOW,
                    ("v-c-correlation-id", "6612345"),
                    ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
                ],
            )
        },
    ];
    for wish in wishes {
        let port = fake(fails(1, wish));
        let retry = Retry::with_policy(
            port.clone(),
            &RetryPolicy::default()
                .deadline(Duration::MAX)
                .backoff(Duration::ZERO, Duration::ZERO),
        );
        let start = tokio::time::Instant::now();
        call(&retry).await.expect("credentials");
        assert_eq!(start.elapsed(), Duration::from_secs(30), "{:?}", wish());
    }
}

/// Row B19, for the layer that only limits the time.
#[tokio::test(start_paused = true)]
async fn a_deadline_of_a_nanosecond_passes_and_an_endless_one_does_not() {
    let port = fake(|_| Play::Hang);
    let (error, took) = failed(&Deadline::new(port, NANOSECOND)).await;
    assert_eq!(error.kind(), PortErrorKind::Deadline);
    // A timer's resolution is one millisecond.
    assert!(took <= Duration::from_millis(1), "{took:?}");
    let port = Deadline::new(fake(|_| Play::Hang), Duration::MAX);
    assert!(
        timeout(Duration::from_secs(1 << 30), call(&port))
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn limits_bear_their_largest_numbers() {
    for (rate, burst) in [(1, u32::MAX), (u32::MAX, u32::MAX), (u32::MAX, 0), (1, 0)] {
        let allowance = LocalAllowance::new(rate).expect("a limit").burst(burst);
        let limit = RateLimit::sharing(fake(|_| Play::Give), Arc::new(allowance));
        let limit = ConcurrencyLimit::new(limit, usize::MAX).expect("a limit");
        for _ in 0..3 {
            call(&limit).await.expect("credentials");
        }
    }
}
