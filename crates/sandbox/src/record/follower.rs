use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use super::received::ReceivedRequest;

/// Bytes of requests that wait for one follower, at most.
const WAITING_BYTES: usize = 256 * 1024 * 1024;

/// Reads the record as it grows, and misses nothing.
///
/// Requests wait in a queue of the follower's own, from the moment of
/// [`Sandbox::follow`](crate::Sandbox::follow) on, so a slow follower loses none to the bounded history. The queue
/// holds about 256 MiB (100,000 requests of the usual size). What comes while it is full is left out:
/// [`missed`](Self::missed) counts it, and the [`number`](ReceivedRequest::number)s have a gap. The queue is
/// given up when the follower is dropped.
///
/// ```
/// use payment_credentials_sandbox::{Authentication, Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start_blocking(Authentication::strict())?;
/// let mut follower = sandbox.follow();
/// # let client = async {};
/// # let printer = async move {
/// while let Some(request) = follower.next().await {
///     println!("{} {}: {:?}", request.number(), request.path(), request.refused_at());
/// }
/// # };
/// # drop(sandbox);
/// # pollster::block_on(async { client.await; printer.await });
/// # Ok(())
/// # }
/// ```
pub struct Follower {
    /// What the history held when the follower began.
    earlier: VecDeque<ReceivedRequest>,
    later: mpsc::UnboundedReceiver<ReceivedRequest>,
    backlog: Arc<Backlog>,
}

/// What the follower and the record know of the queue between them.
#[derive(Default)]
struct Backlog {
    bytes: AtomicUsize,
    missed: AtomicU64,
}

/// The record's end of a follower's queue.
pub(super) struct Subscription {
    sender: mpsc::UnboundedSender<ReceivedRequest>,
    backlog: Arc<Backlog>,
}

impl Follower {
    /// A follower that begins with these requests, of which some were dropped before.
    pub(super) fn new(earlier: Vec<ReceivedRequest>, missed: u64) -> (Self, Subscription) {
        let (sender, later) = mpsc::unbounded_channel();
        let backlog = Arc::new(Backlog {
            missed: AtomicU64::new(missed),
            ..Backlog::default()
        });
        let follower = Self {
            earlier: earlier.into(),
            later,
            backlog: Arc::clone(&backlog),
        };
        (follower, Subscription { sender, backlog })
    }

    /// The next request; waits until there is one. `None` once the sandbox is gone and all is read.
    ///
    /// The future runs on any executor. Dropping it loses nothing.
    pub async fn next(&mut self) -> Option<ReceivedRequest> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The next request, as the function that a `Stream` is made of.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<ReceivedRequest>> {
        if let Some(earlier) = self.earlier.pop_front() {
            return Poll::Ready(Some(earlier));
        }
        self.later.poll_recv(context).map(|next| self.taken(next))
    }

    /// The next request if there is one already.
    pub fn try_next(&mut self) -> Option<ReceivedRequest> {
        if let Some(earlier) = self.earlier.pop_front() {
            return Some(earlier);
        }
        let next = self.later.try_recv().ok();
        self.taken(next)
    }

    /// How many requests the follower didn't get: those that the history had dropped before the follower
    /// began, and those that came while the queue was full.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.backlog.missed.load(Ordering::SeqCst)
    }

    fn taken(&self, next: Option<ReceivedRequest>) -> Option<ReceivedRequest> {
        let size = next.as_ref().map_or(0, ReceivedRequest::size);
        self.backlog.bytes.fetch_sub(size, Ordering::SeqCst);
        next
    }
}

impl Subscription {
    /// Queues a request. Returns whether the follower still exists.
    pub(super) fn send(&self, request: &ReceivedRequest) -> bool {
        let size = request.size();
        let waiting = self.backlog.bytes.load(Ordering::SeqCst);
        if waiting.saturating_add(size) > WAITING_BYTES {
            self.backlog.missed.fetch_add(1, Ordering::SeqCst);
            return !self.sender.is_closed();
        }
        self.backlog.bytes.fetch_add(size, Ordering::SeqCst);
        self.sender.send(request.clone()).is_ok()
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower")
            .field("waiting", &(self.earlier.len() + self.later.len()))
            .field("missed", &self.missed())
            .finish_non_exhaustive()
    }
}
