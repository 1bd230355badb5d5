use std::fmt;

use crate::error::{Delivery, Phase, PortError, PortErrorKind, Repeatability};
use crate::id::CorrelationId;
use crate::response_head::{ResponseHead, RetryAfter};
use crate::sealed::SealedCredentials;

/// Why a [`CredentialsGenerator`](super::CredentialsGenerator) returned no credentials; with the sealed
/// response, if one came.
///
/// The response may have cost a cryptogram. If its opening failed because a key service was down or a key
/// was missing, [`CredentialsGenerator::open`](super::CredentialsGenerator::open) can open it later,
/// without another call. A response whose message-level encryption can't be opened isn't here: that is the
/// port's part, and no [`PortError`] holds a response.
///
/// ```
/// use payment_credentials_core::generator::{
///     CredentialsGenerator, GenerateError, GeneratedCredentials,
/// };
/// use payment_credentials_core::{CredentialsOpener, CredentialsRequest, PaymentCredentialsPort};
///
/// async fn opened_twice<P: PaymentCredentialsPort, O: CredentialsOpener>(
///     generator: &CredentialsGenerator<P, O>,
///     request: &CredentialsRequest,
/// ) -> Result<GeneratedCredentials, GenerateError> {
///     let mut error = match generator.generate(request).await {
///         Ok(generated) => return Ok(generated),
///         Err(error) => error,
///     };
///     match error.take_sealed() {
///         Some(sealed) => generator.open(request, sealed).await,
///         None => Err(error),
///     }
/// }
/// ```
///
/// `Display` and `source` are those of the [`PortError`]; of the sealed response, `Debug` shows only the
/// length.
pub struct GenerateError(Box<Inner>);

struct Inner {
    error: PortError,
    sealed: Option<SealedCredentials>,
}

impl GenerateError {
    /// An error of the opening, with the response that wasn't opened.
    ///
    /// The service has answered, so the error's delivery is `Answered` and its head is that of the response,
    /// whatever the opener reported.
    #[must_use]
    pub fn still_sealed(error: PortError, sealed: SealedCredentials) -> Self {
        let repeatability = error.repeatability().after(Delivery::Answered);
        let error = error
            .with_delivery(Delivery::Answered)
            .with_repeatability(repeatability)
            .with_head(sealed.head().clone());
        let sealed = Some(sealed);
        Self(Box::new(Inner { error, sealed }))
    }

    /// The error of the port or of the opener.
    #[must_use]
    pub fn port_error(&self) -> &PortError {
        &self.0.error
    }

    /// The response, still sealed; `None` if none came.
    #[must_use]
    pub fn sealed(&self) -> Option<&SealedCredentials> {
        self.0.sealed.as_ref()
    }

    /// Takes the response out of the error.
    pub fn take_sealed(&mut self) -> Option<SealedCredentials> {
        self.0.sealed.take()
    }

    /// What failed: [`PortError::kind`].
    #[must_use]
    pub fn kind(&self) -> PortErrorKind {
        self.0.error.kind()
    }

    /// Whether the service can have acted on the request: [`PortError::delivery`].
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.error.delivery()
    }

    /// How far the call got: [`PortError::phase`].
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.error.phase()
    }

    /// Whether the same call may be made again: [`PortError::repeatability`].
    #[must_use]
    pub fn repeatability(&self) -> Repeatability {
        self.0.error.repeatability()
    }

    /// How long the service asks to wait: [`PortError::retry_after`].
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.error.retry_after()
    }

    /// The status of the response: [`PortError::status`].
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.error.status()
    }

    /// The vendor's code for a refusal: [`PortError::reason`].
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.error.reason()
    }

    /// The id that the vendor's support needs: [`PortError::correlation_id`].
    #[must_use]
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.0.error.correlation_id()
    }

    /// The status, ids and kept headers of the response: [`PortError::head`].
    #[must_use]
    pub fn head(&self) -> Option<&ResponseHead> {
        self.0.error.head()
    }
}

impl From<PortError> for GenerateError {
    fn from(error: PortError) -> Self {
        let sealed = None;
        Self(Box::new(Inner { error, sealed }))
    }
}

/// Drops the sealed response, if there is one.
impl From<GenerateError> for PortError {
    fn from(error: GenerateError) -> Self {
        error.0.error
    }
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

impl fmt::Debug for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenerateError")
            .field("error", &self.0.error)
            .field(
                "sealed",
                &self.0.sealed.as_ref().map(SealedCredentials::content),
            )
            .finish()
    }
}

impl std::error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.error.source()
    }
}
