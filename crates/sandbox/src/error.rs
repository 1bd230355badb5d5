use std::error::Error;
use std::fmt;

/// Why a sandbox did not start.
///
/// `Display` names the step; the cause is the [`source`](Error::source).
#[derive(Debug)]
pub struct StartError {
    step: Step,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Bind,
    Certificate,
    MerchantKey,
    Runtime,
    Thread,
    Tls,
}

impl StartError {
    pub(crate) fn new(step: Step, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            step,
            cause: Some(cause.into()),
        }
    }

    /// The thread ended without a report.
    pub(crate) const fn silent_thread() -> Self {
        Self {
            step: Step::Thread,
            cause: None,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self.step {
            Step::Bind => "no port of 127.0.0.1 could be bound",
            Step::Certificate => "the certificates could not be made",
            Step::MerchantKey => "the merchant's key could not be made",
            Step::Runtime => "the server's runtime could not be built",
            Step::Thread => "the server's thread did not run",
            Step::Tls => "the TLS configuration was refused",
        };
        write!(f, "the sandbox did not start: {step}")
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause
            .as_deref()
            .map(|cause| cause as &(dyn Error + 'static))
    }
}
