use std::fmt;
use std::time::{Duration, SystemTime};

/// How far the local clock is from the service's, according to a response's `Date`.
///
/// Only the part counts as skew that neither the time of the exchange nor the whole seconds of a `Date`
/// (RFC 9110 §5.6.7) can explain.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use payment_credentials_core::ClockSkew;
///
/// let local = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
/// let skew = ClockSkew::between(local, local, local + Duration::from_secs(300)).expect("a skew");
/// assert_eq!(skew.seconds(), 300);
/// assert_eq!(skew.to_string(), "the local clock is 300 s behind the service's");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockSkew {
    direction: Direction,
    off: Duration,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    Ahead,
    Behind,
}

impl ClockSkew {
    /// The least skew that is reported, since a `Date` has whole seconds and the clocks of the service's
    /// own machines differ.
    const LEAST: Duration = Duration::from_secs(10);

    /// The largest skew that is used to sign a request once more. A clock is off by minutes, or by a day if
    /// the date was set wrong; a `Date` that is years away is more likely invalid.
    const MOST_CREDIBLE: Duration = Duration::from_secs(2 * 24 * 60 * 60);

    /// The skew between the service's time and the local times before and after its response; `None` if
    /// none is proved.
    #[must_use]
    pub fn between(before: SystemTime, after: SystemTime, service: SystemTime) -> Option<Self> {
        // The local clock may have been set back in between.
        let (first, last) = (before.min(after), before.max(after));
        let skew = if let Ok(off) = service.duration_since(last) {
            Self {
                direction: Direction::Behind,
                off,
            }
        } else {
            let off = first.duration_since(service).ok()?;
            Self {
                direction: Direction::Ahead,
                off,
            }
        };
        (skew.off >= Self::LEAST).then_some(skew)
    }

    /// The seconds to add to the local time to get the service's time.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        let seconds = i64::try_from(self.off.as_secs()).unwrap_or(i64::MAX);
        match self.direction {
            Direction::Ahead => -seconds,
            Direction::Behind => seconds,
        }
    }

    /// Whether this is likely a clock's skew rather than an invalid `Date`.
    pub(crate) fn is_credible(self) -> bool {
        self.off <= Self::MOST_CREDIBLE
    }

    /// Converts a local time into the service's time.
    pub(crate) fn correct(self, local: SystemTime) -> Option<SystemTime> {
        match self.direction {
            Direction::Ahead => local.checked_sub(self.off),
            Direction::Behind => local.checked_add(self.off),
        }
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Ahead => "ahead of",
            Direction::Behind => "behind",
        };
        let seconds = self.off.as_secs();
        write!(
            f,
            "the local clock is {seconds} s {direction} the service's"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn check(before: u64, after: u64, service: u64, expected: Option<i64>) {
        let skew = ClockSkew::between(at(before), at(after), at(service));
        assert_eq!(skew.map(|skew| skew.seconds()), expected);
    }

    #[test]
    fn is_what_the_time_on_the_way_does_not_explain() {
        check(1000, 1000, 1000, None);
        check(1000, 1000, 1009, None);
        check(1000, 1000, 991, None);
        check(1000, 1000, 1010, Some(10));
        check(1000, 1000, 990, Some(-10));
        // Any time between the two is possible; only the part after the response counts.
        check(1000, 1030, 1020, None);
        check(1000, 1030, 1035, None);
        check(1000, 1030, 1090, Some(60));
        check(1000, 1030, 940, Some(-60));
        // The clock was set back by an hour during the call: a time between the two still proves nothing.
        check(5000, 1400, 3000, None);
        check(5000, 1400, 1000, Some(-400));
    }

    #[test]
    fn believes_minutes_and_a_day_and_not_years() {
        let corrected = |local, service| {
            let skew = ClockSkew::between(at(local), at(local), at(service)).expect("a skew");
            let credible = skew.is_credible().then_some(skew);
            credible.and_then(|skew| skew.correct(at(local)))
        };
        let now = 1_780_000_000;
        for off in [60, 300, 86_400] {
            assert_eq!(corrected(now, now + off), Some(at(now + off)));
            assert_eq!(corrected(now, now - off), Some(at(now - off)));
        }
        let two_days = 2 * 86_400;
        assert_eq!(corrected(now, now + two_days), Some(at(now + two_days)));
        assert_eq!(corrected(now, now - two_days), Some(at(now - two_days)));
        assert_eq!(corrected(now, now + two_days + 1), None);
        assert_eq!(corrected(now, now - two_days - 1), None);
        let years = 50 * 365 * 86_400;
        assert_eq!(corrected(now, now + years), None);
        assert_eq!(corrected(now, now - years), None);
    }

    proptest! {
        #[test]
        fn never_panics(before: u32, after: u32, service in 0..u64::MAX / 4) {
            let (before, after) = (at(before.into()), at(after.into()));
            let Some(service) = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(service)) else {
                return Ok(());
            };
            if let Some(skew) = ClockSkew::between(before, after, service) {
                let _ = (skew.correct(before), skew.to_string(), skew.seconds());
            }
        }
    }
}
