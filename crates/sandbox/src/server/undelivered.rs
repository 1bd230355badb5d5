//! Records what never became a request: failed handshakes, and what HTTP can't read.

use std::io;
use std::net::SocketAddr;

use rustls::AlertDescription;

use super::HANDSHAKE_TIMEOUT;
use crate::checked::Stage;
use crate::exchange::State;
use crate::faults::Turn;
use crate::record::Entry;

/// Records a handshake that failed by what the peer sent. A peer that connects and leaves is not recorded:
/// whoever waits for the port does so.
pub(super) fn record_handshake(state: &State, fault: &io::Error, peer: SocketAddr) {
    let cause = fault.get_ref();
    let Some(cause) = cause.and_then(|cause| cause.downcast_ref::<rustls::Error>()) else {
        return;
    };
    let expected = expected_of(cause);
    let mut entry = Entry::blank((state.clock())(), peer);
    entry.refuse(Stage::Tls, "handshake", expected, cause.to_string());
    state.record.add(entry);
}

/// Records a handshake that the peer didn't end in time.
pub(super) fn record_late_handshake(state: &State, peer: SocketAddr) {
    let mut entry = Entry::blank((state.clock())(), peer);
    let expected = format!("a TLS handshake within {} s", HANDSHAKE_TIMEOUT.as_secs());
    entry.refuse(
        Stage::Tls,
        "handshake",
        expected,
        "none that was ended in time",
    );
    state.record.add(entry);
}

fn expected_of(fault: &rustls::Error) -> &'static str {
    use AlertDescription::{BadCertificate, CertificateUnknown, DecryptError, UnknownCA};
    use rustls::Error::{AlertReceived, InvalidMessage};
    // A root of the same name with another key is what clients report as `DecryptError`.
    if matches!(
        fault,
        AlertReceived(UnknownCA | BadCertificate | CertificateUnknown | DecryptError)
    ) {
        "a client that trusts the sandbox's root certificate, and connects to one of its hosts"
    } else if matches!(fault, InvalidMessage(_)) {
        "TLS; the port doesn't speak plain HTTP"
    } else {
        "a TLS handshake, version 1.2 or 1.3"
    }
}

/// Records a request that HTTP could not deliver, if one had begun.
pub(super) fn record(state: &State, turn: &Turn, fault: &hyper::Error, peer: SocketAddr) {
    let undelivered = turn.undelivered();
    let Some((line, status)) = undelivered.or_else(|| fault.is_parse().then(Default::default))
    else {
        return;
    };
    let mut entry = Entry::unreadable(&line, (state.clock())(), peer);
    entry.status = status;
    let expected = "a request of HTTP/1.1, with at most 64 headers in 64 KiB";
    // The library's texts name the part that is wrong, and never repeat it.
    let got = if fault.is_parse() || fault.is_timeout() {
        fault.to_string()
    } else {
        "one that breaks off".to_owned()
    };
    entry.refuse(Stage::Http, "request", expected, got);
    state.record.add(entry);
}
