use payment_credentials_core::{PortError, Repeatability};

/// The attempts of a call that were followed by another one.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    retries: u32,
    attempts: u32,
    /// The one that got furthest: with the last one it says all there is to say, and a call of
    /// many attempts doesn't drag them all along.
    furthest: Option<PortError>,
    /// Whether any of them can have minted, which the furthest need not have.
    may_have_minted: bool,
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
        self.may_have_minted |= error.may_have_minted();
        match &self.furthest {
            Some(furthest) if furthest.delivery().is_worse_than(error.delivery()) => {}
            Some(_) | None => self.furthest = Some(error),
        }
    }

    /// The error of the call, of which this is the last attempt's.
    pub(super) fn end(self, error: PortError) -> PortError {
        let Some(furthest) = self.furthest else {
            return error;
        };
        let reported = error.after(furthest.with_attempts(self.attempts));
        if self.may_have_minted && reported.repeatability() == Repeatability::Safe {
            return reported.with_repeatability(Repeatability::MayRepeat);
        }
        reported
    }
}
