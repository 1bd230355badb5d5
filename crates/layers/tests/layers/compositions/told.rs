//! What `Trace` and `Metrics` report of the delivery of a call.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Recorder, SharedString, Unit};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Subscriber};

/// With a single subscriber, tracing caches the interest of the thread that reaches a span first,
/// which may belong to another test without a subscriber.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Told::default()));

/// Clones share the same state.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<Everything>>);

#[derive(Debug, Default)]
struct Everything {
    /// The owner of each span, in the order in which the spans were created.
    spans: Vec<String>,
    deliveries: BTreeMap<String, Vec<String>>,
}

impl Told {
    /// Collects the spans of this thread.
    pub(super) fn listen(&self) -> DefaultGuard {
        LazyLock::force(&SECOND);
        tracing::subscriber::set_default(self.clone())
    }

    pub(super) fn forget(&self) {
        self.all().deliveries.clear();
    }

    /// What each layer has reported, grouped by call.
    pub(super) fn of_each(&self) -> Vec<(String, Vec<String>)> {
        self.all().deliveries.clone().into_iter().collect()
    }

    fn add(&self, who: &str, delivery: &str) {
        let mut all = self.all();
        let deliveries = all.deliveries.entry(who.to_owned()).or_default();
        deliveries.push(delivery.to_owned());
    }

    fn all(&self) -> MutexGuard<'_, Everything> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Extracts one field.
struct Pick(&'static str, Option<String>);

impl Visit for Pick {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == self.0 {
            self.1 = Some(format!("{value:?}").trim_matches('"').to_owned());
        }
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "payment_credentials"
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut pick = Pick("merchant_id", None);
        attributes.record(&mut pick);
        let spans = &mut self.all().spans;
        spans.push(pick.1.unwrap_or_default());
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut pick = Pick("delivery", None);
        values.record(&mut pick);
        let place = usize::try_from(id.into_u64()).expect("a place") - 1;
        let who = self.all().spans.get(place).cloned();
        if let (Some(who), Some(delivery)) = (who, pick.1) {
            self.add(&who, &delivery);
        }
    }

    fn event(&self, _: &Event<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A counter of calls with a known delivery.
struct Counts(Told, String);

impl CounterFn for Counts {
    fn increment(&self, _: u64) {
        self.0.add("metrics", &self.1);
    }

    fn absolute(&self, _: u64) {
        panic!("a counter only counts");
    }
}

impl Recorder for Told {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &metrics::Metadata<'_>) -> Counter {
        let delivery = key.labels().find(|label| label.key() == "delivery");
        match delivery {
            Some(delivery) => {
                let counts = Counts(self.clone(), delivery.value().to_owned());
                Counter::from_arc(Arc::new(counts))
            }
            None => Counter::noop(),
        }
    }

    fn register_gauge(&self, _: &Key, _: &metrics::Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &metrics::Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
