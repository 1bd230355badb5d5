//! Maps the errors of tower's stacks to those of the port.

use std::error::Error;

use payment_credentials_core::seam::causes;
use payment_credentials_core::{
    Delivery, Phase, PortError, PortErrorKind, Repeatability, TransportError, TransportErrorKind,
};
use tower::BoxError;
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;

/// A request that this transport can't send as it is composed.
pub(crate) fn unusable(why: &'static str) -> TransportError {
    let (kind, phase) = (TransportErrorKind::Connect, Phase::Connect);
    TransportError::new(kind, Delivery::NotSent, phase, Repeatability::Never).with_source(why)
}

/// The caller gave up before the service was called.
pub(crate) fn given_up() -> TransportError {
    let (kind, phase) = (TransportErrorKind::Deadline, Phase::Connect);
    TransportError::new(kind, Delivery::NotSent, phase, Repeatability::Safe)
}

/// The service failed before it was called, or its error proves that it sent nothing.
pub(crate) fn not_sent(source: BoxError) -> TransportError {
    let kind = if is::<Elapsed>(&*source) {
        TransportErrorKind::Deadline
    } else {
        TransportErrorKind::Connect
    };
    let (delivery, phase) = (Delivery::NotSent, Phase::Connect);
    TransportError::new(kind, delivery, phase, Repeatability::Safe).with_source(source)
}

/// The service failed after it was called.
pub(crate) fn after_the_call(source: BoxError) -> TransportError {
    broken(source, TransportErrorKind::Reset, Phase::Transport)
}

/// The body ended early or broke HTTP's rules.
pub(crate) fn no_body(source: BoxError) -> TransportError {
    broken(source, TransportErrorKind::Framing, Phase::Body)
}

/// An exchange that failed after it had begun. An error that isn't recognised is of the kind `other`.
fn broken(source: BoxError, other: TransportErrorKind, phase: Phase) -> TransportError {
    let (kind, repeatability) = if has(&*source, hyper::Error::is_parse) {
        // A second response would break HTTP's rules in the same way.
        (TransportErrorKind::Framing, Repeatability::Never)
    } else if is::<Elapsed>(&*source) {
        (TransportErrorKind::Deadline, Repeatability::MayRepeat)
    } else {
        (other, Repeatability::MayRepeat)
    };
    TransportError::new(kind, Delivery::Unknown, phase, repeatability).with_source(source)
}

/// The body is larger than the limit.
pub(crate) fn too_large() -> TransportError {
    let (kind, phase) = (TransportErrorKind::TooLarge, Phase::Body);
    TransportError::new(kind, Delivery::Answered, phase, Repeatability::Never)
}

/// Converts the error of a stack around a port: the stack failed to become ready.
pub(crate) fn port_not_sent(source: BoxError) -> PortError {
    match source.downcast::<PortError>() {
        Ok(error) => *error,
        Err(source) => PortError::from(not_sent(source)),
    }
}

/// Converts the error of a stack around a port: the stack failed after it was called.
pub(crate) fn port_after_the_call(source: BoxError) -> PortError {
    let source = match source.downcast::<PortError>() {
        Ok(error) => return *error,
        Err(source) => source,
    };
    if is::<Overloaded>(&*source) {
        return PortError::from(not_sent(source));
    }
    if is::<Elapsed>(&*source) {
        let (kind, phase) = (PortErrorKind::Deadline, Phase::Transport);
        return PortError::new(kind, Delivery::Unknown, phase, Repeatability::MayRepeat)
            .with_source(source);
    }
    PortError::from(after_the_call(source))
}

/// Whether this error or one of its causes is an `E`.
fn is<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    has(error, |_: &E| true)
}

/// Whether this error or one of its causes is an `E` for which `matches` returns true.
fn has<E: Error + 'static>(error: &(dyn Error + 'static), matches: impl Fn(&E) -> bool) -> bool {
    causes(error).any(|cause| cause.downcast_ref().is_some_and(&matches))
}
