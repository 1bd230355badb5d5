use std::fmt;

use super::{Delivery, Phase, PortError, PortErrorKind, Retry, Source, UnexpectedAnswer};

/// Why a [`Transport`](crate::seam::Transport) has no answer to give.
#[derive(Debug)]
pub struct TransportError {
    fault: TransportFault,
    delivery: Delivery,
    phase: Phase,
    retry: Retry,
    source: Option<Source>,
}

/// What went wrong on the way, sorted as [`PortErrorKind`] is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TransportFault {
    /// No connection.
    Connect,
    /// The transport's own limit for a phase passed.
    Deadline,
    /// Not proper HTTP, or an early end.
    Framing,
    /// Closed or reset before an answer came.
    Reset,
    /// No TLS connection.
    Tls,
    /// A head or a body over the transport's cap.
    TooLarge,
}

impl TransportError {
    /// A fault, whether the service can have acted on the request, how far it got, and whether
    /// the same call may be made again.
    #[must_use]
    pub fn new(fault: TransportFault, delivery: Delivery, phase: Phase, retry: Retry) -> Self {
        Self {
            fault,
            delivery,
            phase,
            retry,
            source: None,
        }
    }

    /// Adds the cause, for logs. It must not show headers, bodies or addresses with credentials.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Puts something to say about the fault before its cause.
    pub(crate) fn told_by(mut self, tell: impl FnOnce(Option<Source>) -> Source) -> Self {
        self.source = Some(tell(self.source.take()));
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> TransportFault {
        self.fault
    }

    /// Whether the service can have acted on the request.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// How far the call got.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the same call may be made again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.retry
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", PortErrorKind::from(self.fault), self.phase)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<TransportFault> for PortErrorKind {
    fn from(fault: TransportFault) -> Self {
        match fault {
            TransportFault::Connect => Self::Connect,
            TransportFault::Deadline => Self::Deadline,
            TransportFault::Framing => Self::Framing,
            TransportFault::Reset => Self::Reset,
            TransportFault::Tls => Self::Tls,
            TransportFault::TooLarge => Self::Unexpected(UnexpectedAnswer::TooLarge),
        }
    }
}

impl From<TransportError> for PortError {
    fn from(error: TransportError) -> Self {
        let TransportError {
            fault,
            delivery,
            phase,
            retry,
            source,
        } = error;
        let error = Self::new(fault.into(), delivery, phase, retry);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// Why a [`RequestAuthenticator`](crate::seam::RequestAuthenticator) made no headers.
#[derive(Debug)]
pub struct AuthError {
    retry: Retry,
    source: Source,
}

impl AuthError {
    /// A signer that failed; `retry` says whether a later attempt may succeed.
    #[must_use]
    pub fn new(retry: Retry, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            retry,
            source: source.into(),
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request could not be authenticated")
    }
}

impl std::error::Error for AuthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

impl From<AuthError> for PortError {
    fn from(error: AuthError) -> Self {
        Self::new(
            PortErrorKind::KeyService,
            Delivery::NotSent,
            Phase::Authenticate,
            error.retry,
        )
        .with_source(error.source)
    }
}

/// Why a [`MessageEncryption`](crate::seam::MessageEncryption) could not seal or open a body.
#[derive(Debug)]
pub struct EncryptionError {
    fault: EncryptionFault,
    retry: Retry,
    source: Option<Source>,
}

/// What went wrong with a body's message-level encryption.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum EncryptionFault {
    /// It doesn't open with the configured key.
    Decrypt,
    /// The key lives elsewhere, and that service failed.
    KeyService,
    /// The request can't be encrypted, so it isn't sent.
    Seal,
    /// Its shape, algorithms or key id aren't acceptable.
    Token,
    /// An answer's encryption hasn't the shape that is documented, or nobody asked for it.
    Unexpected,
}

impl EncryptionError {
    /// A fault, and whether a later attempt may succeed.
    #[must_use]
    pub fn new(fault: EncryptionFault, retry: Retry) -> Self {
        Self {
            fault,
            retry,
            source: None,
        }
    }

    /// Adds the cause, for logs.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn fault(&self) -> EncryptionFault {
        self.fault
    }

    /// The port's error, for a fault in the given phase.
    pub(crate) fn into_port_error(self, phase: Phase) -> PortError {
        let error = PortError::new(self.fault.into(), phase.delivery(), phase, self.retry);
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl fmt::Display for EncryptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = PortErrorKind::from(self.fault);
        write!(f, "the message-level encryption of a body failed: {kind}")
    }
}

impl From<EncryptionFault> for PortErrorKind {
    fn from(fault: EncryptionFault) -> Self {
        match fault {
            EncryptionFault::Decrypt => Self::Decrypt,
            EncryptionFault::KeyService => Self::KeyService,
            EncryptionFault::Seal => Self::Request,
            EncryptionFault::Token => Self::Token,
            EncryptionFault::Unexpected => Self::Unexpected(UnexpectedAnswer::MessageEncryption),
        }
    }
}

impl std::error::Error for EncryptionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
