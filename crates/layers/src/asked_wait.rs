use std::time::Duration;

use payment_credentials_core::{PortError, RetryAfter};

/// How long the service asks to wait, by its own clock; `None` if it doesn't say or can't be understood.
pub(crate) fn asked_wait(error: &PortError) -> Option<Duration> {
    match error.retry_after()? {
        RetryAfter::Delay(delay) => Some(delay),
        RetryAfter::At(time) => time.duration_since(error.server_time()?).ok(),
        _ => None,
    }
}
