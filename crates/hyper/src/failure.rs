//! Sorts what went wrong on a connection, where it went wrong.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use payment_credentials_core::{
    Delivery, Host, Phase, Repeatability, TransportError, TransportErrorKind,
};
use payment_credentials_tls::{explained, objection};

use crate::tunnel::NoTunnel;
use crate::watched::Untimely;

/// The time for a phase before the request ran out; another attempt costs nothing.
pub(crate) fn late(phase: Phase, limit: Duration) -> TransportError {
    let limit = LimitPassed { limit };
    TransportError::new(
        TransportErrorKind::Deadline,
        Delivery::NotSent,
        phase,
        Repeatability::Safe,
    )
    .with_source(limit)
}

#[derive(Debug, thiserror::Error)]
#[error("this step took longer than its limit of {limit:?}")]
struct LimitPassed {
    limit: Duration,
}

/// Nobody waits for the call any more, and nothing of it has left.
pub(crate) fn given_up(phase: Phase) -> TransportError {
    let (kind, repeatability) = (TransportErrorKind::Deadline, Repeatability::Never);
    TransportError::new(kind, Delivery::NotSent, phase, repeatability)
        .with_source("the call was given up before anything of it was sent")
}

/// There is no connection. A proxy can be why, and its TLS.
pub(crate) fn not_connected(source: io::Error, host: &Host, port: u16) -> TransportError {
    let inner = source.get_ref();
    let proxy = inner.and_then(|inner| inner.downcast_ref::<NoTunnel>());
    let (kind, repeatability) = if is_tls(&source) {
        (TransportErrorKind::Tls, Repeatability::Never)
    } else {
        let repeatability = proxy.map_or(Repeatability::Safe, NoTunnel::repeatability);
        (TransportErrorKind::Connect, repeatability)
    };
    let is_proxy = proxy.is_some();
    let error = TransportError::new(kind, Delivery::NotSent, Phase::Connect, repeatability);
    if is_proxy {
        // It names what the proxy did.
        return error.with_source(source);
    }
    error.with_source(At {
        host: host.clone(),
        port,
        source,
    })
}

/// Where a connection was to lead: for the person who mends the network. A path is never in it.
#[derive(Debug, thiserror::Error)]
#[error("connecting to {host}, port {port}")]
struct At {
    host: Host,
    port: u16,
    source: io::Error,
}

/// The connection can't even be tried.
pub(crate) fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    let (kind, phase) = (TransportErrorKind::Setup, Phase::Connect);
    TransportError::new(kind, Delivery::NotSent, phase, Repeatability::Never).with_source(source)
}

/// The TLS handshake failed. What TLS itself objects to stays; a cut may pass.
pub(crate) fn no_tls(source: io::Error) -> TransportError {
    let repeatability = if is_tls(&source) {
        Repeatability::Never
    } else {
        Repeatability::Safe
    };
    TransportError::new(
        TransportErrorKind::Tls,
        Delivery::NotSent,
        Phase::Tls,
        repeatability,
    )
    .with_source(explained(source))
}

/// TLS objected on a connection that was made, as with TLS 1.3 a service does that wants another
/// client certificate: it says so after the handshake, when the request may be under way.
pub(crate) fn tls_objects(source: rustls::Error, phase: Phase) -> TransportError {
    TransportError::new(
        TransportErrorKind::Tls,
        phase.delivery(),
        phase,
        Repeatability::Never,
    )
    .with_source(explained(source))
}

/// Something came before the request's first byte, which was then not written.
pub(crate) fn untimely(untimely: Untimely, phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Reset, Delivery::NotSent);
    TransportError::new(kind, delivery, phase, Repeatability::Safe).with_source(untimely)
}

/// No head of a response came.
///
/// `phase` is what the connection's own writer saw last, and `heard` whether any byte came back.
pub(crate) fn no_head(source: hyper::Error, phase: Phase, heard: bool) -> TransportError {
    if phase < Phase::Write {
        let (kind, repeatability) = (TransportErrorKind::Reset, Repeatability::Safe);
        return TransportError::new(kind, Delivery::NotSent, phase, repeatability)
            .with_source(source);
    }
    let (kind, delivery, repeatability) = if source.is_parse() {
        (
            TransportErrorKind::Framing,
            Delivery::Unknown,
            Repeatability::Never,
        )
    } else if heard {
        (
            TransportErrorKind::Framing,
            Delivery::Unknown,
            Repeatability::MayRepeat,
        )
    } else {
        (
            TransportErrorKind::Reset,
            Delivery::Unknown,
            Repeatability::MayRepeat,
        )
    };
    TransportError::new(kind, delivery, phase, repeatability).with_source(source)
}

/// The response is no response to a request of ours, by what HTTP/1.1 says.
pub(crate) fn not_a_response(rule: &'static str, phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Framing, Delivery::Unknown);
    TransportError::new(kind, delivery, phase, Repeatability::Never).with_source(rule)
}

/// The response began, and then came too slowly to wait for. It was on its way: no other try.
pub(crate) fn too_slow(phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Deadline, Delivery::Unknown);
    TransportError::new(kind, delivery, phase, Repeatability::Never)
        .with_source("the response came at a byte a second or slower")
}

/// The body broke off, or isn't what its head says.
pub(crate) fn no_body(source: Box<dyn Error + Send + Sync>) -> TransportError {
    let (kind, delivery, repeatability) = if source.is::<http_body_util::LengthLimitError>() {
        return too_large();
    } else if is_tls(&*source) {
        (
            TransportErrorKind::Tls,
            Delivery::Unknown,
            Repeatability::Never,
        )
    } else if source.downcast_ref().is_some_and(breaks_the_grammar) {
        (
            TransportErrorKind::Framing,
            Delivery::Unknown,
            Repeatability::Never,
        )
    } else {
        (
            TransportErrorKind::Framing,
            Delivery::Unknown,
            Repeatability::MayRepeat,
        )
    };
    TransportError::new(kind, delivery, Phase::Body, repeatability).with_source(source)
}

/// Whether a body breaks HTTP's rules, rather than off: hyper reports chunks as it does any other I/O.
fn breaks_the_grammar(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let kind = cause.map(io::Error::kind);
    error.is_parse() || matches!(kind, Some(ErrorKind::InvalidData | ErrorKind::InvalidInput))
}

/// The body is over the cap; it isn't drained.
pub(crate) fn too_large() -> TransportError {
    let (kind, phase) = (TransportErrorKind::TooLarge, Phase::Body);
    TransportError::new(kind, Delivery::Answered, phase, Repeatability::Never)
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    objection(error).is_some()
}
