use std::time::{Duration, SystemTime};

use payment_credentials_core::{AuthError, Repeatability};

/// The first second that an HTTP date can't express: that of the year 10000.
const END: Duration = Duration::from_secs(253_402_300_800);

/// The seconds since 1970 of a time that an HTTP date can express.
pub(crate) fn seconds(now: SystemTime) -> Result<u64, AuthError> {
    match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) if since < END => Ok(since.as_secs()),
        Ok(_) | Err(_) => Err(wrong_clock()),
    }
}

/// The time in the format of HTTP's `Date`.
pub(crate) fn http_date(now: SystemTime) -> Result<String, AuthError> {
    seconds(now)?;
    Ok(httpdate::fmt_http_date(now))
}

pub(crate) fn wrong_clock() -> AuthError {
    let rule = "the clock is before 1970 or after 9999; correct the clock";
    AuthError::new(Repeatability::Never, rule)
}
