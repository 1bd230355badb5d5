//! The log reports once that an address sent unsolicited bytes.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::advance;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, span};

use crate::peer::{GOOD, Peer, call, read_request};

/// Collects the messages of the library's own target with their levels.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(Level, String)>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").expect("written");
    }
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "payment_credentials"
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        let line = (*event.metadata().level(), fields.0);
        self.0.lock().expect("unpoisoned").push(line);
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn surplus_is_warned_of_once_in_ten_minutes() {
    let heard = Heard::default();
    // With a single subscriber, tracing caches the interest of the thread that reaches an event
    // first, which may belong to another test without a subscriber.
    let _second = Dispatch::new(Heard::default());
    let _listens = tracing::subscriber::set_default(heard.clone());
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(GOOD.repeat(2).as_bytes()).await;
        read_request(&mut stream).await;
    });
    let port = peer.builder().build().expect("a port");
    for warned in [1, 1, 1, 2, 2] {
        call(&port).await.expect("credentials");
        let lines = heard.0.lock().expect("unpoisoned").clone();
        assert_eq!(lines.len(), warned, "{lines:?}");
        let (level, text) = lines.last().expect("a line");
        assert_eq!(*level, Level::WARN);
        assert!(text.contains("belong to no request"), "{text}");
        for secret in ["7010000000016241111", "eyJ9", "/tms/", "localhost"] {
            assert!(!text.contains(secret), "{text}");
        }
        advance(Duration::from_secs(200)).await;
    }
}
