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

/// Asks through the port and opens the response: what most applications need.
///
/// `P` and `O` are any port and opener, also `Arc<dyn PaymentCredentialsPort>` and
/// `Arc<dyn CredentialsOpener>`.
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

    /// Rejects credentials that don't [confirm](PaymentCredentials::confirms) the token id that was asked for;
    /// by default they are returned as they are.
    ///
    /// This is for callers that ask by the id of a tokenized card or an instrument identifier, in v3: the id of a
    /// customer or of a payment instrument rightly isn't in the response. Credentials that don't name the id end
    /// the call as [`UnexpectedResponse::NotConfirmed`], with the response in [`GenerateError::sealed`]: a
    /// cryptogram may have been spent on it.
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
    /// A deadline of the port doesn't bound the opening: where a key service opens, put a deadline around the
    /// opener too, such as `Deadline` of `payment-credentials-layers`.
    ///
    /// # Errors
    ///
    /// [`GenerateError`] with the error of the port or of the opener. One that comes from opening carries the head
    /// of the response and the response itself: the service has answered, and a cryptogram may have been spent. So
    /// does the one of [`require_confirmation`](Self::require_confirmation).
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, GenerateError> {
        self.generate_with(request, &Progress::default()).await
    }

    /// Does the same, and reports meanwhile how far the port's call is: for layers.
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
        self.open(request, sealed).await
    }

    /// Opens the response to a request once more, without another call: for a
    /// [`GenerateError`] that holds one.
    ///
    /// # Errors
    ///
    /// As for [`generate`](Self::generate), with the response in it again.
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
            Err(error) => {
                let error = match error.head() {
                    Some(_head) => error,
                    None => error.with_head(sealed.head().clone()),
                };
                Err(GenerateError::still_sealed(error, sealed))
            }
        }
    }

    /// The credentials, unless they have to name the stored card that was asked for and don't.
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
        let (delivery, phase) = (Delivery::Answered, Phase::Open);
        Err(PortError::new(kind, delivery, phase, Repeatability::Never))
    }
}

/// Opened credentials, with the head of the response.
#[derive(Debug)]
#[non_exhaustive]
pub struct GeneratedCredentials {
    /// The credentials.
    pub credentials: PaymentCredentials,
    /// Status, ids and kept headers of the response.
    pub head: ResponseHead,
}

impl GeneratedCredentials {
    /// The service's id for the call: what its support asks for.
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
