use std::time::Duration;

use payment_credentials_core::{Delivery, Phase, PortError, PortErrorKind};
use tokio::runtime::Handle;

/// What tokio's timers count in. A shorter limit would pass a tick later, with the request sent.
pub(crate) const CLOCK_TICK: Duration = Duration::from_millis(1);

/// Refuses a call outside of a tokio runtime, where timers panic.
pub(crate) fn require() -> Result<(), PortError> {
    match Handle::try_current() {
        Ok(_runtime) => Ok(()),
        Err(source) => {
            let (kind, phase) = (PortErrorKind::Request, Phase::Start);
            let never = payment_credentials_core::Repeatability::Never;
            Err(PortError::new(kind, Delivery::NotSent, phase, never).with_source(source))
        }
    }
}
