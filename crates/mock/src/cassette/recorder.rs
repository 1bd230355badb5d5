use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    PortError, SealedCredentials,
};

use super::aliases::Aliases;
use super::error::{CassetteError, CassetteErrorKind};
use super::format::Tape;
use super::observed::Observed;
use super::{file, scan};

/// Wraps a port and an opener, and writes what came of their calls to a cassette.
///
/// Clones share the recording: give one as the port and another as the opener, and call [`save`](Self::save) at the
/// end. A recorder that is dropped before writes nothing.
///
/// A call for a token id without an alias isn't made: it fails as `Setup`, and the recording is refused.
pub struct Recorder<P, O>(Arc<Wrapped<P, O>>);

/// The opener of a recorder that has none.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it has no settings")]
pub struct NoOpener;

pub(super) struct Wrapped<P, O> {
    pub(super) port: P,
    pub(super) opener: O,
    pub(super) has_opener: bool,
    pub(super) path: PathBuf,
    pub(super) version: &'static str,
    pub(super) aliases: Aliases,
    pub(super) observed: Observed,
}

/// What a recorder wrote.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// The calls that were written.
    pub calls: usize,
    /// The calls that succeeded and were left out, since the recorder has no opener.
    pub left_out: usize,
}

impl<P, O> Recorder<P, O> {
    pub(super) fn new(wrapped: Wrapped<P, O>) -> Self {
        Self(Arc::new(wrapped))
    }

    /// Writes the cassette, in place of the old one: what was not called this time is gone.
    ///
    /// # Errors
    ///
    /// [`CassetteError`] if the recording was refused, if a value that was seen is left in the text, or if the file
    /// can't be written. Then the old file stays as it was.
    pub fn save(&self) -> Result<Recorded, CassetteError> {
        let tape = self.tape()?;
        let text = tape.write();
        let leak = self
            .0
            .observed
            .search(|seen| scan::leak(&text, seen.iter()));
        if let Some(encoding) = leak {
            let text = format!(
                "nothing was written: the finished text holds something that was seen, as {encoding}; is an alias a \
                 real id or a name? If not, please report this bug"
            );
            return Err(CassetteError::new(CassetteErrorKind::Leak, text));
        }
        file::write(&self.0.path, &text)?;
        Ok(Recorded {
            calls: tape.entries.len(),
            left_out: tape.left_out.unwrap_or_default(),
        })
    }

    pub(super) fn tape(&self) -> Result<Tape, CassetteError> {
        self.0.observed.tape(self.0.has_opener)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort, O: Send + Sync> PaymentCredentialsPort for Recorder<P, O> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let Wrapped {
            port,
            observed,
            aliases,
            version,
            ..
        } = &*self.0;
        let number = observed
            .begin(request, aliases, version)
            .map_err(|why| PortError::setup(format!("the recorder made no call: {why}")))?;
        let result = port.generate_with(request, progress).await;
        observed.end(number, &result);
        result
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.0.port.merchant_id()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Send + Sync, O: CredentialsOpener> CredentialsOpener for Recorder<P, O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let result = self.0.opener.open(sealed).await;
        self.0.observed.opened(sealed, &result);
        result
    }
}

impl<P, O> Clone for Recorder<P, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Shows the path and the number of calls.
impl<P, O> fmt::Debug for Recorder<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("path", &self.0.path)
            .field("observed", &self.0.observed)
            .finish_non_exhaustive()
    }
}
