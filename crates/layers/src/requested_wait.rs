use std::time::Duration;

use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_core::{PortError, RetryAfter};

/// How long the service asks to wait; `None` if the response names no wait, or none that can be understood.
///
/// A date counts from the response's own `Date`. Only where there is none, it counts from the local clock, which
/// may be off: callers limit the wait in any case.
pub(crate) fn requested_wait(error: &PortError) -> Option<Duration> {
    match error.retry_after()? {
        RetryAfter::Delay(delay) => Some(delay),
        RetryAfter::At(time) => {
            let now = error.date().unwrap_or_else(|| SystemClock.now());
            time.duration_since(now).ok()
        }
        _ => None,
    }
}
