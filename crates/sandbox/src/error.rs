use std::error::Error;
use std::io;

/// Why a sandbox did not start.
///
/// `Display` names the step; the cause is the [`source`](Error::source).
#[derive(Debug, thiserror::Error)]
#[error("the sandbox did not start: {step}")]
pub struct StartError {
    step: Step,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Step {
    #[error("port {0} of 127.0.0.1 could not be bound")]
    Bind(u16),
    #[error("the folder could not be used")]
    Folder,
    #[error("an id can't be used")]
    Ids,
    #[error("the certificates could not be made")]
    Certificate,
    #[error("the merchant's key could not be made")]
    MerchantKey,
    #[error(
        "port {0} of 127.0.0.1 could not be bound, since it is taken: end what listens there, or set another port \
         (0 takes a free one)"
    )]
    PortTaken(u16),
    #[error(
        "port {0} of 127.0.0.1 could not be bound, since it is for privileged programs: set one from 1024 on (0 takes a \
         free one)"
    )]
    PortPrivileged(u16),
    #[error("the server's runtime could not be built")]
    Runtime,
    #[error("the server's thread did not run")]
    Thread,
    #[error("the TLS configuration was refused")]
    Tls,
}

impl StartError {
    pub(crate) fn new(step: Step, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            step,
            cause: Some(cause.into()),
        }
    }

    /// A port can't be listened on.
    pub(crate) fn port(port: u16, cause: io::Error) -> Self {
        let kind = cause.kind();
        let step = if kind == io::ErrorKind::AddrInUse {
            Step::PortTaken(port)
        } else if kind == io::ErrorKind::PermissionDenied {
            Step::PortPrivileged(port)
        } else {
            Step::Bind(port)
        };
        Self::new(step, cause)
    }

    /// The thread ended without a report.
    pub(crate) const fn silent_thread() -> Self {
        Self {
            step: Step::Thread,
            cause: None,
        }
    }
}
