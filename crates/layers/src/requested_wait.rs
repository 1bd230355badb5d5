use std::time::Duration;

use payment_credentials_core::{PortError, RetryAfter};

/// How long the service asks to wait, by the service's own clock; `None` if the response names no wait, or
/// none that can be understood.
pub(crate) fn requested_wait(error: &PortError) -> Option<Duration> {
    match error.retry_after()? {
        RetryAfter::Delay(delay) => Some(delay),
        RetryAfter::At(time) => time.duration_since(error.date()?).ok(),
        _ => None,
    }
}
