//! The collector works; if it collected nothing, every scan would pass.

use std::collections::BTreeSet;

use payment_credentials::ApiVersion;
use payment_credentials_sandbox::vault;

use super::collector::{Line, heard_since, listen};
use crate::stage::{ask, generator, sandbox};

/// The crates that log something during a call over TLS.
const TALKERS: &[&str] = if cfg!(hyper_unstable_tracing) {
    &["hyper", "mio", "rustls"]
} else {
    &["mio", "rustls"]
};

fn has_line(lines: &[Line], text: &str) -> bool {
    lines.iter().any(|line| line.text.contains(text))
}

#[test]
fn collects_events_spans_records_and_panics() {
    let mark = listen();
    tracing::trace!(field = "in an event", "said");
    let span = tracing::trace_span!("a span", field = "in a span", later = tracing::field::Empty);
    span.record("later", "recorded later");
    log::trace!(target: "elsewhere", "in a {}", "record");
    let panicked = std::panic::catch_unwind(|| panic!("in a panic"));
    assert!(panicked.is_err());
    let heard = heard_since(mark);
    for text in [
        "field=\"in an event\"",
        "field=\"in a span\"",
        "recorded later",
        "in a record",
        "in a panic",
    ] {
        assert!(has_line(&heard, text), "{text}");
    }
}

#[tokio::test]
async fn f8_collects_what_the_dependencies_log_of_a_call() {
    let sandbox = sandbox().await;
    let mark = listen();
    ask(&generator(&sandbox, ApiVersion::V3), vault::VISA)
        .await
        .expect("credentials");
    let heard = heard_since(mark);
    let crates: BTreeSet<_> = heard
        .iter()
        .filter_map(|line| line.origin.split("::").next())
        .collect();
    for talker in TALKERS {
        assert!(
            crates.contains(talker),
            "{talker} is silent; heard: {crates:?}"
        );
    }
    // A line of rustls at its most verbose level proves that nothing filters the log.
    assert!(has_line(&heard, "ClientHello"));
}
