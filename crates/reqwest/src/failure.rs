//! Sorts what went wrong by what reqwest lets one know.

use std::error::Error;
use std::{fmt, io};

use payment_credentials_core::{
    Delivery, Destination, Host, Phase, Repeatability, TransportError, TransportErrorKind,
};
use payment_credentials_tls::{explained, objection};

/// The request can't even be tried.
pub(crate) fn unusable(source: impl Into<Box<dyn Error + Send + Sync>>) -> TransportError {
    let (kind, phase) = (TransportErrorKind::Setup, Phase::Connect);
    TransportError::new(kind, Delivery::NotSent, phase, Repeatability::Never).with_source(source)
}

/// No head of a response came.
pub(crate) fn no_head(source: reqwest::Error, destination: &Destination) -> TransportError {
    let source = source.without_url();
    let (kind, delivery, phase, repeatability) = if source.is_connect() {
        let (kind, phase, repeatability) = no_connection(&source);
        (kind, Delivery::NotSent, phase, repeatability)
    } else {
        // From here on a connection had the request, or may have had it.
        let (kind, repeatability) = broken(&source, TransportErrorKind::Reset);
        (kind, Delivery::Unknown, Phase::Transport, repeatability)
    };
    let error = TransportError::new(kind, delivery, phase, repeatability);
    let source = explained(source);
    if kind != TransportErrorKind::Connect {
        return error.with_source(source);
    }
    let (host, port) = destination.dialled();
    error.with_source(At {
        host: host.clone(),
        port,
        source,
    })
}

/// Where a connection was to lead: for the person who mends the network. A path is never in it.
#[derive(Debug)]
struct At {
    host: Host,
    port: u16,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connecting to {}, port {}", self.host, self.port)
    }
}

impl Error for At {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// The body broke off, or isn't what its head says.
pub(crate) fn no_body(source: reqwest::Error) -> TransportError {
    let source = source.without_url();
    let (kind, repeatability) = broken(&source, TransportErrorKind::Framing);
    TransportError::new(kind, Delivery::Unknown, Phase::Body, repeatability).with_source(source)
}

/// What came may be proper HTTP, and yet is no response to the request.
pub(crate) fn not_a_response(why: &'static str, phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Framing, Delivery::Unknown);
    TransportError::new(kind, delivery, phase, Repeatability::Never).with_source(why)
}

/// The body is over the cap; it isn't drained.
pub(crate) fn too_large() -> TransportError {
    let (kind, phase) = (TransportErrorKind::TooLarge, Phase::Body);
    TransportError::new(kind, Delivery::Answered, phase, Repeatability::Never)
}

/// What TLS itself objects to stays; all else may pass.
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
        // TCP connects or it doesn't: it takes a handshake to end early.
        (TransportErrorKind::Tls, Phase::Tls, Repeatability::Safe)
    } else {
        (
            TransportErrorKind::Connect,
            Phase::Connect,
            Repeatability::Safe,
        )
    }
}

/// A connection that was made and then failed; an early end counts as `cut`.
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
