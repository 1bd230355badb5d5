//! The metrics of a call: names, labels and numbers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use payment_credentials_core::{ConfiguredKey, KeyPurpose, PortErrorKind};
use payment_credentials_layers::{
    ConcurrencyLimit, KeyExpiry, Metrics, PauseUntil, RateLimit, Retry,
};
use payment_credentials_mock::failures;
use tokio::time::timeout;

use crate::fake::{LeavesLate, Play, call, fake};

/// A recorder that stores each metric by its name and labels.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

struct Metric {
    name: String,
    recorded: Recorded,
}

impl Recorded {
    fn metric(&self, key: &Key) -> Arc<Metric> {
        let labels: Vec<_> = key
            .labels()
            .map(|it| format!("{}={}", it.key(), it.value()))
            .collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Metric {
            name,
            recorded: self.clone(),
        })
    }

    fn all(&self) -> Vec<(String, Vec<f64>)> {
        self.0.lock().unwrap().clone().into_iter().collect()
    }
}

impl Metric {
    fn add(&self, value: f64) {
        let mut metrics = self.recorded.0.lock().unwrap();
        metrics.entry(self.name.clone()).or_default().push(value);
    }
}

impl CounterFn for Metric {
    fn increment(&self, value: u64) {
        self.add(f64::from(u32::try_from(value).expect("a small number")));
    }

    fn absolute(&self, _: u64) {
        panic!("a counter only counts");
    }
}

impl GaugeFn for Metric {
    fn increment(&self, _: f64) {
        panic!("a time is set");
    }

    fn decrement(&self, _: f64) {
        panic!("a time is set");
    }

    fn set(&self, value: f64) {
        self.add(value);
    }
}

impl HistogramFn for Metric {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        self.0
            .lock()
            .unwrap()
            .insert(format!("described {}", name.as_str()), Vec::new());
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        assert_eq!(unit, Some(Unit::Seconds));
        self.describe_counter(name, unit, text);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        assert_eq!(unit, Some(Unit::Seconds));
        self.describe_counter(name, unit, text);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.metric(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.metric(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.metric(key))
    }
}

/// Runs the work with paused time and returns the recorded metrics.
pub(crate) fn recorded(work: impl AsyncFnOnce()) -> Vec<(String, Vec<f64>)> {
    let recorder = Recorded::default();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    metrics::with_local_recorder(&recorder, || runtime.block_on(work()));
    recorder.all()
}

#[track_caller]
pub(crate) fn check(recorded: &[(String, Vec<f64>)], expected: &[(&str, &[f64])]) {
    let recorded: Vec<_> = recorded
        .iter()
        .filter(|(name, _)| !name.starts_with("described"))
        .map(|(name, values)| (name.as_str(), values.as_slice()))
        .collect();
    assert_eq!(recorded, expected);
}

#[test]
fn f13_each_call_is_counted_by_outcome_and_delivery_and_its_time_measured() {
    let recorded = recorded(async || {
        let port = Metrics::new(fake(|call| match call {
            0 | 1 => Play::after(250, Play::Give),
            2 => Play::after(500, Play::Fail(failures::refused(404))),
            _ => Play::Fail(failures::connect()),
        }));
        for is_ok in [true, true, false, false] {
            assert_eq!(call(&port).await.is_ok(), is_ok);
        }
    });
    check(
        &recorded,
        &[
            (
                "payment_credentials_attempts_total{}",
                &[1.0, 1.0, 1.0, 1.0],
            ),
            (
                "payment_credentials_call_duration_seconds{operation=generate,outcome=connect}",
                &[0.0],
            ),
            (
                "payment_credentials_call_duration_seconds{operation=generate,outcome=ok}",
                &[0.25, 0.25],
            ),
            (
                "payment_credentials_call_duration_seconds{operation=generate,outcome=refused_not_found}",
                &[0.5],
            ),
            (
                "payment_credentials_calls_total{operation=generate,outcome=connect,delivery=not_sent}",
                &[1.0],
            ),
            (
                "payment_credentials_calls_total{operation=generate,outcome=ok,delivery=answered}",
                &[1.0, 1.0],
            ),
            (
                "payment_credentials_calls_total{operation=generate,outcome=refused_not_found,delivery=answered}",
                &[1.0],
            ),
        ],
    );
}

#[test]
fn the_attempts_of_a_retry_below_are_counted() {
    let recorded = recorded(async || {
        let port = fake(|call| match call {
            2 | 3 => Play::Give,
            _ => Play::Fail(failures::connect()),
        });
        let port = Metrics::new(Metrics::new(Retry::new(port)));
        for is_ok in [true, true, false] {
            assert_eq!(call(&port).await.is_ok(), is_ok);
        }
    });
    let attempts = recorded
        .iter()
        .find(|(name, _)| name.starts_with("payment_credentials_attempts"));
    assert_eq!(
        attempts.expect("attempts").1,
        [3.0, 3.0, 1.0, 1.0, 3.0, 3.0]
    );
}

#[test]
fn a_call_that_is_dropped_is_counted_too() {
    let recorded = recorded(async || {
        let port = Metrics::new(fake(|_| Play::Hang));
        assert!(timeout(Duration::from_secs(2), call(&port)).await.is_err());
    });
    check(
        &recorded,
        &[
            ("payment_credentials_attempts_total{}", &[1.0]),
            (
                "payment_credentials_call_duration_seconds{operation=generate,outcome=dropped}",
                &[2.0],
            ),
            (
                "payment_credentials_calls_total{operation=generate,outcome=dropped,delivery=unknown}",
                &[1.0],
            ),
        ],
    );
}

/// The delivery of a dropped call is read only after the drop, since the call can still be sent
/// until then.
#[test]
fn a_call_that_leaves_while_it_is_dropped_is_not_counted_as_unsent() {
    let recorded = recorded(async || {
        let port = Metrics::new(LeavesLate);
        assert!(timeout(Duration::from_secs(2), call(&port)).await.is_err());
    });
    let unknown =
        "payment_credentials_calls_total{operation=generate,outcome=dropped,delivery=unknown}";
    let is_told = recorded.iter().any(|(name, _)| name == unknown);
    assert!(is_told, "{recorded:?}");
}

#[test]
fn each_metric_is_described() {
    let recorded = recorded(async || drop(Metrics::new(fake(|_| Play::Give))));
    let names: Vec<_> = recorded.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "described payment_credentials_attempts_total",
        "described payment_credentials_call_duration_seconds",
        "described payment_credentials_calls_total",
        "described payment_credentials_wait_duration_seconds",
    ];
    assert_eq!(names, expected);
}

/// Row G12: the page of `Metrics` lists each metric with its labels.
#[test]
fn g12_the_table_of_metrics_has_the_labels_that_are_recorded() {
    let recorded = recorded(async || {
        let port = ConcurrencyLimit::new(fake(|_| Play::Give), 1).expect("a limit");
        call(&Metrics::new(port)).await.expect("credentials");
        let key = ConfiguredKey::new(KeyPurpose::SignRequests, None);
        KeyExpiry::new().report(&[key.with_certificate("CN=shop", SystemTime::UNIX_EPOCH)]);
    });
    let recorded: Vec<_> = recorded
        .iter()
        .filter_map(|(name, _)| name.strip_suffix('}')?.split_once('{'))
        .map(|(name, labels)| {
            let labels = labels.split(',').filter_map(|label| label.split_once('='));
            (name, labels.map(|(label, _)| label).collect::<Vec<_>>())
        })
        .collect();
    let page = include_str!("../../src/metrics.rs").lines();
    let mut documented: Vec<_> = page
        .filter_map(|line| line.strip_prefix("/// | `")?.split_once('`'))
        .map(|(name, rest)| {
            let labels = rest.rsplit(" | ").next().unwrap_or_default();
            let labels = labels.split('`').skip(1).step_by(2);
            (name, labels.collect::<Vec<_>>())
        })
        .collect();
    documented.sort_unstable();
    assert_eq!(documented, recorded);
}

/// Row G12: who writes an alert finds every word, and no other.
#[test]
fn g12_the_table_of_outcomes_has_each_word_and_no_other() {
    let table = include_str!("../../src/outcomes.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let words: Vec<_> = rows
        .map(|row| row.split('`').next().expect("a word"))
        .collect();
    let mut expected = vec!["ok", "dropped", "panicked"];
    expected.extend(PortErrorKind::all().map(PortErrorKind::name));
    assert_eq!(words.len(), expected.len());
    for word in expected {
        assert!(words.contains(&word), "{word}");
    }
}

/// Row G12.
#[test]
fn g12_the_waits_of_each_limit_are_measured() {
    let recorded = recorded(async || {
        let port = fake(|call| {
            let throttled = failures::throttled(Duration::from_secs(3));
            Play::after(
                100,
                if call == 0 {
                    Play::Fail(throttled)
                } else {
                    Play::Give
                },
            )
        });
        let port = ConcurrencyLimit::new(port, 1).expect("a limit");
        let port = RateLimit::new(port, 2).expect("a limit");
        let port = PauseUntil::new(port);
        call(&port).await.expect_err("throttled");
        let (one, other) = tokio::join!(call(&port), call(&port));
        assert!(one.is_ok() && other.is_ok());
    });
    check(
        &recorded,
        &[
            (
                "payment_credentials_wait_duration_seconds{limit=concurrency}",
                &[0.0, 0.0, 0.0],
            ),
            (
                "payment_credentials_wait_duration_seconds{limit=pause}",
                &[0.0, 3.0, 3.0],
            ),
            (
                "payment_credentials_wait_duration_seconds{limit=rate}",
                &[0.0, 0.0, 0.5],
            ),
        ],
    );
}

/// Row G12: the dashboard shows a certificate that expires in ten days.
#[test]
fn g12_the_end_of_each_certificate_is_a_gauge_and_a_key_that_is_gone_ends_never() {
    let recorded = recorded(async || {
        let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let key = |id: &str| {
            let id = id.parse().expect("a key id");
            ConfiguredKey::new(KeyPurpose::SignRequests, Some(id))
        };
        let expiry = KeyExpiry::new();
        expiry.report(&[key("old").with_certificate("CN=shop", end), key("secret")]);
        expiry.report(&[key("new").with_certificate("CN=shop", end)]);
        let unnamed =
            |end| ConfiguredKey::new(KeyPurpose::SealRequests, None).with_certificate("CN=x", end);
        let later = end + Duration::from_secs(1);
        KeyExpiry::new().report(&[unnamed(end), unnamed(later)]);
    });
    let name = |id| {
        let metric = "payment_credentials_key_not_after_timestamp_seconds";
        format!("{metric}{{purpose=sign_requests,key_id={id}}}")
    };
    let unnamed = name("").replace("sign_requests", "seal_requests");
    check(
        &recorded,
        &[
            // Of two keys with the same labels, the one that expires first.
            (&unnamed, &[1_800_000_000.0]),
            (&name("new"), &[1_800_000_000.0]),
            (&name("old"), &[1_800_000_000.0, f64::INFINITY]),
        ],
    );
}

/// Row G12: a limit that lets no call through any more is seen, though no wait for it ends.
#[test]
fn g12_a_wait_that_is_dropped_is_measured() {
    let recorded = recorded(async || {
        let port = ConcurrencyLimit::new(fake(|_| Play::Hang), 1).expect("a limit");
        let two = async { tokio::join!(call(&port), call(&port)) };
        assert!(timeout(Duration::from_secs(2), two).await.is_err());
    });
    let metric = "payment_credentials_wait_duration_seconds{limit=concurrency}";
    check(&recorded, &[(metric, &[0.0, 2.0])]);
}
