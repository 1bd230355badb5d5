//! What the port has to say it says to the log: not everybody asks for notes.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Dispatch, Event, Metadata, Subscriber};

use crate::fixtures::{assert_says, folder, signing_with, vector, write};

/// Keeps the notes of events.
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

/// A certificate that ended in 2021, before its key, which is the vectors' own.
const ENDED: &str = concat!(
    include_str!("expired.pem"),
    include_str!("../../../../tests/vectors/jwe/keys/merchant.pkcs8.pem"),
);

/// What is noted while this is done.
fn noted(doing: impl FnOnce()) -> Vec<String> {
    let notes = Notes::default();
    // With one subscriber alone, tracing would ask the thread that meets an event first, maybe
    // another test's, whether anybody listens, and keep its no.
    let _second = Dispatch::new(Notes::default());
    with_default(notes.clone(), doing);
    let said = notes.0.lock().expect("unpoisoned");
    said.clone()
}

/// Row B18, for the certificate that signs.
#[test]
fn a_port_logs_what_is_to_be_noted() {
    let folder = folder("log");
    write(&folder, "ended.pem", ENDED);
    let config = signing_with(&format!(
        "colour = 'blue'\njwt_key_type = 'p12'\nmerchant_id = 'expired_mid'\n\
         keys_directory = '{}'\nkey_file_name = 'ended.pem'",
        folder.display()
    ));
    let said = noted(|| drop(config.port().expect("a port")));
    assert_says(&said, "TOML: colour is not a known field");
    assert_says(
        &said,
        "TOML: key_file_name holds a certificate that has ended",
    );
}

/// Row B18, for the certificate that requests are encrypted for.
#[test]
fn a_recipient_that_ends_soon_is_logged() {
    let config = signing_with(&format!(
        "request_mle = true\nmleForRequestPublicCertPath = '{}'",
        vector("keystores/loads/service.pem").display()
    ));
    // It ends with the year 2055.
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(2_713_910_400 - 24 * 60 * 60);
    let said = noted(|| drop(config.inventory(now).expect("an inventory")));
    assert_says(
        &said,
        "TOML: mleForRequestPublicCertPath holds a certificate of the service that ends in 1 days",
    );
}
