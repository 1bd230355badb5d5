use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::answer::PaymentCredentials;
use crate::error::PortError;
use crate::request::CredentialsRequest;
use crate::sealed::SealedCredentials;

/// Generates payment credentials for stored cards: the service's
/// `POST /tms/v{2,3}/tokens/{tokenId}/payment-credentials`.
///
/// Applications hold an `Arc<dyn PaymentCredentialsPort>` and know no more than this page says.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, for every adapter to
/// run.
///
/// - **fresh each time**: two calls never return one cryptogram twice; nothing is cached.
/// - **not idempotent**: each cryptogram returned is spent at the card network, wanted or not.
/// - **dropping is not undoing**: dropping the future stops the waiting, not the minting. It
///   leaks nothing, and the port stays usable.
/// - **ends by itself**: an adapter that does I/O bounds every call; the bound is its own setting.
/// - **errors say how far it got**: [`PortError::delivery`] is `NotSent` only when the adapter
///   knows that nothing left the process. When in doubt it says `Unknown`.
/// - **answered means traceable**: after `Delivery::Answered` the correlation id is present if
///   the service gave one.
/// - **secrets stay inside**: no `Debug`, `Display` or log line holds a number or a cryptogram.
///
/// # Implementing
///
/// Take `&self` and expect calls from many tasks at once. A port that wraps a port implements
/// every method and keeps whichever clauses it doesn't say it changes.
#[async_trait]
pub trait PaymentCredentialsPort: Debug + Send + Sync {
    /// Generates one set of credentials, still sealed in the JWE that the service answered with.
    ///
    /// # Errors
    ///
    /// [`PortError`], whose [`kind`](PortError::kind) says what the caller can do about it.
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError>;
}

/// Opens sealed payment credentials; the key may live in another trust zone.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, for every adapter to
/// run.
///
/// - **one uniform failure**: whatever goes wrong inside the cryptography is
///   [`PortErrorKind::Decrypt`](crate::PortErrorKind::Decrypt), with one text, so that nobody can
///   use the opener as an oracle (RFC 7516 §11.5).
/// - **the header is judged first**: a JWE whose algorithms, key id or shape aren't acceptable is
///   [`PortErrorKind::Token`](crate::PortErrorKind::Token) before any key is used.
/// - **answered**: every error's delivery is `Answered`, and it carries the head of the answer:
///   a cryptogram may have been spent.
/// - **secrets stay inside**: the plaintext is wiped, and no error repeats any of it.
///
/// # Implementing
///
/// Open the [`content`](SealedCredentials::content), hand the plaintext to
/// [`PaymentCredentials::from_plaintext`], and wipe it.
#[async_trait]
pub trait CredentialsOpener: Debug + Send + Sync {
    /// Opens one set of credentials.
    ///
    /// # Errors
    ///
    /// [`PortError`] of the kinds `Token`, `Decrypt`, `Payload` or `KeyService`.
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError>;
}

/// Implements the ports for a pointer to a port.
macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<P: PaymentCredentialsPort + ?Sized> PaymentCredentialsPort for $pointer<P> {
            async fn generate(
                &self,
                request: &CredentialsRequest,
            ) -> Result<SealedCredentials, PortError> {
                (**self).generate(request).await
            }
        }

        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<O: CredentialsOpener + ?Sized> CredentialsOpener for $pointer<O> {
            async fn open(
                &self,
                sealed: &SealedCredentials,
            ) -> Result<PaymentCredentials, PortError> {
                (**self).open(sealed).await
            }
        }
    )+};
}

forward!(Arc, Box);
