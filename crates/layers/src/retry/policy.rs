use std::time::Duration;

use super::backoff::Backoff;

/// How often and for how long a [`Retry`](crate::Retry) repeats a call: a plain value, for as
/// many ports as you like.
///
/// The default suits a checkout. What ports share beside it is a [`RetryQuota`](crate::RetryQuota).
///
/// ```
/// use std::time::Duration;
/// use payment_credentials_layers::{Retry, RetryPolicy};
///
/// let policy = RetryPolicy::default().max_retries(1).deadline(Duration::from_secs(10));
/// let _production = Retry::with_policy("a port", &policy);
/// let _disaster_recovery = Retry::with_policy("another port", &policy);
/// ```
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(super) max_retries: u32,
    pub(super) on_unknown_delivery: OnUnknownDelivery,
    pub(super) deadline: Duration,
    pub(super) shortest_attempt: Duration,
    first_wait: Duration,
    most_wait: Duration,
    seed: Option<u64>,
}

/// What [`Retry`](crate::Retry) does after a failure that leaves open whether the service acted.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OnUnknownDelivery {
    /// It returns the error: to repeat the call is for the caller to decide, case by case.
    #[default]
    Report,
    /// It repeats the call, which may spend a second cryptogram; card networks count the unused ones.
    Repeat,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            // As the AWS SDKs have and the vendor's own don't.
            max_retries: 2,
            on_unknown_delivery: OnUnknownDelivery::default(),
            // As long as a call of `HyperPort` may take by default.
            deadline: Duration::from_secs(30),
            // The service answers within a second, and mostly well within.
            shortest_attempt: Duration::from_millis(500),
            // A thousand clients that fail together and wait for a random part of three seconds
            // come back some 33 in each tenth of a second.
            first_wait: Duration::from_secs(3),
            // The most that the AWS SDKs wait.
            most_wait: Duration::from_secs(20),
            seed: None,
        }
    }
}

impl RetryPolicy {
    /// Makes at most this many attempts beside the first; 2 by default.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Chooses what to do after an unknown delivery; by default the error is returned.
    #[must_use]
    pub fn on_unknown_delivery(mut self, reaction: OnUnknownDelivery) -> Self {
        self.on_unknown_delivery = reaction;
        self
    }

    /// Bounds all attempts of a call and the waits between them together; 30 seconds by default. With
    /// less than a millisecond no call begins.
    ///
    /// An attempt that still runs then is dropped, and counts for as far as the port below reports: of one
    /// that reports nothing, for `Unknown`.
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Begins no retry that has less time than this; half a second by default.
    #[must_use]
    pub fn shortest_attempt(mut self, time: Duration) -> Self {
        self.shortest_attempt = time;
        self
    }

    /// Sets the window of the first wait, and the most that doubling makes of it; 3 and 20 seconds
    /// by default.
    ///
    /// A wait is anything between nothing and the window, so that a thousand clients that fail
    /// together come back one by one: with 3 seconds, no tenth of a second sees over 5 % of them.
    #[must_use]
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        (self.first_wait, self.most_wait) = (first, most);
        self
    }

    /// Makes the waits repeatable, for tests; by default they differ from port to port.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What draws the waits of one port.
    pub(super) fn waits(&self) -> Backoff {
        Backoff::new(self.first_wait, self.most_wait, self.seed)
    }
}
