//! Where operations run, and in which order.

mod pauses;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use payment_credentials_core::seam::{Offload as _, OffloadError, offload};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::sleep;

use super::TokioOffload;
use super::process::Process;

/// A process of its own with so many cores, since the tests of one binary would wait for each other.
fn with_cores(cores: usize) -> TokioOffload {
    payment_credentials_test_limit::start();
    let process = Arc::new(Process::new(cores));
    TokioOffload { process }
}

fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
}

fn workers(workers: usize) -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(workers).build();
    runtime.expect("a runtime")
}

/// An operation that has begun and goes on until it is told to end.
struct Busy {
    end: mpsc::Sender<()>,
    caller: JoinHandle<Result<(), OffloadError>>,
}

impl Busy {
    /// Returns once the operation has begun.
    async fn start(offload: &TokioOffload) -> Self {
        let (end, ended) = mpsc::channel();
        let (started, begun) = oneshot::channel();
        let offload = offload.clone();
        let caller = tokio::spawn(async move {
            let work = move || {
                let _ = started.send(());
                // Also ends when the test does.
                let _ = ended.recv();
            };
            offload.run(Box::new(work)).await
        });
        begun.await.expect("begun");
        Self { end, caller }
    }

    async fn finish(self) {
        self.end.send(()).expect("still running");
        self.caller.await.expect("a caller").expect("done");
    }
}

/// Starts an operation that notes that it ran.
fn noted(offload: &TokioOffload) -> (JoinHandle<Result<(), OffloadError>>, Arc<AtomicBool>) {
    let ran = Arc::<AtomicBool>::default();
    let (offload, note) = (offload.clone(), Arc::clone(&ran));
    let work = move || note.store(true, Ordering::SeqCst);
    let caller = tokio::spawn(async move { offload.run(Box::new(work)).await });
    (caller, ran)
}

/// Lets every other task of a one-thread runtime get as far as it can.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

#[test]
fn a_runtime_of_one_thread_runs_nothing_in_place() {
    let offload_to = with_cores(4);
    one_thread().block_on(async {
        let ran_on = offload(&offload_to, || thread::current().id()).await;
        assert_ne!(ran_on, Ok(thread::current().id()));
    });
}

#[test]
fn an_operation_alone_on_several_workers_runs_in_place() {
    let offload_to = with_cores(2);
    workers(2).block_on(async {
        let ids = tokio::spawn(async move {
            let ran_on = offload(&offload_to, || thread::current().id()).await;
            (ran_on, thread::current().id())
        });
        let (ran_on, called_on) = ids.await.expect("not panicked");
        assert_eq!(ran_on, Ok(called_on));
    });
}

#[test]
fn one_worker_and_one_core_are_left_to_the_other_tasks() {
    for (cores, count) in [(2, 2), (2, 4), (3, 3), (4, 2), (4, 4), (8, 4)] {
        let offload_to = with_cores(cores);
        workers(count).block_on(async {
            let (started, begun) = mpsc::channel();
            let end = Arc::new(AtomicBool::new(false));
            let mut operations = JoinSet::new();
            for _ in 0..3 * cores {
                let (offload_to, started) = (offload_to.clone(), started.clone());
                let end = Arc::clone(&end);
                operations.spawn(async move {
                    let work = move || {
                        started.send(()).expect("the test listens");
                        while !end.load(Ordering::SeqCst) {
                            thread::sleep(Duration::from_millis(1));
                        }
                    };
                    offload(&offload_to, work).await
                });
            }
            let in_place = count.min(cores) - 1;
            let threads = (cores - in_place.max(1)).max(1);
            for nth in 0..in_place + threads {
                // A task that has yielded waits behind the operation that its worker began meanwhile, so fewer
                // of them may run than could. None is lost: they run once that operation ends.
                if begun.recv_timeout(Duration::from_secs(5)).is_err() {
                    assert!(nth > 0, "an operation begins");
                    break;
                }
            }
            // A worker is free: it runs this task while all of the operations still run.
            tokio::spawn(async {}).await.expect("done");
            assert!(begun.try_recv().is_err(), "too many operations at once");
            end.store(true, Ordering::SeqCst);
            let done = operations.join_all().await;
            assert!(
                done.iter().all(Result::is_ok),
                "{cores} cores, {count} workers"
            );
        });
    }
}

#[test]
fn nothing_more_begins_while_the_cores_are_busy() {
    let offload_to = with_cores(3);
    one_thread().block_on(async {
        let busy = [
            Busy::start(&offload_to).await,
            Busy::start(&offload_to).await,
        ];
        let (caller, ran) = noted(&offload_to.clone());
        settle().await;
        assert!(!ran.load(Ordering::SeqCst), "a clone has cores of its own");
        for busy in busy {
            busy.finish().await;
        }
        caller.await.expect("a caller").expect("done");
    });
}

#[test]
fn operations_run_in_the_order_in_which_they_came() {
    let offload_to = with_cores(2);
    one_thread().block_on(async {
        let busy = Busy::start(&offload_to).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = JoinSet::new();
        for nth in 0..20 {
            let (offload_to, order) = (offload_to.clone(), Arc::clone(&order));
            waiting.spawn(async move {
                let note = move || order.lock().expect("unpoisoned").push(nth);
                offload(&offload_to, note).await.expect("done");
            });
            settle().await;
        }
        busy.finish().await;
        waiting.join_all().await;
        let order = order.lock().expect("unpoisoned");
        assert!(order.iter().copied().eq(0..20), "{order:?}");
    });
}

async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}

/// An operation that comes when a worker is free runs the one that has waited the longest.
#[test]
fn an_operation_in_place_overtakes_none_that_waits() {
    let offload_to = with_cores(2);
    let order = Mutex::new(Vec::new());
    let order: &'static _ = Box::leak(Box::new(order));
    let note = |nth| {
        offload_to.run(Box::new(move || {
            order.lock().expect("unpoisoned").push(nth);
        }))
    };
    workers(2).block_on(async {
        let in_place = Busy::start(&offload_to).await;
        let on_thread = Busy::start(&offload_to).await;
        let mut waiting: Vec<_> = (0..2).map(note).collect();
        for operation in &mut waiting {
            assert!(poll_once(operation).await.is_pending());
        }
        in_place.finish().await;
        let mut newcomer = note(2);
        while order.lock().expect("unpoisoned").is_empty() {
            assert!(poll_once(&mut newcomer).await.is_pending());
        }
        assert_eq!(*order.lock().expect("unpoisoned"), [0]);
        on_thread.finish().await;
        for operation in waiting {
            operation.await.expect("done");
        }
        newcomer.await.expect("done");
    });
    assert_eq!(*order.lock().expect("unpoisoned"), [0, 1, 2]);
}

#[test]
fn a_caller_who_lets_go_frees_no_core_that_is_busy() {
    let offload_to = with_cores(2);
    one_thread().block_on(async {
        let Busy { end, caller } = Busy::start(&offload_to).await;
        caller.abort();
        assert!(caller.await.expect_err("let go").is_cancelled());
        let (caller, ran) = noted(&offload_to);
        settle().await;
        assert!(!ran.load(Ordering::SeqCst), "the core is still busy");
        end.send(()).expect("still running");
        caller.await.expect("a caller").expect("done");
    });
}

#[test]
fn an_operation_that_is_let_go_while_it_waits_never_begins() {
    for runtime in [one_thread(), workers(2)] {
        let offload_to = with_cores(2);
        runtime.block_on(async {
            let busy = [(); 2].map(|()| Busy::start(&offload_to));
            let mut started = Vec::new();
            for busy in busy.into_iter().take(runtime.metrics().num_workers()) {
                started.push(busy.await);
            }
            let (caller, ran) = noted(&offload_to);
            settle().await;
            caller.abort();
            assert!(caller.await.expect_err("let go").is_cancelled());
            for busy in started {
                busy.finish().await;
            }
            offload(&offload_to, || {}).await.expect("usable");
            assert!(!ran.load(Ordering::SeqCst));
        });
    }
}

#[test]
fn a_panic_is_an_error_and_frees_its_place() {
    for runtime in [one_thread(), workers(1), workers(2), workers(4)] {
        let offload_to = with_cores(4);
        runtime.block_on(async {
            for _ in 0..10 {
                let ended = offload(&offload_to, || panic!("on purpose")).await;
                assert_eq!(ended, Err::<(), _>(OffloadError));
            }
            assert_eq!(offload(&offload_to, || 42).await, Ok(42));
        });
    }
}

/// What panics again when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped on purpose");
    }
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_frees_its_place() {
    for runtime in [one_thread(), workers(1), workers(2), workers(4)] {
        let offload_to = with_cores(2);
        runtime.block_on(async {
            for _ in 0..10 {
                let ended = offload(&offload_to, || std::panic::panic_any(Bomb)).await;
                assert_eq!(ended, Err::<(), _>(OffloadError));
            }
            assert_eq!(offload(&offload_to, || 42).await, Ok(42));
        });
    }
}

#[test]
fn work_that_panics_when_it_is_dropped_unused_frees_its_place() {
    for runtime in [one_thread(), workers(1)] {
        let offload_to = with_cores(2);
        runtime.block_on(async {
            let busy = Busy::start(&offload_to).await;
            let bomb = Bomb;
            let mut abandoned = offload_to.run(Box::new(move || std::mem::forget(bomb)));
            assert!(poll_once(&mut abandoned).await.is_pending());
            drop(abandoned);
            busy.finish().await;
            assert_eq!(offload(&offload_to, || 42).await, Ok(42));
        });
    }
}

/// The queue of one runtime doesn't keep another one waiting to its end.
#[test]
fn runtimes_that_share_a_core_take_turns() {
    let offload_to = with_cores(2);
    let (started, begun) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let done = Arc::<AtomicUsize>::default();
    let crowd = thread::spawn({
        let (offload_to, done) = (offload_to.clone(), Arc::clone(&done));
        move || {
            one_thread().block_on(async move {
                let first = offload(&offload_to, move || {
                    started.send(()).expect("the test listens");
                    let _ = ended.recv();
                });
                let mut first = pin!(first);
                let mut others = JoinSet::new();
                tokio::select! {
                    biased;
                    _ = &mut first => panic!("it waits"),
                    () = yield_now() => {}
                }
                for _ in 0..200 {
                    let (offload_to, done) = (offload_to.clone(), Arc::clone(&done));
                    others.spawn(async move {
                        let work = move || {
                            thread::sleep(Duration::from_millis(1));
                            done.fetch_add(1, Ordering::SeqCst);
                        };
                        offload(&offload_to, work).await.expect("done");
                    });
                }
                settle().await;
                first.await.expect("done");
                others.join_all().await;
            });
        }
    });
    begun.recv().expect("it begins");
    let other = thread::spawn(move || {
        one_thread().block_on(async {
            let mut running = pin!(offload(&offload_to, || {}));
            tokio::select! {
                biased;
                _ = &mut running => panic!("the core is busy"),
                () = yield_now() => {}
            }
            // The thread of this runtime waits in line by now, or will in a moment.
            thread::sleep(Duration::from_millis(50));
            end.send(()).expect("still running");
            running.await.expect("done");
            done.load(Ordering::SeqCst)
        })
    });
    let before = other.join().expect("not panicked");
    assert!(
        before < 100,
        "{before} operations of the other runtime came first"
    );
    crowd.join().expect("not panicked");
}

#[test]
fn a_runtime_that_stands_still_keeps_no_core() {
    let offload_to = with_cores(2);
    let (stand, stands) = mpsc::channel();
    let (go, goes) = mpsc::channel::<()>();
    let standing = thread::spawn({
        let offload_to = offload_to.clone();
        move || {
            one_thread().block_on(async {
                let mut waiting = JoinSet::new();
                for _ in 0..10 {
                    let offload_to = offload_to.clone();
                    waiting.spawn(async move { offload(&offload_to, || {}).await });
                }
                settle().await;
                stand.send(()).expect("the test listens");
                // Blocks the runtime's one thread.
                let _ = goes.recv();
                waiting.join_all().await
            })
        }
    });
    stands.recv().expect("it stands");
    one_thread().block_on(async {
        offload(&offload_to, || {}).await.expect("done");
    });
    go.send(()).expect("it waits");
    let done = standing.join().expect("not panicked");
    assert!(done.iter().all(Result::is_ok));
}

#[test]
fn an_operation_on_a_runtime_that_has_shut_down_is_an_error() {
    let offload_to = with_cores(2);
    for runtime in [one_thread(), workers(1)] {
        let handle = runtime.handle().clone();
        runtime.shutdown_background();
        let _entered = handle.enter();
        let late = pollster::block_on(offload_to.run(Box::new(|| {})));
        assert_eq!(late, Err(OffloadError));
    }
}

/// What is handed over holds the paused clock, even while it waits for a core.
#[test]
fn no_paused_time_passes_while_an_operation_waits_for_a_core() {
    let offload_to = with_cores(2);
    let other = one_thread();
    let busy = other.block_on(Busy::start(&offload_to));
    let end = busy.end.clone();
    let ends = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        end.send(()).expect("still running");
    });
    let paused = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    paused.block_on(async {
        tokio::select! {
            biased;
            done = offload(&offload_to, || {}) => done.expect("done"),
            () = sleep(Duration::from_secs(3_600)) => panic!("an hour has passed"),
        }
    });
    ends.join().expect("not panicked");
    let _ = other.block_on(busy.caller);
}
