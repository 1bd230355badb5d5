//! How a caller ends a call.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;

#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// Not before it ends by itself, if it does: a port that never ends is given up in the end.
    Patient,
    /// By a timeout of so many milliseconds.
    Timeout(u64),
    /// By dropping it after so many polls.
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

    /// Whether all that was sent has arrived when the call ends: time passes only where nothing else
    /// is left to do.
    pub(super) fn is_exact(self) -> bool {
        !matches!(self, Self::Dropped(_))
    }

    /// Makes a call; nothing, if it was cut short.
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
                // A port that is never woken is never polled so often.
                timeout(Duration::from_secs(60), dropped)
                    .await
                    .ok()
                    .flatten()
            }
        }
    }
}
