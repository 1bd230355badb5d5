use std::time::Duration;

use payment_credentials_core::PortError;
use tokio::runtime::Handle;

/// What tokio's timers count in. A shorter limit would pass a tick later, with the request sent.
pub(crate) const CLOCK_TICK: Duration = Duration::from_millis(1);

/// Refuses a call outside of a tokio runtime, where timers panic.
pub(crate) fn require() -> Result<(), PortError> {
    match Handle::try_current() {
        Ok(_runtime) => Ok(()),
        Err(missing) => Err(PortError::setup(missing)),
    }
}
