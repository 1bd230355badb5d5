//! The clock of a sandbox.

use std::sync::Arc;
use std::time::SystemTime;

/// Supplies the time; it is called once for each request.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox is a service of its own, and has a service's clock unless a test sets it"
)]
pub(crate) fn system_clock() -> Clock {
    Arc::new(SystemTime::now)
}
