use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::credentials::PaymentCredentials;
use crate::error::{Phase, PortError};
use crate::id::MerchantId;
use crate::request::CredentialsRequest;
use crate::sealed::SealedCredentials;
use crate::seam::Progress;

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
/// Take `&self` and expect calls from many tasks at once. `generate` is all that a port of your own
/// needs.
///
/// A port that holds a port keeps whichever clauses it doesn't say it changes. It should implement
/// [`generate_with`](Self::generate_with) too and pass the [`Progress`] on to every call that it
/// makes, so that a caller that cuts a call short learns how far it got. A port that doesn't pass it on
/// stays correct: its calls count as `Unknown`.
///
/// Of several calls that were made for one, the error to return is that of the call which got
/// furthest, which [`PortError::after`] finds out.
#[async_trait]
pub trait PaymentCredentialsPort: Debug + Send + Sync {
    /// Generates one set of credentials, still sealed in the JWE that the service answered with.
    ///
    /// # Errors
    ///
    /// [`PortError`], whose [`kind`](PortError::kind) says what the caller can do about it.
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError>;

    /// Does the same, and reports meanwhile how far it is: for layers, and for callers with a deadline of
    /// their own.
    ///
    /// By itself it makes one attempt of [`generate`](Self::generate), of which nothing is known
    /// while it runs. A drop then counts as `Unknown`, never as `NotSent`. If the call was already
    /// given up, no attempt is made.
    ///
    /// # Errors
    ///
    /// [`PortError`], as [`generate`](Self::generate) has it.
    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let attempt = progress.attempt();
        if !attempt.may_reach(Phase::Transport) {
            // The caller that gave the call up may have said that nothing was sent.
            return Err(PortError::deadline(Phase::Start));
        }
        let made = self.generate(request).await;
        match &made {
            Ok(_sealed) => attempt.reached(Phase::Decode),
            Err(error) => attempt.ended(error),
        }
        made
    }

    /// The merchant that the calls are made for, where the port knows it: for spans and audits.
    ///
    /// A port of your own that holds a port should return what that one does.
    fn merchant_id(&self) -> Option<MerchantId> {
        None
    }
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
/// - **the header is validated first**: a JWE whose algorithms, key id or shape aren't acceptable is
///   [`PortErrorKind::Jwe`](crate::PortErrorKind::Jwe) before any key is used.
/// - **answered**: every error's delivery is `Answered`, and it carries the head of the response:
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
    /// [`PortError`] of the kinds `Jwe`, `Decrypt`, `Payload` or `KeyService`.
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

            async fn generate_with(
                &self,
                request: &CredentialsRequest,
                progress: &Progress,
            ) -> Result<SealedCredentials, PortError> {
                (**self).generate_with(request, progress).await
            }

            fn merchant_id(&self) -> Option<MerchantId> {
                (**self).merchant_id()
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

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::error::{Delivery, PortErrorKind, Repeatability};

    /// A port of somebody's own, which implements what it must.
    #[derive(Debug)]
    struct Bare;

    #[async_trait]
    impl PaymentCredentialsPort for Bare {
        async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
            let (kind, delivery) = (PortErrorKind::Reset, Delivery::Unknown);
            Err(PortError::new(
                kind,
                delivery,
                Phase::Headers,
                Repeatability::MayRepeat,
            ))
        }
    }

    #[test]
    fn a_bare_port_is_not_asked_for_a_call_that_was_given_up() {
        let request = CredentialsRequest::new("7010".parse().expect("a token id"));
        let ask = |progress: &Progress| {
            let made = block_on(Bare.generate_with(&request, progress));
            made.expect_err("an error").kind()
        };
        let progress = Progress::default();
        assert_eq!(ask(&progress), PortErrorKind::Reset);
        assert_eq!(progress.give_up(), Delivery::Unknown);
        let given_up = Progress::default();
        assert_eq!(given_up.give_up(), Delivery::NotSent);
        assert_eq!(ask(&given_up), PortErrorKind::Deadline);
        assert_eq!(given_up.delivery(), Delivery::NotSent);
    }
}
