//! The waker of a connection's driver, which the call's own task polls.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

const AWAKE: u8 = 0;
/// The task polls what makes progress through the driver, so it needs no wake-up to poll the driver again.
const POLLING: u8 = 1;
/// The driver was woken meanwhile.
const WOKEN: u8 = 2;

/// Wakes the task that polls the driver, but not for what that task itself does to the driver.
///
/// hyper wakes the driver when a request is handed to it or its body is wanted. In the driver's own task that wake-up
/// would schedule the task once more, and the runtime would wake another thread to take it.
#[derive(Debug)]
pub(crate) struct DriverWaker {
    shared: Arc<Shared>,
    waker: Waker,
}

#[derive(Debug)]
struct Shared {
    state: AtomicU8,
    task: Mutex<Waker>,
}

impl DriverWaker {
    pub(crate) fn new() -> Self {
        let shared = Arc::new(Shared {
            state: AtomicU8::new(AWAKE),
            task: Mutex::new(Waker::noop().clone()),
        });
        let waker = Waker::from(Arc::clone(&shared));
        Self { shared, waker }
    }

    /// Does something to the driver that wakes it, without waking the task. The task has to poll the driver next.
    pub(crate) fn before_poll<T>(&self, act: impl FnOnce() -> T) -> T {
        self.shared.state.store(POLLING, Ordering::SeqCst);
        let done = act();
        self.shared.state.store(AWAKE, Ordering::SeqCst);
        done
    }

    /// Polls the driver, and then what makes progress through it, until neither can go on.
    pub(crate) fn poll<T>(
        &self,
        cx: &Context<'_>,
        mut drive: impl FnMut(&mut Context<'_>),
        mut driven: impl FnMut() -> Poll<T>,
    ) -> Poll<T> {
        self.shared.set_task(cx.waker());
        loop {
            drive(&mut Context::from_waker(&self.waker));
            self.shared.state.store(POLLING, Ordering::SeqCst);
            let polled = driven();
            let woken = self.shared.state.swap(AWAKE, Ordering::SeqCst) & WOKEN != 0;
            if polled.is_ready() || !woken {
                return polled;
            }
        }
    }
}

impl Shared {
    fn set_task(&self, waker: &Waker) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        task.clone_from(waker);
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.fetch_or(WOKEN, Ordering::SeqCst) & POLLING == 0 {
            let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            let waker = task.clone();
            drop(task);
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Counts how often a task is woken.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    struct Stage {
        task: Arc<Task>,
        waker: DriverWaker,
        driver: Option<Waker>,
    }

    impl Stage {
        fn new() -> Self {
            Self {
                task: Arc::default(),
                waker: DriverWaker::new(),
                driver: None,
            }
        }

        /// Polls; each time after the driver, `driven` may wake it. How often the driver was polled.
        fn poll(&mut self, mut driven: impl FnMut(&Waker) -> Poll<()>) -> (usize, Poll<()>) {
            let task = Waker::from(Arc::clone(&self.task));
            let (mut count, seen) = (0, std::cell::RefCell::new(None));
            let drive = |cx: &mut Context<'_>| {
                count += 1;
                *seen.borrow_mut() = Some(cx.waker().clone());
            };
            let driven = || driven(seen.borrow().as_ref().expect("a driver that was polled"));
            let polled = self.waker.poll(&Context::from_waker(&task), drive, driven);
            self.driver = seen.into_inner();
            (count, polled)
        }

        fn woken(&self) -> usize {
            self.task.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn a_driver_that_its_own_task_wakes_is_polled_again_at_once_and_the_task_is_not_woken() {
        let mut stage = Stage::new();
        let mut wakes = 3;
        let (drives, polled) = stage.poll(|driver| {
            if wakes > 0 {
                wakes -= 1;
                driver.wake_by_ref();
            }
            Poll::Pending
        });
        assert!(polled.is_pending());
        assert_eq!((drives, stage.woken()), (4, 0));
    }

    #[test]
    fn whoever_else_wakes_the_driver_wakes_the_task() {
        let mut stage = Stage::new();
        let (drives, _) = stage.poll(|_| Poll::Pending);
        assert_eq!((drives, stage.woken()), (1, 0));
        stage.driver.take().expect("a waker").wake();
        assert_eq!(stage.woken(), 1);
        // Also after a poll in which the task itself did.
        let mut is_first = true;
        let (drives, _) = stage.poll(|driver| {
            if std::mem::take(&mut is_first) {
                driver.wake_by_ref();
            }
            Poll::Pending
        });
        assert_eq!(drives, 2);
        stage.driver.take().expect("a waker").wake();
        assert_eq!(stage.woken(), 2);
    }

    #[test]
    fn what_the_task_does_before_it_polls_does_not_wake_it_and_what_comes_after_does() {
        let mut stage = Stage::new();
        assert!(stage.poll(|_| Poll::Pending).1.is_pending());
        let driver = stage.driver.take().expect("a waker");
        stage.waker.before_poll(|| driver.wake_by_ref());
        assert_eq!(stage.woken(), 0);
        driver.wake();
        assert_eq!(stage.woken(), 1);
    }

    #[test]
    fn a_result_ends_the_poll() {
        let (drives, polled) = Stage::new().poll(|driver| {
            driver.wake_by_ref();
            Poll::Ready(())
        });
        assert!(polled.is_ready());
        assert_eq!(drives, 1);
    }
}
