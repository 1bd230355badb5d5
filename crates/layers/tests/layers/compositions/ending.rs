//! How a caller ends a call.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// Waits until the call ends by itself; a port that never ends is given up eventually.
    Patient,
    /// By a timeout of this many milliseconds.
    Timeout(u64),
    /// By dropping it after this many polls.
    Dropped(u32),
}

impl Ending {
    pub(super) const ALL: [Self; 11] = [
        Self::Patient,
        Self::Timeout(1),
        Self::Timeout(15),
        Self::Timeout(45),
        Self::Timeout(90),
        Self::Timeout(140),
        Self::Dropped(1),
        Self::Dropped(2),
        Self::Dropped(3),
        Self::Dropped(5),
        Self::Dropped(8),
    ];

    /// Whether everything that was sent has arrived when the call ends: paused time advances only
    /// when no task has anything to do.
    pub(super) fn is_exact(self) -> bool {
        !matches!(self, Self::Dropped(_))
    }

    /// Makes a call; returns `None` if it was cut short.
    pub(super) async fn of<F: Future>(self, call: F) -> Option<F::Output> {
        match self {
            Self::Patient => timeout(Duration::from_secs(60), call).await.ok(),
            Self::Timeout(milliseconds) => {
                let limit = Duration::from_millis(milliseconds);
                timeout(limit, call).await.ok()
            }
            Self::Dropped(polls) => {
                let mut call = pin!(call);
                let mut left = polls;
                let dropped = poll_fn(|cx| {
                    let polled = call.as_mut().poll(cx).map(Some);
                    left -= 1;
                    if left == 0 && polled.is_pending() {
                        return Poll::Ready(None);
                    }
                    polled
                });
                // A port that is never woken never reaches this number of polls.
                timeout(Duration::from_secs(60), dropped)
                    .await
                    .ok()
                    .flatten()
            }
        }
    }
}
