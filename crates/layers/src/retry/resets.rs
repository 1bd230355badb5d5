use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use payment_credentials_core::{Delivery, PortError, PortErrorKind};

/// The number of connections closed in a row without a response after which the cause looks permanent.
const IN_A_ROW: u32 = 5;

/// Counts the attempts in a row whose connection was closed before the first byte of a response.
#[derive(Debug, Default)]
pub(super) struct Resets(AtomicU32);

/// Why closed connections may have another cause than the network.
#[derive(Debug, thiserror::Error)]
#[error(
    "each of the last attempts was sent, but its connection was closed without a response; if the \
     network works, check the response-MLE key id and the name of its claim: the service closes \
     the connection of a POST if one of them is wrong"
)]
struct LooksPermanent {
    source: PortError,
}

impl Resets {
    /// Records how an attempt ended.
    pub(super) fn note(&self, error: &PortError) {
        if is_reset(error) {
            // Saturates: after a wrap to zero, retries would begin again.
            let more = |count: u32| count.checked_add(1);
            let _most = self.0.fetch_update(Relaxed, Relaxed, more);
        } else if error.head().is_some() {
            self.answered();
        }
    }

    /// Records that a response came, which ends the row.
    pub(super) fn answered(&self) {
        if self.0.load(Relaxed) > 0 {
            self.0.store(0, Relaxed);
        }
    }

    /// Whether this error is a reset after too many in a row.
    pub(super) fn is_permanent(&self, error: &PortError) -> bool {
        is_reset(error) && self.0.load(Relaxed) >= IN_A_ROW
    }

    /// Returns the error; if it looks permanent, with a source that names the settings to check.
    pub(super) fn explain(&self, error: PortError) -> PortError {
        if !self.is_permanent(&error) {
            return error;
        }
        PortError::new(
            error.kind(),
            error.delivery(),
            error.phase(),
            error.repeatability(),
        )
        .with_attempts(error.attempts())
        .with_source(LooksPermanent { source: error })
    }
}

/// Whether the request was sent, and the connection was closed without a byte of a response.
fn is_reset(error: &PortError) -> bool {
    error.kind() == PortErrorKind::Reset && error.delivery() == Delivery::Unknown
}

#[cfg(test)]
mod tests {
    use payment_credentials_core::{Phase, Repeatability};

    use super::*;

    #[test]
    fn a_row_without_end_is_trusted_no_more_than_a_long_one() {
        let resets = Resets(u32::MAX.into());
        let (kind, delivery) = (PortErrorKind::Reset, Delivery::Unknown);
        let reset = PortError::new(kind, delivery, Phase::Headers, Repeatability::MayRepeat);
        resets.note(&reset);
        assert!(resets.is_permanent(&reset));
    }
}
