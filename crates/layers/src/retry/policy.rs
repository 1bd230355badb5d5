use std::time::Duration;

use super::backoff::Backoff;

/// How often and for how long a [`Retry`](crate::Retry) repeats a call: a plain value, which any number of
/// ports can use.
///
/// The default suits a checkout. Ports share no state through a policy; they can share a
/// [`RetryQuota`](crate::RetryQuota).
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

/// What [`Retry`](crate::Retry) does after a failure that leaves unknown whether the service acted.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OnUnknownDelivery {
    /// Returns the error: the caller decides case by case whether to repeat the call.
    #[default]
    Report,
    /// Repeats the call, which may spend a second cryptogram; card networks count unused cryptograms.
    Repeat,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            // Like the AWS SDKs, unlike the vendor's own SDKs.
            max_retries: 2,
            on_unknown_delivery: OnUnknownDelivery::default(),
            // The default deadline of a call of `HyperPort`.
            deadline: Duration::from_secs(30),
            // The service answers within a second, and usually well within.
            shortest_attempt: Duration::from_millis(500),
            // If a thousand clients fail together and each waits for a random part of three seconds, about
            // 33 of them return in each tenth of a second.
            first_wait: Duration::from_secs(3),
            // The longest wait of the AWS SDKs.
            most_wait: Duration::from_secs(20),
            seed: None,
        }
    }
}

impl RetryPolicy {
    /// Makes at most this many attempts after the first; 2 by default.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Sets what to do after an unknown delivery; by default the error is returned.
    #[must_use]
    pub fn on_unknown_delivery(mut self, reaction: OnUnknownDelivery) -> Self {
        self.on_unknown_delivery = reaction;
        self
    }

    /// Limits the time of a call with all its attempts and the waits between them; 30 seconds by default.
    /// If the limit is less than a millisecond, no call begins.
    ///
    /// An attempt that still runs at the deadline is dropped. Its delivery is the one that the port below
    /// reports; if the port reports nothing, the delivery is `Unknown`.
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Begins no retry if less time than this is left; half a second by default.
    #[must_use]
    pub fn shortest_attempt(mut self, time: Duration) -> Self {
        self.shortest_attempt = time;
        self
    }

    /// Sets the window of the first wait, and the largest window that doubling leads to; 3 and 20 seconds
    /// by default.
    ///
    /// A wait is a random time between zero and the window, so that clients that fail together don't return
    /// together: of a thousand clients, with 3 seconds, at most 5 % return in the same tenth of a second.
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

    /// The random waits of one port.
    pub(super) fn waits(&self) -> Backoff {
        Backoff::new(self.first_wait, self.most_wait, self.seed)
    }
}
