use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

/// Runs private-key work where it delays no other task.
///
/// Such work occupies a core for about a millisecond. This crate depends on no runtime, so an adapter that
/// has a runtime provides its blocking threads. Without a runtime, use [`Inline`].
#[async_trait]
pub trait Offload: fmt::Debug + Send + Sync {
    /// Runs the work once, and returns when it is done.
    ///
    /// # Errors
    ///
    /// [`OffloadError`] if the work can't be run, for example because the runtime is shutting down.
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
#[error("the work could not be run; the runtime may be shutting down")]
#[expect(clippy::exhaustive_structs, reason = "it has nothing to hold")]
pub struct OffloadError;

/// Runs work on an [`Offload`] and returns its result.
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
/// [`OffloadError`] if the work could not be run, or did not complete.
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
