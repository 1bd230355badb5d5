use payment_credentials_core::{PortError, Repeatability};

/// The failed attempts of a call that another attempt followed.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    retries: u32,
    attempts: u32,
    /// The attempt that got furthest. This one and the last one are enough to report the call, so the other
    /// errors of a call with many attempts aren't kept.
    furthest: Option<PortError>,
    /// Whether any of the attempts can have minted a cryptogram, even if the furthest can't.
    may_have_minted: bool,
}

impl Earlier {
    /// How many retries this layer has made: one after each of the attempts.
    pub(super) fn retries(&self) -> u32 {
        self.retries
    }

    /// Adds an attempt that failed.
    pub(super) fn add(&mut self, error: PortError) {
        self.retries = self.retries.saturating_add(1);
        self.attempts = self.attempts.saturating_add(error.attempts());
        self.may_have_minted |= error.may_have_minted();
        match &self.furthest {
            Some(furthest) if furthest.delivery().is_worse_than(error.delivery()) => {}
            Some(_) | None => self.furthest = Some(error),
        }
    }

    /// The error of the whole call; `error` is that of the last attempt.
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
