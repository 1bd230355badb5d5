//! Sorts what went wrong by what reqwest lets one know.

use std::error::Error;
use std::io;

use payment_credentials_core::{Delivery, Phase, Retry, TransportError, TransportFault};
use payment_credentials_tls::{explained, objection};

/// The request can't even be tried.
pub(crate) fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    let (fault, phase) = (TransportFault::Connect, Phase::Connect);
    TransportError::new(fault, Delivery::NotSent, phase, Retry::Never).with_source(source)
}

/// No head of an answer came.
pub(crate) fn no_head(source: reqwest::Error) -> TransportError {
    let source = source.without_url();
    let (fault, delivery, phase, retry) = if source.is_connect() {
        let (fault, phase, retry) = no_connection(&source);
        (fault, Delivery::NotSent, phase, retry)
    } else {
        // From here on a connection had the request, or may have had it.
        let (fault, retry) = broken(&source, TransportFault::Reset);
        (fault, Delivery::Unknown, Phase::Transport, retry)
    };
    TransportError::new(fault, delivery, phase, retry).with_source(explained(source))
}

/// The body broke off, or isn't what its head says.
pub(crate) fn no_body(source: reqwest::Error) -> TransportError {
    let source = source.without_url();
    let (fault, retry) = broken(&source, TransportFault::Framing);
    TransportError::new(fault, Delivery::Unknown, Phase::Body, retry).with_source(source)
}

/// What came may be proper HTTP, and yet is no answer to the request.
pub(crate) fn not_an_answer(why: &'static str, phase: Phase) -> TransportError {
    let (fault, delivery) = (TransportFault::Framing, Delivery::Unknown);
    TransportError::new(fault, delivery, phase, Retry::Never).with_source(why)
}

/// The body is over the cap; it isn't drained.
pub(crate) fn too_large() -> TransportError {
    let (fault, phase) = (TransportFault::TooLarge, Phase::Body);
    TransportError::new(fault, Delivery::Answered, phase, Retry::Never)
}

/// What TLS itself objects to stays; all else may pass.
fn no_connection(source: &reqwest::Error) -> (TransportFault, Phase, Retry) {
    if source.is_timeout() {
        (TransportFault::Deadline, Phase::Connect, Retry::Safe)
    } else if is_tls(source) {
        (TransportFault::Tls, Phase::Tls, Retry::Never)
    } else if has(source, is_early_end) {
        // TCP connects or it doesn't: it takes a handshake to end early.
        (TransportFault::Tls, Phase::Tls, Retry::Safe)
    } else {
        (TransportFault::Connect, Phase::Connect, Retry::Safe)
    }
}

/// A connection that was made and then failed; an early end counts as `cut`.
fn broken(source: &reqwest::Error, cut: TransportFault) -> (TransportFault, Retry) {
    if is_tls(source) {
        (TransportFault::Tls, Retry::Never)
    } else if has(source, hyper::Error::is_parse) {
        (TransportFault::Framing, Retry::Never)
    } else if source.is_timeout() {
        (TransportFault::Deadline, Retry::Never)
    } else {
        (cut, Retry::MayRepeat)
    }
}

/// Whether TLS is what objects.
fn is_tls(error: &reqwest::Error) -> bool {
    objection(error).is_some()
}

fn is_early_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

/// Whether there is such an error somewhere down the chain.
///
/// An [`io::Error`] names its inner error's source for its own, so the inner one is asked for.
fn has<E: Error + 'static>(error: &(dyn Error + 'static), is_it: impl Fn(&E) -> bool) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(&is_it) {
            return true;
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}
