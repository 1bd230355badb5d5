//! Reports two attempts of one call as one error.

use super::{Delivery, PortError, PortErrorKind, Repeatability, Source};

impl PortError {
    /// Combines this attempt's error with that of an earlier failed attempt of the same call.
    ///
    /// Returns the error whose delivery comes first (`Unknown` before `Answered` before `NotSent`, in the
    /// order of what the service may have done), or this one if both deliveries are the same. The other
    /// error becomes its source. The numbers of attempts are added, and [`Repeatability::Safe`] remains only
    /// if neither attempt can have minted a cryptogram.
    ///
    /// ```
    /// use payment_credentials_core::{Delivery, Phase, PortError, PortErrorKind, Repeatability};
    ///
    /// let reset = PortError::new(
    ///     PortErrorKind::Reset,
    ///     Delivery::Unknown,
    ///     Phase::Headers,
    ///     Repeatability::MayRepeat,
    /// );
    /// let unconnected = PortError::new(
    ///     PortErrorKind::Connect,
    ///     Delivery::NotSent,
    ///     Phase::Connect,
    ///     Repeatability::Safe,
    /// );
    /// let both = unconnected.after(reset);
    /// assert_eq!((both.delivery(), both.attempts()), (Delivery::Unknown, 2));
    /// ```
    #[must_use]
    pub fn after(self, earlier: Self) -> Self {
        let attempts = self.attempts().saturating_add(earlier.attempts());
        let may_have_minted = [&self, &earlier]
            .iter()
            .any(|error| error.may_have_minted());
        let (mut reported, other) = if earlier.delivery().is_worse_than(self.delivery()) {
            (earlier, self)
        } else {
            (self, earlier)
        };
        if may_have_minted && reported.repeatability() == Repeatability::Safe {
            reported = reported.with_repeatability(Repeatability::MayRepeat);
        }
        let cause = reported.take_source();
        let reported = reported.with_attempts(attempts);
        match cause {
            None => reported.with_source(other),
            Some(cause) => reported.with_source(Both { other, cause }),
        }
    }

    /// The other attempt, if the call [made several](Self::after).
    #[must_use]
    pub fn other_attempt(&self) -> Option<&Self> {
        let source = std::error::Error::source(self)?;
        let both = source.downcast_ref::<Both>().map(|both| &both.other);
        source.downcast_ref().or(both)
    }

    /// Whether the service can have spent a cryptogram on the call. Any response that isn't a refusal
    /// counts as spent, whatever was wrong with the response.
    #[must_use]
    pub fn may_have_minted(&self) -> bool {
        match self.delivery() {
            Delivery::NotSent => false,
            Delivery::Answered => !matches!(self.kind(), PortErrorKind::Refused(_)),
            Delivery::Unknown => true,
        }
    }
}

/// The other attempt, if the reported error has a cause of its own. The text shows the other attempt with
/// its causes; the causes of the reported attempt follow as sources.
#[derive(Debug, thiserror::Error)]
#[error("another attempt of the call failed: {}", with_causes(.other))]
struct Both {
    other: PortError,
    #[source]
    cause: Source,
}

/// An error with its causes, in one line.
fn with_causes(error: &PortError) -> String {
    let mut shown = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        shown = format!("{shown}: {error}");
        cause = error.source();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Phase, Refusal};

    fn error(kind: PortErrorKind, delivery: Delivery, repeatability: Repeatability) -> PortError {
        PortError::new(kind, delivery, Phase::Transport, repeatability)
    }

    fn unconnected() -> PortError {
        error(
            PortErrorKind::Connect,
            Delivery::NotSent,
            Repeatability::Safe,
        )
    }

    fn refused(refusal: Refusal, repeatability: Repeatability) -> PortError {
        error(
            PortErrorKind::Refused(refusal),
            Delivery::Answered,
            repeatability,
        )
    }

    fn reset() -> PortError {
        error(
            PortErrorKind::Reset,
            Delivery::Unknown,
            Repeatability::MayRepeat,
        )
    }

    #[test]
    fn the_attempt_that_got_further_is_told_and_the_other_is_its_source() {
        let unauthentic = || refused(Refusal::Authentication, Repeatability::Never);
        for (earlier, later, reported) in [
            (unauthentic(), unconnected(), unauthentic()),
            (unconnected(), unauthentic(), unauthentic()),
            (reset(), unauthentic(), reset()),
            (reset(), unconnected(), reset()),
            (unconnected(), reset(), reset()),
        ] {
            let both = later.after(earlier.with_attempts(3));
            assert_eq!(
                (both.kind(), both.delivery()),
                (reported.kind(), reported.delivery())
            );
            assert_eq!(
                (both.repeatability(), both.attempts()),
                (reported.repeatability(), 4)
            );
            let other = both.other_attempt().expect("the other one");
            assert_ne!(other.kind(), both.kind());
        }
    }

    #[test]
    fn of_two_that_got_as_far_the_later_one_is_told() {
        let both = refused(Refusal::Gone, Repeatability::Never)
            .after(refused(Refusal::Throttled, Repeatability::Safe));
        assert_eq!(both.kind(), PortErrorKind::Refused(Refusal::Gone));
        let other = both.other_attempt().expect("the other one");
        assert_eq!(other.kind(), PortErrorKind::Refused(Refusal::Throttled));
    }

    /// Neither cause is lost, in whichever way a caller walks the chain.
    #[test]
    fn an_attempt_keeps_its_own_cause_beside_the_other() {
        let earlier = unconnected().with_source("no such name");
        let both = reset().with_source("broken pipe").after(earlier);
        let mut chain = String::new();
        let mut cause = std::error::Error::source(&both);
        while let Some(error) = cause {
            chain.push_str(&error.to_string());
            chain.push('\n');
            cause = error.source();
        }
        assert!(
            chain.contains("no such name") && chain.ends_with("broken pipe\n"),
            "{chain}"
        );
        assert_eq!(
            both.other_attempt().map(PortError::kind),
            Some(PortErrorKind::Connect)
        );
        assert!(unconnected().other_attempt().is_none());
    }

    #[test]
    fn safe_remains_only_where_neither_can_have_minted() {
        let throttled = || refused(Refusal::Throttled, Repeatability::Safe);
        let spent = || {
            error(
                PortErrorKind::Payload,
                Delivery::Answered,
                Repeatability::Never,
            )
        };
        for (earlier, repeatability) in [
            (unconnected(), Repeatability::Safe),
            (throttled(), Repeatability::Safe),
            (spent(), Repeatability::MayRepeat),
            (reset(), Repeatability::MayRepeat),
        ] {
            assert_eq!(throttled().after(earlier).repeatability(), repeatability);
        }
    }
}
