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
