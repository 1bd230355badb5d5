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
/// Applications hold an `Arc<dyn PaymentCredentialsPort>` and rely only on what this page states.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, which every adapter should
/// run.
///
/// - **fresh each time**: two calls never return the same cryptogram; nothing is cached.
/// - **not idempotent**: each returned cryptogram is spent at the card network, whether it is used or not.
/// - **dropping is not undoing**: if the future is dropped, the caller stops waiting, but the service may
///   still mint. A drop leaks nothing, and the port stays usable.
/// - **ends by itself**: an adapter that does I/O limits the time of every call by a setting of its own.
/// - **errors say how far it got**: [`PortError::delivery`] is `NotSent` only if the adapter knows that
///   nothing left the process. In case of doubt it is `Unknown`.
/// - **answered means traceable**: after `Delivery::Answered` the correlation id is present if the service
///   sent one.
/// - **secrets stay inside**: no `Debug`, `Display` or log line holds a card number or a cryptogram.
///
/// # Implementing
///
/// Take `&self` and expect calls from many tasks at once. A port of your own only has to implement
/// `generate`.
///
/// A port that holds a port keeps every clause, except for those that its documentation changes. It should
/// implement [`generate_with`](Self::generate_with) too and pass the [`Progress`] on to every call that it
/// makes, so that a caller that ends a call early can read how far it got. A port that doesn't pass it on
/// stays correct: its calls count as `Unknown`.
///
/// If a port makes several calls for one call, it returns the error of the call that got furthest;
/// [`PortError::after`] finds that error.
#[async_trait]
pub trait PaymentCredentialsPort: Debug + Send + Sync {
    /// Generates one set of credentials, still encrypted in the JWE from the service's response.
    ///
    /// # Errors
    ///
    /// [`PortError`], whose [`kind`](PortError::kind) determines what the caller can do about it.
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError>;

    /// Does the same as [`generate`](Self::generate), and meanwhile reports how far it is: for layers, and
    /// for callers with a deadline of their own.
    ///
    /// The default implementation makes one attempt by [`generate`](Self::generate) and reports nothing
    /// about it while it runs. If it is dropped then, it counts as `Unknown`, never as `NotSent`. If the
    /// call was already given up, it makes no attempt.
    ///
    /// # Errors
    ///
    /// [`PortError`], as for [`generate`](Self::generate).
    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let attempt = progress.begin_attempt();
        if !attempt.may_reach(Phase::Transport) {
            // The caller that gave the call up may already have reported that nothing was sent.
            return Err(PortError::deadline(Phase::Start));
        }
        let made = self.generate(request).await;
        match &made {
            Ok(_sealed) => attempt.reached(Phase::Decode),
            Err(error) => attempt.ended(error),
        }
        made
    }

    /// The merchant of the calls, if the port knows it: for spans and audits.
    ///
    /// A port of your own that holds a port should return the merchant of that port.
    fn merchant_id(&self) -> Option<MerchantId> {
        None
    }
}

/// Opens sealed payment credentials; the key may be in another trust zone.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, which every adapter should
/// run.
///
/// - **one uniform failure**: every failure of a cryptographic operation is
///   [`PortErrorKind::Decrypt`](crate::PortErrorKind::Decrypt), with one text, so that no one can use the
///   opener as an oracle (RFC 7516 §11.5).
/// - **the header is validated first**: a JWE whose algorithms, key id or shape aren't acceptable is
///   [`PortErrorKind::Jwe`](crate::PortErrorKind::Jwe) before any key is used.
/// - **answered**: every error's delivery is `Answered`, since a cryptogram may have been spent, and every
///   error carries the head of the response.
/// - **secrets stay inside**: the plaintext is wiped, and no error repeats any of it.
///
/// # Implementing
///
/// Decrypt the [`content`](SealedCredentials::content), pass the plaintext to
/// [`PaymentCredentials::from_plaintext`], and wipe the plaintext.
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

    /// A port from outside of this crate, which implements only the required methods.
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
