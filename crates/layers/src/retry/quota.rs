use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The units of a full quota, by default.
const SIZE: u32 = 500;

/// The units that a retry takes.
const COST: u32 = 14;

/// The units that a call gives back if it succeeds at once.
const REWARD: u32 = 1;

/// How many retries are still allowed: fewer with each retry, more with each success.
///
/// A quota begins full, with 500 units. A retry takes 14 units, and gives them back if it succeeds. A call
/// that succeeds at once gives back 1 unit. So a service that is down gets only about 35 retries, and one
/// that recovers gets at most one retry for every 14 calls. The numbers are those of the AWS SDKs ([retry
/// behavior]).
///
/// Once a retry begins, its units are taken, even if the call is dropped later. A call that is dropped
/// during the wait before the retry gives them back.
///
/// Clones share one quota. Ports that call the same service should share one:
///
/// ```
/// use payment_credentials_layers::{Retry, RetryQuota};
///
/// let quota = RetryQuota::new(140); // ten retries
/// let _sales = Retry::new("the port of one merchant").quota(quota.clone());
/// let _refunds = Retry::new("the port of another").quota(quota);
/// ```
///
/// [retry behavior]: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
#[derive(Clone, Debug)]
pub struct RetryQuota(Arc<Units>);

#[derive(Debug)]
struct Units {
    most: u32,
    left: AtomicU32,
}

impl Default for RetryQuota {
    fn default() -> Self {
        Self::new(SIZE)
    }
}

impl RetryQuota {
    /// A full quota of this many units; with fewer than 14 no retry is ever made.
    #[must_use]
    pub fn new(units: u32) -> Self {
        Self(Arc::new(Units {
            most: units,
            left: units.into(),
        }))
    }

    /// Takes the units of a retry, if enough are left.
    pub(super) fn charge(&self) -> Option<Charge<'_>> {
        let taken = |left: u32| left.checked_sub(COST);
        let update = self.0.left.fetch_update(Relaxed, Relaxed, taken);
        update.ok().map(|_before| Charge { quota: self })
    }

    /// Gives back the reward of a call that succeeded at once.
    pub(super) fn succeeded(&self) {
        self.give(REWARD);
    }

    fn give(&self, amount: u32) {
        let most = self.0.most;
        let given = |left: u32| (left < most).then(|| left.saturating_add(amount).min(most));
        // An error means that the quota is full, which is the usual case.
        let _full = self.0.left.fetch_update(Relaxed, Relaxed, given);
    }
}

/// The units of a retry that has not begun. Gives them back when it is dropped, such as when the call is
/// dropped during the wait.
#[derive(Debug)]
#[must_use = "dropping it gives back what it took"]
pub(super) struct Charge<'a> {
    quota: &'a RetryQuota,
}

/// A retry that has begun: its units come back only if it succeeds. A call that is dropped later loads the
/// service as much as one that is awaited.
#[derive(Debug)]
pub(super) struct Begun<'a> {
    quota: &'a RetryQuota,
}

impl<'a> Charge<'a> {
    /// Keeps the units: the retry begins.
    pub(super) fn begin(self) -> Begun<'a> {
        let quota = self.quota;
        std::mem::forget(self);
        Begun { quota }
    }
}

impl Begun<'_> {
    /// Gives the units back.
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

    fn left(quota: &RetryQuota) -> u32 {
        quota.0.left.load(Relaxed)
    }

    #[test]
    fn lasts_for_35_failed_retries() {
        let quota = RetryQuota::default();
        let failed = std::iter::from_fn(|| quota.charge().map(Charge::begin)).take(100);
        assert_eq!(failed.count(), 35);
        assert_eq!(left(&quota), SIZE - 35 * COST);
    }

    #[test]
    fn a_retry_that_succeeds_or_is_dropped_costs_nothing() {
        let quota = RetryQuota::default();
        let retry = quota.charge().map(Charge::begin);
        assert_eq!(left(&quota), SIZE - COST);
        retry.expect("enough").succeeded();
        assert_eq!(left(&quota), SIZE);
        drop(quota.charge());
        assert_eq!(left(&quota), SIZE);
    }

    #[test]
    fn successes_fill_it_up_and_not_over() {
        let quota = RetryQuota::default();
        quota.0.left.store(0, Relaxed);
        for _ in 0..COST {
            assert!(quota.charge().is_none());
            quota.succeeded();
        }
        drop(quota.charge().expect("enough for one retry"));
        (0..2 * SIZE).for_each(|_| quota.succeeded());
        assert_eq!(left(&quota), SIZE);
        for successes in [COST - 1, COST] {
            let charge = quota.charge().expect("enough");
            (0..successes).for_each(|_| quota.succeeded());
            drop(charge);
            assert_eq!(left(&quota), SIZE);
        }
    }
}
