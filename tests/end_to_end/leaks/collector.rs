//! Collects every `tracing` event and span, every `log` record and every panic of this process.

use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// One event, record or panic, with all its fields.
#[derive(Clone)]
pub(crate) struct Line {
    /// The module that logged the line, or `panic`.
    pub(crate) origin: String,
    pub(crate) text: String,
}

static HEARD: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// The panic message of a log sink that fails on purpose.
const ON_PURPOSE: &str = "the log sink fails on purpose";

thread_local! {
    /// How many more lines this thread may log before the sink panics.
    static FUSE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Starts to collect, unless that has been done; returns how many lines were collected before.
pub(crate) fn listen() -> usize {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        tracing::subscriber::set_global_default(Collector).expect("the only subscriber");
        log::set_logger(&Collector).expect("the only logger");
        log::set_max_level(log::LevelFilter::Trace);
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = info.to_string();
            if !text.contains(ON_PURPOSE) {
                before(info);
            }
            keep("panic", text);
        }));
    });
    heard().len()
}

/// The lines that were collected since a mark that [`listen`] returned.
pub(crate) fn heard_since(mark: usize) -> Vec<Line> {
    heard()[mark..].to_vec()
}

/// Makes the sink panic in this thread, after this many more lines.
pub(crate) fn fail_after(lines: usize) {
    FUSE.set(Some(lines));
}

/// Makes the sink work again; returns false if the sink has failed meanwhile.
pub(crate) fn stop_failing() -> bool {
    FUSE.take().is_some()
}

fn heard() -> MutexGuard<'static, Vec<Line>> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep(origin: &str, text: String) {
    let origin = origin.to_owned();
    heard().push(Line { origin, text });
}

/// Stores a line, and then panics if [`fail_after`] requires that; no lock is held by then.
fn hear(origin: &str, text: String) {
    keep(origin, text);
    match FUSE.get() {
        None => {}
        Some(0) => {
            FUSE.set(None);
            panic!("{ON_PURPOSE}");
        }
        Some(more) => FUSE.set(Some(more - 1)),
    }
}

struct Collector;

impl Subscriber for Collector {
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut fields = Fields::of(span.metadata());
        span.record(&mut fields);
        keep(span.metadata().target(), fields.0);
        span::Id::from_u64(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _span: &span::Id, values: &span::Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        keep("span", fields.0);
    }

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::of(event.metadata());
        event.record(&mut fields);
        hear(event.metadata().target(), fields.0);
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

impl log::Log for Collector {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        hear(record.target(), record.args().to_string());
    }

    fn flush(&self) {}
}

/// The name of an event or a span, and its fields as text.
struct Fields(String);

impl Fields {
    fn of(metadata: &Metadata<'_>) -> Self {
        Self(metadata.name().to_owned())
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").expect("written");
    }
}
