//! Bounded waiting, under any executor or none.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

/// Rings once, from a thread of its own, because the suite has no runtime whose timer it could use.
#[derive(Debug, Default)]
struct Alarm {
    rang: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Alarm {
    fn ring(&self) {
        self.rang.store(true, Ordering::SeqCst);
        let waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        waker.iter().for_each(Waker::wake_by_ref);
    }

    fn has_rung(&self, waker: &Waker) -> bool {
        let mut slot = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(waker.clone());
        drop(slot);
        self.rang.load(Ordering::SeqCst)
    }
}

/// Returns the future's output, or `None` if the future takes longer than the limit.
///
/// If the future blocks its thread, the limit has no effect until it stops blocking.
pub(crate) async fn within<F: Future + Send>(limit: Duration, future: F) -> Option<F::Output> {
    let alarm = Arc::new(Alarm::default());
    let (done, waits) = channel::<()>();
    let bell = Arc::clone(&alarm);
    let started = thread::Builder::new().spawn(move || {
        if waits.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            bell.ring();
        }
    });
    // Without the thread, nothing would bound the wait, so the future isn't polled.
    started.ok()?;
    let mut future = pin!(future);
    let output = poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if alarm.has_rung(cx.waker()) => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await;
    drop(done);
    output
}

/// Polls a condition that sends no notification until the condition holds.
///
/// Returns false if it doesn't hold within the limit.
pub(crate) async fn until(limit: Duration, holds: impl Fn() -> bool + Send + Sync) -> bool {
    let watch = poll_fn(|cx| {
        if holds() {
            return Poll::Ready(());
        }
        thread::yield_now();
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    within(limit, watch).await.is_some()
}

/// Runs two futures concurrently.
pub(crate) async fn both<A: Future + Send, B: Future + Send>(a: A, b: B) -> (A::Output, B::Output)
where
    A::Output: Send,
    B::Output: Send,
{
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut left, mut right) = (None, None);
    poll_fn(|cx| {
        if left.is_none()
            && let Poll::Ready(output) = a.as_mut().poll(cx)
        {
            left = Some(output);
        }
        if right.is_none()
            && let Poll::Ready(output) = b.as_mut().poll(cx)
        {
            right = Some(output);
        }
        match (left.take(), right.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (unfinished_a, unfinished_b) => {
                (left, right) = (unfinished_a, unfinished_b);
                Poll::Pending
            }
        }
    })
    .await
}

/// Polls a future until `holds` returns true, then drops the future.
///
/// Returns false if the future or the limit ended before that.
pub(crate) async fn drop_once<F: Future + Send>(
    limit: Duration,
    future: F,
    holds: impl Fn() -> bool + Send + Sync,
) -> bool {
    let mut future = pin!(future);
    let watch = poll_fn(|cx| {
        if future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(false);
        }
        if holds() {
            return Poll::Ready(true);
        }
        thread::yield_now();
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    within(limit, watch).await.unwrap_or(false)
}

/// Whether a future has been woken since its last poll.
#[derive(Debug)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls a future each time it is woken, until it has been polled `polls` times or `holds` returns true,
/// then drops the future.
pub(crate) async fn drop_after<F: Future + Send>(
    limit: Duration,
    polls: usize,
    future: F,
    holds: impl Fn() -> bool + Send + Sync,
) {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut future = pin!(future);
    let mut left = polls;
    let watch = poll_fn(|cx| {
        if woken.0.swap(false, Ordering::SeqCst) {
            left = left.saturating_sub(1);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_ready() || left == 0 {
                return Poll::Ready(());
            }
        }
        if holds() {
            return Poll::Ready(());
        }
        thread::yield_now();
        cx.waker().wake_by_ref();
        Poll::Pending
    });
    within(limit, watch).await;
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const SOON: Duration = Duration::from_millis(10);
    const LATE: Duration = Duration::from_secs(60);

    #[test]
    fn what_never_ends_is_given_up_and_what_ends_is_returned() {
        assert_eq!(pollster::block_on(within(SOON, pending::<()>())), None);
        assert_eq!(pollster::block_on(within(LATE, ready(42))), Some(42));
        assert!(!pollster::block_on(until(SOON, || false)));
        assert!(pollster::block_on(until(LATE, || true)));
    }

    #[test]
    fn two_futures_run_side_by_side() {
        let met = AtomicBool::new(false);
        let waits = until(LATE, || met.load(Ordering::SeqCst));
        let meets = async {
            met.store(true, Ordering::SeqCst);
            42
        };
        assert_eq!(pollster::block_on(both(waits, meets)), (true, 42));
    }

    #[test]
    fn a_call_is_dropped_when_the_time_has_come() {
        assert!(pollster::block_on(drop_once(LATE, pending::<()>(), || {
            true
        })));
        assert!(!pollster::block_on(drop_once(LATE, ready(()), || true)));
        assert!(!pollster::block_on(drop_once(
            SOON,
            pending::<()>(),
            || false
        )));
    }
}
