//! The use case: generate credentials and open them, with one error.

use crate::answer::PaymentCredentials;
use crate::answer_head::AnswerHead;
use crate::error::PortError;
use crate::id::{CorrelationId, UniqueTransactionId};
use crate::port::{CredentialsOpener, PaymentCredentialsPort};
use crate::request::CredentialsRequest;

/// What an application mostly wants: ask through the port, open the answer.
///
/// `P` and `O` are any port and opener, also `Arc<dyn PaymentCredentialsPort>` and
/// `Arc<dyn CredentialsOpener>`.
///
/// ```
/// use std::sync::Arc;
/// use payment_credentials_core::{
///     CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, PortError, TokenId,
///     service::CredentialsGenerator,
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
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> CredentialsGenerator<P, O> {
    /// Joins a port and an opener.
    #[must_use]
    pub fn new(port: P, opener: O) -> Self {
        Self { port, opener }
    }

    /// Generates one set of credentials and opens it.
    ///
    /// # Errors
    ///
    /// [`PortError`] of either port. One that comes from opening carries the head of the answer:
    /// the service has answered, and a cryptogram may have been spent.
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, PortError> {
        let sealed = self.port.generate(request).await?;
        match self.opener.open(&sealed).await {
            Ok(credentials) => Ok(GeneratedCredentials {
                credentials,
                head: sealed.into_head(),
            }),
            Err(error) if error.head().is_some() => Err(error),
            Err(error) => Err(error.with_head(sealed.into_head())),
        }
    }
}

/// Opened credentials, with what is known of the answer beside them.
#[derive(Debug)]
#[non_exhaustive]
pub struct GeneratedCredentials {
    /// The credentials.
    pub credentials: PaymentCredentials,
    /// Status, ids and kept headers of the answer.
    pub head: AnswerHead,
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
