//! The use case: generate credentials and open them, with one error.

mod error;

pub use error::GenerateError;

use crate::credentials::{Confirmation, PaymentCredentials};
use crate::error::{Delivery, Phase, PortError, PortErrorKind, Repeatability, UnexpectedResponse};
use crate::id::{CorrelationId, UniqueTransactionId};
use crate::port::{CredentialsOpener, PaymentCredentialsPort};
use crate::request::CredentialsRequest;
use crate::response_head::ResponseHead;
use crate::sealed::SealedCredentials;
use crate::seam::Progress;

/// Generates credentials through the port and opens the response: all that most applications need.
///
/// `P` and `O` are any port and any opener, including `Arc<dyn PaymentCredentialsPort>` and `Arc<dyn
/// CredentialsOpener>`.
///
/// ```
/// use std::sync::Arc;
/// use payment_credentials_core::{
///     CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, TokenId,
///     generator::{CredentialsGenerator, GenerateError},
/// };
///
/// type Generator = CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>;
///
/// async fn network_token(generator: &Generator, token_id: TokenId) -> Result<String, GenerateError> {
///     let generated = generator.generate(&CredentialsRequest::new(token_id)).await?;
///     Ok(format!("{:?}", generated.credentials.account()))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CredentialsGenerator<P, O> {
    port: P,
    opener: O,
    requires_confirmation: bool,
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> CredentialsGenerator<P, O> {
    /// Joins a port and an opener.
    #[must_use]
    pub fn new(port: P, opener: O) -> Self {
        Self {
            port,
            opener,
            requires_confirmation: false,
        }
    }

    /// Rejects credentials that don't [confirm](PaymentCredentials::confirms) the requested token id; by
    /// default they are returned unchanged.
    ///
    /// Use this only with ids of tokenized cards or instrument identifiers, in v3: the id of a customer or
    /// of a payment instrument is correctly absent from a response. If the credentials don't name the id,
    /// the call fails as [`UnexpectedResponse::NotConfirmed`], with the response in
    /// [`GenerateError::sealed`]: a cryptogram may have been spent on it.
    #[must_use]
    pub fn require_confirmation(mut self) -> Self {
        self.requires_confirmation = true;
        self
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> &P {
        &self.port
    }

    /// Generates one set of credentials and opens it.
    ///
    /// A deadline of the port doesn't limit the time of the opening. If a key service opens the
    /// credentials, put a deadline around the opener too, such as `Deadline` of
    /// `payment-credentials-layers`.
    ///
    /// # Errors
    ///
    /// [`GenerateError`] with the error of the port or of the opener. An error of the opener carries the
    /// response and its head, since the service has answered and a cryptogram may have been spent. An error
    /// of [`require_confirmation`](Self::require_confirmation) carries them too.
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, GenerateError> {
        self.generate_with(request, &Progress::default()).await
    }

    /// Does the same as [`generate`](Self::generate), and meanwhile reports how far the call is, the opening
    /// included: for layers.
    ///
    /// # Errors
    ///
    /// As for [`generate`](Self::generate).
    pub async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<GeneratedCredentials, GenerateError> {
        let sealed = self.port.generate_with(request, progress).await?;
        progress.opening(sealed.head());
        self.open(request, sealed).await
    }

    /// Opens the response to a request again, without another call. Use it for a [`GenerateError`] that
    /// holds a response.
    ///
    /// # Errors
    ///
    /// As for [`generate`](Self::generate); the error holds the response again.
    pub async fn open(
        &self,
        request: &CredentialsRequest,
        sealed: SealedCredentials,
    ) -> Result<GeneratedCredentials, GenerateError> {
        let opened = self.opener.open(&sealed).await;
        let checked = opened.and_then(|credentials| self.confirmed(credentials, request));
        match checked {
            Ok(credentials) => Ok(GeneratedCredentials {
                credentials,
                head: sealed.into_head(),
            }),
            Err(error) => Err(GenerateError::still_sealed(error, sealed)),
        }
    }

    /// Returns the credentials, unless they must name the requested stored card and don't.
    fn confirmed(
        &self,
        credentials: PaymentCredentials,
        request: &CredentialsRequest,
    ) -> Result<PaymentCredentials, PortError> {
        if !self.requires_confirmation
            || credentials.confirms(request.token_id()) == Confirmation::Confirmed
        {
            return Ok(credentials);
        }
        let kind = PortErrorKind::Unexpected(UnexpectedResponse::NotConfirmed);
        let (delivery, phase) = (Delivery::Answered, Phase::OpenCredentials);
        Err(PortError::new(kind, delivery, phase, Repeatability::Never))
    }
}

/// Opened credentials, with the head of the response.
#[derive(Debug)]
#[non_exhaustive]
pub struct GeneratedCredentials {
    /// The credentials.
    pub credentials: PaymentCredentials,
    /// The status, ids and kept headers of the response.
    pub head: ResponseHead,
}

impl GeneratedCredentials {
    /// The service's id for the call, which the vendor's support needs.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.head.correlation_id()
    }

    /// The service's second id for the call.
    #[must_use]
    pub fn unique_transaction_id(&self) -> Option<&UniqueTransactionId> {
        self.head.unique_transaction_id()
    }
}

#[cfg(test)]
mod tests;
