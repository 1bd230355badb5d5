use std::fmt::Display;

use super::{Delivery, Phase, PortError, PortErrorKind, Repeatability, Source, UnexpectedResponse};

/// Why a [`Transport`](crate::seam::Transport) returned no response.
#[derive(Debug, thiserror::Error)]
#[error("{} {phase}", PortErrorKind::from(*.kind))]
pub struct TransportError {
    kind: TransportErrorKind,
    delivery: Delivery,
    phase: Phase,
    repeatability: Repeatability,
    source: Option<Source>,
}

/// What failed in the transport, classified as in [`PortErrorKind`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection.
    Connect,
    /// The transport's own limit for a phase passed.
    Deadline,
    /// The response isn't valid HTTP, or it ended early.
    Framing,
    /// The connection was closed or reset before a response came.
    Reset,
    /// The transport can't be used as it is configured, or from the place where it is called, such as
    /// outside of a runtime.
    Setup,
    /// No TLS connection.
    Tls,
    /// A head or a body over the transport's cap.
    TooLarge,
}

impl TransportError {
    /// Makes an error from what went wrong, whether the service can have acted on the request, how far the
    /// call got, and whether the same call may be made again.
    #[must_use]
    pub fn new(
        kind: TransportErrorKind,
        delivery: Delivery,
        phase: Phase,
        repeatability: Repeatability,
    ) -> Self {
        Self {
            kind,
            delivery,
            phase,
            repeatability,
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

    /// Replaces the cause by an error that wraps it.
    pub(crate) fn caused_by(mut self, tell: impl FnOnce(Option<Source>) -> Source) -> Self {
        self.source = Some(tell(self.source.take()));
        self
    }

    /// Names the host and the port that were dialled, in front of the cause: for the person who repairs the
    /// network. A path is never named.
    #[must_use]
    pub fn with_dialled(mut self, host: impl Display, port: u16) -> Self {
        let host = host.to_string();
        let source = self.source.take();
        self.with_source(Dialled { host, port, source })
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
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
    pub fn repeatability(&self) -> Repeatability {
        self.repeatability
    }
}

#[derive(Debug, thiserror::Error)]
#[error("can't connect to {host}, port {port}")]
struct Dialled {
    host: String,
    port: u16,
    source: Option<Source>,
}

impl From<TransportErrorKind> for PortErrorKind {
    fn from(kind: TransportErrorKind) -> Self {
        match kind {
            TransportErrorKind::Connect => Self::Connect,
            TransportErrorKind::Deadline => Self::Deadline,
            TransportErrorKind::Framing => Self::Framing,
            TransportErrorKind::Reset => Self::Reset,
            TransportErrorKind::Setup => Self::Setup,
            TransportErrorKind::Tls => Self::Tls,
            TransportErrorKind::TooLarge => Self::Unexpected(UnexpectedResponse::TooLarge),
        }
    }
}

impl From<TransportError> for PortError {
    fn from(error: TransportError) -> Self {
        let TransportError {
            kind,
            delivery,
            phase,
            repeatability,
            source,
        } = error;
        let error = Self::new(kind.into(), delivery, phase, repeatability);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

/// Why a [`RequestAuthenticator`](crate::seam::RequestAuthenticator) returned no headers.
#[derive(Debug, thiserror::Error)]
#[error("the request could not be authenticated")]
pub struct AuthError {
    repeatability: Repeatability,
    source: Source,
}

impl AuthError {
    /// The error of a signer that failed; `repeatability` is whether a later attempt may succeed.
    #[must_use]
    pub fn new(
        repeatability: Repeatability,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            repeatability,
            source: source.into(),
        }
    }
}

impl From<AuthError> for PortError {
    fn from(error: AuthError) -> Self {
        Self::new(
            PortErrorKind::KeyService,
            Delivery::NotSent,
            Phase::Authenticate,
            error.repeatability,
        )
        .with_source(error.source)
    }
}

/// Why a [`MessageEncryption`](crate::seam::MessageEncryption) could not seal or open a body.
#[derive(Debug, thiserror::Error)]
#[error("the message-level encryption of a body failed: {}", PortErrorKind::from(*.kind))]
pub struct EncryptionError {
    kind: EncryptionErrorKind,
    repeatability: Repeatability,
    source: Option<Source>,
}

/// What went wrong with a body's message-level encryption.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum EncryptionErrorKind {
    /// The body doesn't open with the configured key.
    Decrypt,
    /// The JWE's shape, algorithms or key id aren't acceptable.
    Jwe,
    /// The key couldn't be used: its service, the offload or the source of randomness failed.
    KeyService,
    /// The request can't be encrypted, so it isn't sent.
    Seal,
    /// A response's encryption doesn't have the documented form, or was not requested.
    Unexpected,
}

impl EncryptionError {
    /// Makes an error from what went wrong, and whether a later attempt may succeed.
    #[must_use]
    pub fn new(kind: EncryptionErrorKind, repeatability: Repeatability) -> Self {
        Self {
            kind,
            repeatability,
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
    pub fn kind(&self) -> EncryptionErrorKind {
        self.kind
    }

    /// Converts into the port's error, for an error in the given phase.
    pub(crate) fn into_port_error(self, phase: Phase) -> PortError {
        let delivery = phase.delivery();
        let repeatability = self.repeatability.after(delivery);
        let error = PortError::new(self.kind.into(), delivery, phase, repeatability);
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl From<EncryptionErrorKind> for PortErrorKind {
    fn from(kind: EncryptionErrorKind) -> Self {
        match kind {
            EncryptionErrorKind::Decrypt => Self::Decrypt,
            EncryptionErrorKind::Jwe => Self::Jwe,
            EncryptionErrorKind::KeyService => Self::KeyService,
            EncryptionErrorKind::Seal => Self::Setup,
            EncryptionErrorKind::Unexpected => {
                Self::Unexpected(UnexpectedResponse::MessageEncryption)
            }
        }
    }
}
