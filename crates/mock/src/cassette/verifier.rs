use std::fmt::{self, Write as _};

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    PortError, SealedCredentials,
};

use super::entry::{Entry, compare_calls, nearest};
use super::error::{CassetteError, CassetteErrorKind};
use super::format::Tape;
use super::recorder::Recorder;

/// Wraps a port and an opener, and compares the shapes of what comes of their calls with a cassette: for a test that
/// finds out whether the service still does what was recorded.
///
/// Clones share the calls. Call [`finish`](Self::finish) at the end. Nothing is written.
pub struct Verifier<P, O> {
    live: Recorder<P, O>,
    recorded: Tape,
}

impl<P, O> Verifier<P, O> {
    pub(super) fn new(live: Recorder<P, O>, recorded: Tape) -> Self {
        Self { live, recorded }
    }

    /// Compares what came with what was recorded, call by call. Values aren't compared.
    ///
    /// # Errors
    ///
    /// [`CassetteError`] with each call that differs, with a tick or a cross for each part of it; each call that was
    /// recorded and not made; and each that was made and not recorded.
    pub fn finish(&self) -> Result<(), CassetteError> {
        let live = self.live.tape()?;
        let text = differences(&self.recorded.entries, live.entries);
        if text.is_empty() {
            return Ok(());
        }
        let text = format!(
            "the service does something else than what was recorded:{text}\nif that is right, record the cassette again"
        );
        Err(CassetteError::new(CassetteErrorKind::Differs, text))
    }
}

fn differences(recorded: &[Entry], mut live: Vec<Entry>) -> String {
    let mut text = String::new();
    let mut missing = Vec::new();
    for entry in recorded {
        // In their order, since calls that are alike are recorded in their order.
        let Some(at) = live.iter().position(|it| it.call == entry.call) else {
            missing.push(entry);
            continue;
        };
        let got = live.remove(at);
        let compared = entry.compare(&got);
        if !compared.is_same() {
            let _ = write!(text, "\n{}:{compared}", entry.in_words());
        }
    }
    for entry in missing {
        let _ = write!(text, "\nrecorded, and not made: {}", entry.in_words());
        let others = live.iter().map(|it| &it.call).enumerate();
        let near = nearest(others, &entry.call).and_then(|at| live.get(at));
        if let Some(near) = near {
            let _ = write!(
                text,
                "; the nearest one that was made:{}",
                compare_calls(&entry.call, &near.call)
            );
        }
    }
    for entry in live {
        let _ = write!(text, "\nmade, and not recorded: {}", entry.in_words());
    }
    text
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort, O: Send + Sync> PaymentCredentialsPort for Verifier<P, O> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.live.generate(request).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        self.live.generate_with(request, progress).await
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.live.merchant_id()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Send + Sync, O: CredentialsOpener> CredentialsOpener for Verifier<P, O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        self.live.open(sealed).await
    }
}

impl<P, O> Clone for Verifier<P, O> {
    fn clone(&self) -> Self {
        let (live, recorded) = (self.live.clone(), self.recorded.clone());
        Self { live, recorded }
    }
}

/// Shows the path and the number of calls.
impl<P, O> fmt::Debug for Verifier<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verifier").field(&self.live).finish()
    }
}
