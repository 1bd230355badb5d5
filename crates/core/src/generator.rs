//! The use case: generate credentials and open them, with one error.

use crate::credentials::{Confirmation, NotConfirmed, PaymentCredentials};
use crate::error::{Delivery, Phase, PortError, PortErrorKind, Repeatability, UnexpectedResponse};
use crate::id::{CorrelationId, UniqueTransactionId};
use crate::port::{CredentialsOpener, PaymentCredentialsPort};
use crate::request::CredentialsRequest;
use crate::response_head::ResponseHead;
use crate::sealed::SealedCredentials;

/// Asks through the port and opens the response: what most applications need.
///
/// `P` and `O` are any port and opener, also `Arc<dyn PaymentCredentialsPort>` and
/// `Arc<dyn CredentialsOpener>`.
///
/// ```
/// use std::sync::Arc;
/// use payment_credentials_core::{
///     CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, PortError, TokenId,
///     generator::CredentialsGenerator,
/// };
///
/// type Generator = CredentialsGenerator<Arc<dyn PaymentCredentialsPort>, Arc<dyn CredentialsOpener>>;
///
/// async fn network_token(generator: &Generator, token_id: TokenId) -> Result<String, PortError> {
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

    /// Takes credentials only where they [confirm](PaymentCredentials::confirms) the token id that
    /// was asked for; by default they are taken as they are.
    ///
    /// It is for who asks by the id of a tokenized card or an instrument identifier, in v3: a
    /// customer's or a payment instrument's id rightly isn't in the response. Credentials that don't
    /// name the id end the call as [`UnexpectedResponse::NotConfirmed`], and the error's source is a
    /// [`NotConfirmed`] with the sealed response in it, which may be paid for.
    #[must_use]
    pub fn require_confirmation(mut self) -> Self {
        self.requires_confirmation = true;
        self
    }

    /// The error of credentials that don't name the stored card that was asked for.
    fn not_confirmed(sealed: SealedCredentials) -> PortError {
        let kind = PortErrorKind::Unexpected(UnexpectedResponse::NotConfirmed);
        PortError::new(kind, Delivery::Answered, Phase::Open, Repeatability::Never)
            .with_head(sealed.head().clone())
            .with_source(NotConfirmed::new(sealed))
    }

    /// Whether the credentials are to be refused.
    fn refuses(&self, credentials: &PaymentCredentials, request: &CredentialsRequest) -> bool {
        self.requires_confirmation
            && credentials.confirms(request.token_id()) != Confirmation::Confirmed
    }

    /// Generates one set of credentials and opens it.
    ///
    /// # Errors
    ///
    /// [`PortError`] of either port. One that comes from opening carries the head of the response:
    /// the service has answered, and a cryptogram may have been spent. So does the one of
    /// [`require_confirmation`](Self::require_confirmation).
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, PortError> {
        let sealed = self.port.generate(request).await?;
        match self.opener.open(&sealed).await {
            Ok(credentials) if self.refuses(&credentials, request) => {
                Err(Self::not_confirmed(sealed))
            }
            Ok(credentials) => Ok(GeneratedCredentials {
                credentials,
                head: sealed.into_head(),
            }),
            Err(error) if error.head().is_some() => Err(error),
            Err(error) => Err(error.with_head(sealed.into_head())),
        }
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
