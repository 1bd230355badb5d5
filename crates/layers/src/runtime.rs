use std::time::Duration;

use payment_credentials_core::PortError;
use tokio::runtime::Handle;

/// The resolution of tokio's timers. A shorter limit would end only at the next tick, after the request was
/// sent.
pub(crate) const CLOCK_TICK: Duration = Duration::from_millis(1);

/// Returns an error outside of a tokio runtime, where timers would panic.
pub(crate) fn require() -> Result<(), PortError> {
    match Handle::try_current() {
        Ok(_runtime) => Ok(()),
        Err(missing) => Err(PortError::setup(missing)),
    }
}
