//! What the port has to say it says to the log: not everybody asks for notes.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Dispatch, Event, Metadata, Subscriber};

use crate::fixtures::{assert_says, folder, signing_with, write};

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

#[test]
fn a_port_logs_what_is_to_be_noted() {
    let folder = folder("log");
    write(&folder, "ended.pem", ENDED);
    let config = signing_with(&format!(
        "colour = 'blue'\njwt_key_type = 'p12'\nmerchant_id = 'expired_mid'\n\
         keys_directory = '{}'\nkey_file_name = 'ended.pem'",
        folder.display()
    ));
    let notes = Notes::default();
    // With one subscriber alone, tracing would ask the thread that meets an event first, maybe
    // another test's, whether anybody listens, and keep its no.
    let _second = Dispatch::new(Notes::default());
    with_default(notes.clone(), || config.port().map(drop)).expect("a port");
    let said = notes.0.lock().expect("unpoisoned");
    assert_says(&said, "TOML: colour is not a known field");
    assert_says(
        &said,
        "TOML: key_file_name holds a certificate that has ended",
    );
}
