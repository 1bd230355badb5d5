//! The log warns once that HTTP Signature will be discontinued.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use payment_credentials_auth::HttpSignatureAuthenticator;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, span};

use crate::fixtures::{NOW, SECRET, at, jwt, secret_key, sign, unsigned};

/// Collects messages with their levels.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(Level, String)>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").expect("written");
    }
}

impl Subscriber for Heard {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
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

fn heard(work: impl FnOnce()) -> Vec<(Level, String)> {
    let heard = Heard::default();
    // With a single subscriber, tracing caches the interest of the thread that reaches an event
    // first, which may belong to another test without a subscriber.
    let _second = Dispatch::new(Heard::default());
    tracing::subscriber::with_default(heard.clone(), work);
    let lines = heard.0.lock().expect("unpoisoned");
    lines.clone()
}

#[test]
fn warns_of_the_end_of_http_signature_once_for_an_authenticator() {
    let lines = heard(|| {
        let authenticator = HttpSignatureAuthenticator::new(secret_key());
        for clone in [authenticator.clone(), authenticator] {
            sign(&clone, &unsigned(), at(NOW)).expect("headers");
            sign(&clone, &unsigned(), at(NOW)).expect("headers");
        }
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (level, text) = &lines[0];
    assert_eq!(*level, Level::WARN);
    for part in [
        "March 2027",
        "JwtAuthenticator::with_shared_secret",
        "08c94330",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains(&SECRET[..8]));
}

#[test]
fn says_nothing_of_jwts() {
    let lines = heard(|| {
        sign(&jwt(), &unsigned(), at(NOW)).expect("headers");
    });
    assert!(lines.is_empty(), "{lines:?}");
}
