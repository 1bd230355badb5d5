//! What the layers around one call tell each other.
//!
//! A layer knows the port below it and nothing else. Yet whoever cuts a call short has to know
//! whether it still waited for its turn, and whoever tells of a call, how many attempts it took.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use payment_credentials_core::Phase;
use tokio::task_local;
use tokio::time::{Instant, timeout};

task_local! {
    static RECORD: Record;
}

/// The record of one call; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(Arc<Call>);

/// A call is one task at a time, so that nothing here has to be ordered.
#[derive(Debug, Default)]
struct Call {
    retries: AtomicU32,
    sent: AtomicBool,
    held: AtomicBool,
}

impl Record {
    /// The record of the call that is being made, or else a new one.
    pub(crate) fn current() -> Self {
        RECORD.try_with(Clone::clone).unwrap_or_default()
    }

    /// Makes a call, so that the layers below find this record.
    pub(crate) async fn scope<F: Future>(&self, call: F) -> F::Output {
        RECORD.scope(self.clone(), call).await
    }

    /// Makes a call that ends by then; if it has to be cut short, how far it got.
    ///
    /// A call that still waits for its turn when the time is up doesn't get it any more, not even
    /// from a call whose time is up at the same moment: it could only begin and be dropped.
    pub(crate) async fn within<F: Future>(
        &self,
        limit: Duration,
        call: F,
    ) -> Result<F::Output, Phase> {
        let end = Instant::now().checked_add(limit);
        let is_over = || end.is_some_and(|end| end <= Instant::now());
        let mut call = pin!(timeout(limit, self.scope(call)));
        // The phase is asked while the call is there: dropping it ends its wait.
        poll_fn(|cx| {
            if self.is_held() && is_over() {
                return Poll::Ready(Err(self.phase()));
            }
            let ended = call.as_mut().poll(cx);
            ended.map_err(|_elapsed| self.phase())
        })
        .await
    }

    /// Waits, and lets those above know that the call has gone no further.
    pub(crate) async fn hold<F: Future>(&self, wait: F) -> F::Output {
        self.0.held.store(true, Relaxed);
        let _held = Held(&self.0.held);
        wait.await
    }

    /// Tells that something of the call has left the process, or may have.
    pub(crate) fn sent(&self) {
        self.0.sent.store(true, Relaxed);
    }

    /// Tells that another attempt begins.
    pub(crate) fn retried(&self) {
        self.0.retries.fetch_add(1, Relaxed);
    }

    /// How many attempts were made beside the first.
    pub(crate) fn retries(&self) -> u32 {
        self.0.retries.load(Relaxed)
    }

    fn is_held(&self) -> bool {
        self.0.held.load(Relaxed)
    }

    /// How far the call has got, as far as the layers know.
    pub(crate) fn phase(&self) -> Phase {
        if self.is_held() && !self.0.sent.load(Relaxed) {
            Phase::Start
        } else {
            Phase::Transport
        }
    }
}

/// A wait that goes on.
struct Held<'a>(&'a AtomicBool);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}
