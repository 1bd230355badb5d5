//! The port logs its notes, since not every caller reads them.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Dispatch, Event, Metadata, Subscriber};

use crate::fixtures::{assert_says, folder, signing_with, vector, write};

/// Collects the notes of events.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Subscriber for Notes {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Visitor(self));
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

struct Visitor<'a>(&'a Notes);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "note" {
            let mut notes = self.0.0.lock().expect("unpoisoned");
            notes.push(format!("{value:?}"));
        }
    }
}

/// A certificate for the vectors' own key that expired in 2021.
const ENDED: &str = concat!(
    include_str!("expired.pem"),
    include_str!("../../../../tests/vectors/jwe/keys/merchant.pkcs8.pem"),
);

/// Runs the closure and returns the notes that it logged.
fn noted(doing: impl FnOnce()) -> Vec<String> {
    let notes = Notes::default();
    // With a single subscriber, tracing caches the interest of the thread that reaches an event first,
    // which may belong to another test without a subscriber.
    let _second = Dispatch::new(Notes::default());
    with_default(notes.clone(), doing);
    let lines = notes.0.lock().expect("unpoisoned");
    lines.clone()
}

/// Row B18, for the signing certificate.
#[test]
fn a_port_logs_its_notes() {
    let folder = folder("log");
    write(&folder, "ended.pem", ENDED);
    let config = signing_with(&format!(
        "colour = 'blue'\njwt_key_type = 'p12'\nmerchant_id = 'expired_mid'\n\
         keys_directory = '{}'\nkey_file_name = 'ended.pem'",
        folder.display()
    ));
    let lines = noted(|| drop(config.port().expect("a port")));
    assert_says(&lines, "TOML: colour is not a known field");
    assert_says(
        &lines,
        "TOML: key_file_name holds a certificate that has expired",
    );
}

/// Row B18, for the certificate with which requests are encrypted.
#[test]
fn a_recipient_that_expires_soon_is_logged() {
    let config = signing_with(&format!(
        "request_mle = true\nmleForRequestPublicCertPath = '{}'",
        vector("keystores/loads/service.pem").display()
    ));
    // The certificate expires at the end of the year 2055.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(2_713_910_400 - 24 * 60 * 60);
    let lines = noted(|| drop(config.inventory(now).expect("an inventory")));
    assert_says(
        &lines,
        "TOML: mleForRequestPublicCertPath holds a certificate of the service that expires in 1 days",
    );
}
