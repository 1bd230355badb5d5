//! Whom operations in place keep waiting.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;

use payment_credentials_core::seam::{Offload as _, offload};
use tokio::task::{JoinSet, LocalSet, spawn_local, yield_now};

use super::super::TokioOffload;
use super::{poll_once, with_cores, workers};

/// Counts the operations that run on this thread between two polls of a task that is always ready, while these
/// many tasks have so many operations each.
async fn most_between_polls(offload_to: &TokioOffload, tasks: usize, operations: usize) -> usize {
    let here = thread::current().id();
    let in_place = Arc::<AtomicUsize>::default();
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let (offload_to, in_place) = (offload_to.clone(), Arc::clone(&in_place));
        running.spawn_local(async move {
            for _ in 0..operations {
                let in_place = Arc::clone(&in_place);
                let work = move || {
                    if thread::current().id() == here {
                        in_place.fetch_add(1, Ordering::SeqCst);
                    }
                };
                offload(&offload_to, work).await.expect("done");
            }
        });
    }
    let other = spawn_local(async move {
        let (mut most, mut before) = (0, 0);
        while running.try_join_next().is_some() || !running.is_empty() {
            let now = in_place.load(Ordering::SeqCst);
            most = most.max(now - before);
            before = now;
            yield_now().await;
        }
        most
    });
    other.await.expect("not panicked")
}

#[test]
fn a_task_beside_a_thousand_operations_on_its_thread_waits_for_one_at_most() {
    for cores in [2, 4] {
        for (tasks, operations) in [(1_000, 1), (1, 1_000), (2, 500), (100, 10)] {
            let offload_to = with_cores(cores);
            // The runtime's other worker is idle, and can't take a task of this set.
            let count = most_between_polls(&offload_to, tasks, operations);
            let most = LocalSet::new().block_on(&workers(2), count);
            assert_eq!(most, 1, "{tasks} tasks with {operations} operations each");
        }
    }
}

#[test]
fn the_next_operation_of_a_task_alone_runs_as_soon_as_the_task_has_been_polled_anew() {
    let offload_to = with_cores(2);
    workers(2).block_on(async {
        offload(&offload_to, || {}).await.expect("done");
        for _ in 0..3 {
            yield_now().await;
            let mut next = offload_to.run(Box::new(|| {}));
            assert_eq!(poll_once(&mut next).await, Poll::Ready(Ok(())));
            let mut another_without_a_pause = offload_to.run(Box::new(|| {}));
            assert!(poll_once(&mut another_without_a_pause).await.is_pending());
            another_without_a_pause.await.expect("done");
        }
    });
}

#[test]
fn an_operation_of_another_task_lets_the_others_go_first() {
    let offload_to = with_cores(2);
    workers(2).block_on(async {
        offload(&offload_to, || {}).await.expect("done");
        let (elsewhere, work) = (offload_to.clone(), || {});
        let task = tokio::spawn(async move { offload(&elsewhere, work).await });
        task.await.expect("not panicked").expect("done");
        yield_now().await;
        let mut next = pin!(offload_to.run(Box::new(|| {})));
        assert!(poll_once(&mut next).await.is_pending());
        next.await.expect("done");
    });
}
