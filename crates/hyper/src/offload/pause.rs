//! When a task must let the others run before its operation.

use std::future::poll_fn;
use std::task::Poll;

use tokio::task::{coop, yield_now};

/// What an operation costs of tokio's budget, which a task gets anew each time it is polled: over half of its 128
/// units, so that a second operation finds too little. With a smaller budget, each operation waits for the others.
const UNITS: usize = 65;

/// Takes an operation's part of the budget of the task that runs; `false` if not so much is left.
async fn is_paid() -> bool {
    poll_fn(|context| {
        for _ in 0..UNITS {
            // Without budget, `poll_proceed` would ask for a wake-up.
            if !coop::has_budget_remaining() {
                return Poll::Ready(false);
            }
            if let Poll::Ready(unit) = coop::poll_proceed(context) {
                unit.made_progress();
            }
        }
        Poll::Ready(true)
    })
    .await
}

/// Lets every task that is ready run first: this one goes behind them all, and is no longer the one that its
/// waker's worker runs next.
pub(super) async fn behind_all_others() {
    yield_now().await;
    is_paid().await;
}

/// Lets the others run first if this task has had an operation since it was polled.
///
/// What is ready has run between two polls of one task, so nothing waits for two of its operations. To yield
/// costs two system calls more: it wakes another worker, which finds nothing to do.
pub(super) async fn behind_others_once() {
    if !is_paid().await {
        behind_all_others().await;
    }
}
