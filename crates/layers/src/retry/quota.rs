use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What there is to begin with, and the most there ever is.
const FULL: u32 = 500;

/// What a retry takes.
const COST: u32 = 14;

/// What a call gives back that succeeds at once.
const REWARD: u32 = 1;

/// How much retrying a layer may still do: it falls with retries and rises with successes.
#[derive(Debug)]
pub(super) struct Quota(AtomicU32);

impl Default for Quota {
    fn default() -> Self {
        Self(FULL.into())
    }
}

impl Quota {
    /// Takes what a retry costs, if there is as much.
    pub(super) fn charge(&self) -> Option<Charge<'_>> {
        let taken = |left: u32| left.checked_sub(COST);
        let update = self.0.fetch_update(Relaxed, Relaxed, taken);
        update.ok().map(|_before| Charge { quota: self })
    }

    /// Learns from a call that succeeded at once.
    pub(super) fn succeeded(&self) {
        self.give(REWARD);
    }

    fn give(&self, amount: u32) {
        let given = |left: u32| (left < FULL).then(|| left.saturating_add(amount).min(FULL));
        // An error says that it is full, as it mostly is.
        let _full = self.0.fetch_update(Relaxed, Relaxed, given);
    }
}

/// What a retry is going to take; given back when it is dropped, as where nobody waits for the retry
/// any more.
#[derive(Debug)]
#[must_use = "dropping it gives back what it took"]
pub(super) struct Charge<'a> {
    quota: &'a Quota,
}

/// A retry that has begun: what it took comes back only if it succeeds. A caller who gives up asks
/// the service as often as one who waits.
#[derive(Debug)]
pub(super) struct Begun<'a> {
    quota: &'a Quota,
}

impl<'a> Charge<'a> {
    /// Keeps what was taken: the retry begins.
    pub(super) fn begin(self) -> Begun<'a> {
        let quota = self.quota;
        std::mem::forget(self);
        Begun { quota }
    }
}

impl Begun<'_> {
    /// Gives back what it took.
    pub(super) fn succeeded(self) {
        self.quota.give(COST);
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        self.quota.give(COST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(quota: &Quota) -> u32 {
        quota.0.load(Relaxed)
    }

    #[test]
    fn lasts_for_35_failed_retries() {
        let quota = Quota::default();
        let failed = std::iter::from_fn(|| quota.charge().map(Charge::begin));
        assert_eq!(failed.count(), 35);
        assert_eq!(left(&quota), FULL - 35 * COST);
    }

    #[test]
    fn a_retry_that_succeeds_or_is_dropped_costs_nothing() {
        let quota = Quota::default();
        let retry = quota.charge().map(Charge::begin);
        assert_eq!(left(&quota), FULL - COST);
        retry.expect("enough").succeeded();
        assert_eq!(left(&quota), FULL);
        drop(quota.charge());
        assert_eq!(left(&quota), FULL);
    }

    #[test]
    fn successes_fill_it_up_and_not_over() {
        let quota = Quota(0.into());
        for _ in 0..COST {
            assert!(quota.charge().is_none());
            quota.succeeded();
        }
        drop(quota.charge().expect("enough for one retry"));
        (0..2 * FULL).for_each(|_| quota.succeeded());
        assert_eq!(left(&quota), FULL);
        let charge = quota.charge().expect("enough");
        (0..COST).for_each(|_| quota.succeeded());
        drop(charge);
        assert_eq!(left(&quota), FULL);
    }
}
