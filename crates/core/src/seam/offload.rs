use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

/// Runs private-key work where it delays no other task.
///
/// Such work holds a core for about a millisecond. This crate knows no runtime, so an adapter that
/// has one provides its blocking threads; [`Inline`] is for those who have none.
#[async_trait]
pub trait Offload: fmt::Debug + Send + Sync {
    /// Runs the work to its end, once; returns when it is done.
    ///
    /// # Errors
    ///
    /// [`OffloadError`] where the work can't be run, such as on a runtime that shuts down.
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError>;
}

/// Runs work on the caller's own thread.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct Inline;

#[async_trait]
impl Offload for Inline {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        work();
        Ok(())
    }
}

/// Work that could not be run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, thiserror::Error)]
#[error("the work could not be run: is the runtime shutting down?")]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct OffloadError;

/// Runs work on an [`Offload`] and hands back what it returns.
///
/// ```
/// use payment_credentials_core::seam::{Inline, offload};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     use std::task::{Context, Poll, Waker};
/// #     let mut future = std::pin::pin!(future);
/// #     loop {
/// #         if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// # block_on(async {
/// assert_eq!(offload(&Inline, || 6 * 7).await, Ok(42));
/// # });
/// ```
///
/// # Errors
///
/// [`OffloadError`] where the work could not be run, or didn't get to its end.
pub async fn offload<T: Send + 'static>(
    to: &dyn Offload,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, OffloadError> {
    let done = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&done);
    to.run(Box::new(move || {
        let result = work();
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }))
    .await?;
    let result = done.lock().unwrap_or_else(PoisonError::into_inner).take();
    result.ok_or(OffloadError)
}
