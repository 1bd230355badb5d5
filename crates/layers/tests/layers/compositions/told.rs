//! What `Trace` and `Metrics` tell of the delivery of a call.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Recorder, SharedString, Unit};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Subscriber};

/// With one subscriber alone, tracing would ask the thread that meets a span first, maybe another
/// test's, whether anybody listens, and keep its no.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Told::default()));

/// Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<Everything>>);

#[derive(Debug, Default)]
struct Everything {
    /// Whose each span is, in the order in which they were made.
    spans: Vec<String>,
    deliveries: BTreeMap<String, Vec<String>>,
}

impl Told {
    /// Listens to the spans of this thread.
    pub(super) fn listen(&self) -> DefaultGuard {
        LazyLock::force(&SECOND);
        tracing::subscriber::set_default(self.clone())
    }

    pub(super) fn forget(&self) {
        self.all().deliveries.clear();
    }

    /// What each layer has told, those of one call together.
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

/// Picks one field.
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

/// A counter of calls, whose delivery is known.
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
