use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use payment_credentials_core::{Delivery, PortError, PortErrorKind};

/// How many connections in a row have to be closed without a response to look like a rule.
const IN_A_ROW: u32 = 5;

/// Counts attempts whose connection was closed before a byte was answered, one after the other.
#[derive(Debug, Default)]
pub(super) struct Resets(AtomicU32);

/// Why a network fault may be none.
#[derive(Debug, thiserror::Error)]
#[error(
    "each of the last attempts was sent and closed without a response; if the network is sound, \
     check the response-MLE key id and the name of its claim: the service closes the connection \
     of a POST for which they are wrong"
)]
struct LooksPermanent {
    source: PortError,
}

impl Resets {
    /// Notes how an attempt ended.
    pub(super) fn note(&self, error: &PortError) {
        if is_reset(error) {
            // Saturates: a count that wraps would begin to trust again.
            let more = |count: u32| count.checked_add(1);
            let _most = self.0.fetch_update(Relaxed, Relaxed, more);
        } else if error.head().is_some() {
            self.answered();
        }
    }

    /// Notes that the service answered.
    pub(super) fn answered(&self) {
        if self.0.load(Relaxed) > 0 {
            self.0.store(0, Relaxed);
        }
    }

    /// Whether an error is one of too many in a row.
    pub(super) fn is_permanent(&self, error: &PortError) -> bool {
        is_reset(error) && self.0.load(Relaxed) >= IN_A_ROW
    }

    /// The error, with what to check if it looks permanent.
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

/// Whether a request was sent, and the connection closed without a byte of a response.
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
