use payment_credentials_core::PortError;
use tokio::runtime::Handle;

/// Returns an error outside of a tokio runtime, where timers would panic.
pub(crate) fn require() -> Result<(), PortError> {
    match Handle::try_current() {
        Ok(_runtime) => Ok(()),
        Err(missing) => Err(PortError::setup(missing)),
    }
}
