use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use payment_credentials_core::TransportError;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::connection::Connection;

/// The work of making a connection.
pub(crate) type Dialling =
    Pin<Box<dyn Future<Output = Result<Box<Connection>, TransportError>> + Send>>;

/// A dial that goes on in a task.
pub(crate) struct Orphan {
    task: AbortHandle,
    /// Shared with the task, so that the dial can be dropped even if the task's runtime stands still.
    work: Arc<Mutex<Option<Dialling>>>,
}

impl Orphan {
    /// Goes on with a dial in a task, which hands over the connection that it makes.
    pub(crate) fn spawn(
        work: Dialling,
        runtime: &Handle,
        hand_over: impl FnOnce(Box<Connection>) + Send + 'static,
    ) -> Self {
        let work = Arc::new(Mutex::new(Some(work)));
        let shared = Arc::clone(&work);
        let task = runtime.spawn(async move {
            let made = poll_fn(|cx| match lock(&shared).as_mut() {
                Some(work) => work.as_mut().poll(cx).map(Result::ok),
                None => Poll::Ready(None),
            });
            if let Some(connection) = made.await {
                hand_over(connection);
            }
        });
        Self {
            task: task.abort_handle(),
            work,
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends the dial now. If a thread is polling it, the runtime runs, and drops the task right after that.
    pub(crate) fn end(self) {
        self.task.abort();
        let work = self.work.try_lock().ok().and_then(|mut work| work.take());
        drop(work);
    }
}

impl std::fmt::Debug for Orphan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.task.fmt(f)
    }
}

fn lock(work: &Mutex<Option<Dialling>>) -> MutexGuard<'_, Option<Dialling>> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}
