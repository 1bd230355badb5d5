use payment_credentials_core::{Delivery, Phase, PortError, Retry};

/// The attempts of a call that were followed by another one.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    retries: u32,
    attempts: u32,
    sent: bool,
    spent: bool,
    last: Option<PortError>,
}

impl Earlier {
    /// How many retries this layer has made, one for each of them.
    pub(super) fn retries(&self) -> u32 {
        self.retries
    }

    /// Adds one that failed.
    pub(super) fn add(&mut self, error: PortError) {
        self.retries = self.retries.saturating_add(1);
        self.attempts = self.attempts.saturating_add(error.attempts());
        self.sent |= error.delivery() != Delivery::NotSent;
        self.spent |= error.retry() == Retry::MayRepeat;
        self.last = Some(error);
    }

    /// The error of the call, of which this is the last attempt's.
    pub(super) fn end(&self, mut error: PortError) -> PortError {
        let attempts = self.attempts.saturating_add(error.attempts());
        if self.sent && error.delivery() == Delivery::NotSent {
            error = error.with_delivery(Delivery::Unknown);
        }
        if self.spent && error.retry() == Retry::Safe {
            error = error.with_retry(Retry::MayRepeat);
        }
        error.with_attempts(attempts)
    }

    /// The error of an attempt that was cut short after these.
    pub(super) fn cut_short(&mut self, phase: Phase) -> PortError {
        let error = PortError::deadline(phase);
        match self.last.take() {
            Some(last) => error.with_source(last),
            None => error,
        }
    }
}
