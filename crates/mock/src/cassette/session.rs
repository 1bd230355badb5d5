use std::fmt;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    PortError, SealedCredentials,
};

use super::error::CassetteError;
use super::recorder::Recorder;
use super::replay::Replay;
use super::verifier::Verifier;

/// A port and an opener in one of the modes: what [`Cassette::session`](super::Cassette::session) makes.
///
/// Clones share the cassette: give one as the port and another as the opener, and call [`finish`](Self::finish) at the
/// end.
#[non_exhaustive]
pub enum Session<P, O> {
    /// Makes the calls, and writes what came of them at the end.
    Record(Recorder<P, O>),
    /// Plays what was recorded.
    Replay(Replay),
    /// Makes the calls, and compares them at the end.
    Verify(Verifier<P, O>),
}

impl<P, O> Session<P, O> {
    /// Ends the session: writes the cassette, or checks that the calls were those of the cassette.
    ///
    /// # Errors
    ///
    /// [`CassetteError`], as for [`Recorder::save`], [`Replay::finish`] and [`Verifier::finish`].
    pub fn finish(&self) -> Result<(), CassetteError> {
        match self {
            Self::Record(recorder) => recorder.save().map(|_recorded| ()),
            Self::Replay(replay) => replay.finish(),
            Self::Verify(verifier) => verifier.finish(),
        }
    }
}

impl<P, O> fmt::Debug for Session<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(recorder) => recorder.fmt(f),
            Self::Replay(replay) => replay.fmt(f),
            Self::Verify(verifier) => verifier.fmt(f),
        }
    }
}

impl<P, O> Clone for Session<P, O> {
    fn clone(&self) -> Self {
        match self {
            Self::Record(recorder) => Self::Record(recorder.clone()),
            Self::Replay(replay) => Self::Replay(replay.clone()),
            Self::Verify(verifier) => Self::Verify(verifier.clone()),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort, O: Send + Sync> PaymentCredentialsPort for Session<P, O> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        match self {
            Self::Record(recorder) => recorder.generate_with(request, progress).await,
            Self::Replay(replay) => replay.generate_with(request, progress).await,
            Self::Verify(verifier) => verifier.generate_with(request, progress).await,
        }
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        match self {
            Self::Record(recorder) => recorder.merchant_id(),
            Self::Replay(replay) => replay.merchant_id(),
            Self::Verify(verifier) => verifier.merchant_id(),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Send + Sync, O: CredentialsOpener> CredentialsOpener for Session<P, O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        match self {
            Self::Record(recorder) => recorder.open(sealed).await,
            Self::Replay(replay) => replay.open(sealed).await,
            Self::Verify(verifier) => verifier.open(sealed).await,
        }
    }
}
