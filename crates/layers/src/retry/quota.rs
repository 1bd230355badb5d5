use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What a quota begins with by default.
const SIZE: u32 = 500;

/// What a retry takes.
const COST: u32 = 14;

/// What a call gives back that succeeds at once.
const REWARD: u32 = 1;

/// How many retries are still allowed: fewer with each retry, more with each success.
///
/// It begins full, with 500 units. A retry takes 14, a retry that succeeds gives them back, a call
/// that succeeds at once gives 1. So a service that is down is asked some 35 times more than it
/// would have been, and one that recovers is retried for at most every 14th call. The numbers are
/// those of the AWS SDKs ([retry behavior]).
///
/// A retry has taken its units once it begins, whether anybody waits for its end or not; a call that
/// is dropped before, while it waits, gives them back.
///
/// Clones are one and the same quota. Ports whose calls end at one service had better share one:
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
    /// A full quota of so many units; with fewer than 14 there is never a retry.
    #[must_use]
    pub fn new(units: u32) -> Self {
        Self(Arc::new(Units {
            most: units,
            left: units.into(),
        }))
    }

    /// Takes what a retry costs, if there is as much.
    pub(super) fn charge(&self) -> Option<Charge<'_>> {
        let taken = |left: u32| left.checked_sub(COST);
        let update = self.0.left.fetch_update(Relaxed, Relaxed, taken);
        update.ok().map(|_before| Charge { quota: self })
    }

    /// Learns from a call that succeeded at once.
    pub(super) fn succeeded(&self) {
        self.give(REWARD);
    }

    fn give(&self, amount: u32) {
        let most = self.0.most;
        let given = |left: u32| (left < most).then(|| left.saturating_add(amount).min(most));
        // An error says that it is full, as it mostly is.
        let _full = self.0.left.fetch_update(Relaxed, Relaxed, given);
    }
}

/// What a retry is going to take; given back when it is dropped, as where nobody waits for the retry
/// any more.
#[derive(Debug)]
#[must_use = "dropping it gives back what it took"]
pub(super) struct Charge<'a> {
    quota: &'a RetryQuota,
}

/// A retry that has begun: what it took comes back only if it succeeds. A caller who gives up asks
/// the service as often as one who waits.
#[derive(Debug)]
pub(super) struct Begun<'a> {
    quota: &'a RetryQuota,
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
