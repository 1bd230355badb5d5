//! Maps reqwest's errors to those of the port, as far as reqwest lets the caller distinguish them.

use std::error::Error;
use std::io;

use payment_credentials_core::seam::causes;
use payment_credentials_core::{
    Delivery, Destination, Phase, Repeatability, TransportError, TransportErrorKind,
};
use payment_credentials_tls::{explained, objection};

/// The request can't be sent, so there was no attempt.
pub(crate) fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    let (kind, phase) = (TransportErrorKind::Setup, Phase::Connect);
    TransportError::new(kind, Delivery::NotSent, phase, Repeatability::Never).with_source(source)
}

/// No head of a response arrived.
pub(crate) fn no_head(source: reqwest::Error, destination: &Destination) -> TransportError {
    let source = source.without_url();
    let (kind, delivery, phase, repeatability) = if source.is_connect() {
        let (kind, phase, repeatability) = no_connection(&source);
        (kind, Delivery::NotSent, phase, repeatability)
    } else {
        // A connection existed, so the request may have been written to it.
        let (kind, repeatability) = broken(&source, TransportErrorKind::Reset);
        (kind, Delivery::Unknown, Phase::Transport, repeatability)
    };
    let error = TransportError::new(kind, delivery, phase, repeatability);
    let source = explained(source);
    if kind != TransportErrorKind::Connect {
        return error.with_source(source);
    }
    let (host, port) = destination.dialled();
    error.with_source(source).with_dialled(host, port)
}

/// The body was truncated, or contradicts the head of the response.
pub(crate) fn no_body(source: reqwest::Error) -> TransportError {
    let source = source.without_url();
    let (kind, repeatability) = broken(&source, TransportErrorKind::Framing);
    TransportError::new(kind, Delivery::Unknown, Phase::Body, repeatability).with_source(source)
}

/// The body is larger than the limit; the rest isn't read.
pub(crate) fn too_large() -> TransportError {
    let (kind, phase) = (TransportErrorKind::TooLarge, Phase::Body);
    TransportError::new(kind, Delivery::Answered, phase, Repeatability::Never)
}

/// An error of TLS itself would come again; any other failure to connect may be temporary.
fn no_connection(source: &reqwest::Error) -> (TransportErrorKind, Phase, Repeatability) {
    if source.is_timeout() {
        (
            TransportErrorKind::Deadline,
            Phase::Connect,
            Repeatability::Safe,
        )
    } else if is_tls(source) {
        (TransportErrorKind::Tls, Phase::Tls, Repeatability::Never)
    } else if has(source, is_early_end) {
        // A TCP connect never reports an early end, so the TLS handshake did.
        (TransportErrorKind::Tls, Phase::Tls, Repeatability::Safe)
    } else {
        (
            TransportErrorKind::Connect,
            Phase::Connect,
            Repeatability::Safe,
        )
    }
}

/// A connection that failed after it was made. An early end is of the kind `cut`.
fn broken(source: &reqwest::Error, cut: TransportErrorKind) -> (TransportErrorKind, Repeatability) {
    if is_tls(source) {
        (TransportErrorKind::Tls, Repeatability::Never)
    } else if has(source, hyper::Error::is_parse) {
        (TransportErrorKind::Framing, Repeatability::Never)
    } else if source.is_timeout() {
        (TransportErrorKind::Deadline, Repeatability::Never)
    } else {
        (cut, Repeatability::MayRepeat)
    }
}

/// Whether the error or one of its causes comes from TLS.
fn is_tls(error: &reqwest::Error) -> bool {
    objection(error).is_some()
}

fn is_early_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

/// Whether the error or one of its causes is an `E` for which `is_it` returns true.
fn has<E: Error + 'static>(error: &(dyn Error + 'static), is_it: impl Fn(&E) -> bool) -> bool {
    causes(error).any(|cause| cause.downcast_ref().is_some_and(&is_it))
}
