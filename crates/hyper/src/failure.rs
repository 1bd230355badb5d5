//! Makes the error for each failure of a connection, at the place where the failure is detected.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use payment_credentials_core::{
    Delivery, Host, Phase, Repeatability, TransportError, TransportErrorKind,
};
use payment_credentials_tls::{explained, objection};

use crate::tunnel::NoTunnel;
use crate::watched::Untimely;

/// The limit of a phase before the request has passed. Another attempt is safe, since nothing was sent.
pub(crate) fn late(phase: Phase, limit: Duration) -> TransportError {
    let setter = if phase == Phase::Tls {
        "tls_deadline"
    } else {
        "connect_deadline"
    };
    TransportError::new(
        TransportErrorKind::Deadline,
        Delivery::NotSent,
        phase,
        Repeatability::Safe,
    )
    .with_source(LimitPassed { limit, setter })
}

#[derive(Debug, thiserror::Error)]
#[error("this step took longer than its limit of {limit:?}; `{setter}` sets it")]
struct LimitPassed {
    limit: Duration,
    setter: &'static str,
}

/// The caller has given up, and no byte of the request was sent.
pub(crate) fn given_up(phase: Phase) -> TransportError {
    let (kind, repeatability) = (TransportErrorKind::Deadline, Repeatability::Never);
    TransportError::new(kind, Delivery::NotSent, phase, repeatability)
        .with_source("the caller gave up before anything was sent")
}

/// No connection could be made. The reason can be a proxy, or the TLS handshake with a proxy.
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
        // The error names what the proxy did, so the address isn't added.
        return error.with_source(source);
    }
    error.with_source(source).with_dialled(host, port)
}

/// The request can't be sent, so there was no attempt.
pub(crate) fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    let (kind, phase) = (TransportErrorKind::Setup, Phase::Connect);
    TransportError::new(kind, Delivery::NotSent, phase, Repeatability::Never).with_source(source)
}

/// The TLS handshake failed. An error of TLS itself would come again; a broken connection may be temporary.
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

/// TLS failed after the handshake. In TLS 1.3, for example, a service rejects a client certificate only
/// after the client's handshake has ended, when the request may already have been sent.
pub(crate) fn tls_objects(source: rustls::Error, phase: Phase) -> TransportError {
    TransportError::new(
        TransportErrorKind::Tls,
        phase.delivery(),
        phase,
        Repeatability::Never,
    )
    .with_source(explained(source))
}

/// Input arrived, or the connection ended, before the request's first byte, which was then not written.
pub(crate) fn untimely(untimely: Untimely, phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Reset, Delivery::NotSent);
    TransportError::new(kind, delivery, phase, Repeatability::Safe).with_source(untimely)
}

/// No head of a response arrived.
///
/// `phase` is the last phase that the connection's writer recorded. `heard` is whether any byte of a
/// response arrived.
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

/// By the rules of HTTP/1.1, the response isn't valid as a response to this request.
pub(crate) fn not_a_response(rule: &'static str, phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Framing, Delivery::Unknown);
    TransportError::new(kind, delivery, phase, Repeatability::Never).with_source(rule)
}

/// The response began, and then arrived too slowly. Since a response was on its way, there is no retry.
pub(crate) fn too_slow(phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Deadline, Delivery::Unknown);
    TransportError::new(kind, delivery, phase, Repeatability::Never)
        .with_source("the response began, and then arrived at one byte per second or slower")
}

/// The body was truncated, or contradicts the head of the response.
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

/// Whether a body breaks HTTP's rules, rather than being truncated. hyper reports a malformed chunk as an
/// I/O error.
fn breaks_the_grammar(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let kind = cause.map(io::Error::kind);
    error.is_parse() || matches!(kind, Some(ErrorKind::InvalidData | ErrorKind::InvalidInput))
}

/// The body is larger than the limit; the rest isn't read.
pub(crate) fn too_large() -> TransportError {
    let (kind, phase) = (TransportErrorKind::TooLarge, Phase::Body);
    TransportError::new(kind, Delivery::Answered, phase, Repeatability::Never)
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    objection(error).is_some()
}
