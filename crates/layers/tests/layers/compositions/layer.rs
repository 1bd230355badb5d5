//! The layers, and all compositions of them.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_layers::{
    ConcurrencyLimit, Deadline, LocalAllowance, Metrics, OnUnknownDelivery, PauseUntil, RateLimit,
    Retry, RetryPolicy, Trace,
};

use super::Port;

#[derive(Clone, Copy, Debug)]
pub(super) enum Layer {
    Trace,
    Metrics,
    Retry(OnUnknownDelivery),
    PauseUntil,
    RateLimit,
    ConcurrencyLimit,
    Deadline,
}

impl Layer {
    const ALL: [Self; 8] = [
        Self::Trace,
        Self::Metrics,
        Self::Retry(OnUnknownDelivery::Report),
        Self::Retry(OnUnknownDelivery::Repeat),
        Self::PauseUntil,
        Self::RateLimit,
        Self::ConcurrencyLimit,
        Self::Deadline,
    ];

    /// All compositions that are one to three deep, the innermost layer first.
    pub(super) fn compositions() -> impl Iterator<Item = Vec<Self>> {
        let around = |inner: Vec<Vec<Self>>| -> Vec<Vec<Self>> {
            let all = inner.into_iter().flat_map(|inner| {
                Self::ALL.map(|layer| inner.iter().copied().chain([layer]).collect())
            });
            all.collect()
        };
        let one = around(vec![Vec::new()]);
        let two = around(one.clone());
        let three = around(two.clone());
        one.into_iter().chain(two).chain(three)
    }

    /// Wraps a port in this layer; a `Trace` is identified by its place.
    pub(super) fn over(self, port: Port, place: usize) -> Port {
        match self {
            Self::Trace => {
                let merchant_id = format!("trace{place}").parse().expect("a merchant id");
                Arc::new(Trace::new(port).with_merchant_id(merchant_id))
            }
            Self::Metrics => Arc::new(Metrics::new(port)),
            Self::Retry(repeat) => {
                let wait = Duration::from_millis(20);
                let policy = RetryPolicy::default()
                    .on_unknown_delivery(repeat)
                    .deadline(Duration::from_millis(130))
                    .shortest_attempt(Duration::from_millis(5))
                    .backoff(wait, wait)
                    .seed(1);
                Arc::new(Retry::with_policy(port, &policy))
            }
            Self::PauseUntil => Arc::new(PauseUntil::new(port).longest(Duration::from_millis(20))),
            Self::RateLimit => Arc::new(RateLimit::sharing(
                port,
                Arc::new(LocalAllowance::new(50).expect("a limit").burst(1)),
            )),
            Self::ConcurrencyLimit => Arc::new(ConcurrencyLimit::new(port, 1).expect("a limit")),
            Self::Deadline => Arc::new(Deadline::new(port, Duration::from_millis(60))),
        }
    }
}
