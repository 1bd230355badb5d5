use std::panic::{AssertUnwindSafe, catch_unwind};

use payment_credentials_core::PortError;
use tokio::runtime::Handle;

/// Makes a timer; an error outside of a tokio runtime, or within one that has no timers.
pub(crate) fn timer<T>(make: impl FnOnce() -> T) -> Result<T, PortError> {
    require()?;
    // A runtime can't be asked whether it has timers: without them, making one panics.
    catch_unwind(AssertUnwindSafe(make)).map_err(|_panic| PortError::setup(NoTimers))
}

/// Returns an error outside of a tokio runtime, where timers would panic.
pub(crate) fn require() -> Result<(), PortError> {
    match Handle::try_current() {
        Ok(_runtime) => Ok(()),
        Err(missing) => Err(PortError::setup(missing)),
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the tokio runtime has no timers; call `enable_time` or `enable_all` of the builder that makes it"
)]
struct NoTimers;
