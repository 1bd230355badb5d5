use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep};

use crate::settings::{FLOOR_BYTES, FLOOR_WINDOW};
use crate::watched::Watch;

/// Detects a response that has begun and then arrives too slowly.
///
/// There is no timer before the response begins. In most calls the response is complete at that moment, so
/// most calls need no timer.
#[derive(Default)]
pub(crate) struct Floor(Option<Window>);

/// A period in which enough bytes must arrive.
struct Window {
    end: Pin<Box<Sleep>>,
    /// The bytes that had arrived when the period began.
    before: u64,
}

impl Floor {
    /// Is ready once at most [`FLOOR_BYTES`] have arrived in a [`FLOOR_WINDOW`].
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, watch: &Watch) -> Poll<()> {
        loop {
            let (read, done) = watch.bytes();
            let Some(window) = &mut self.0 else {
                if read <= done {
                    return Poll::Pending;
                }
                self.0 = Some(Window {
                    end: Box::pin(sleep(FLOOR_WINDOW)),
                    before: read,
                });
                continue;
            };
            ready!(window.end.as_mut().poll(cx));
            // An informational response is complete, and the next response may take longer.
            if window.before > done && read.saturating_sub(window.before) <= FLOOR_BYTES {
                return Poll::Ready(());
            }
            if read <= done {
                self.0 = None;
                return Poll::Pending;
            }
            window.before = read;
            window.end.as_mut().reset(Instant::now() + FLOOR_WINDOW);
        }
    }
}
