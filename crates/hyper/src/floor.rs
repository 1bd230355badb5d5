use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep};

use crate::settings::{FLOOR_BYTES, FLOOR_WINDOW};
use crate::watched::Watch;

/// Notices a response that has begun and comes too slowly to wait for.
///
/// It has no timer before the response begins, which in most calls is when it is complete too.
#[derive(Default)]
pub(crate) struct Floor(Option<Window>);

/// A time in which enough must come.
struct Window {
    end: Pin<Box<Sleep>>,
    /// Bytes that had come when it began.
    before: u64,
}

impl Floor {
    /// Is ready once so little came for so long.
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
            // An informational response is one that has come: the next may take its time.
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
