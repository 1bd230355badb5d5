//! Slow, flaky and failing ports and openers: by script, for each call, or by a seed.
//!
//! [`Faulty`] holds any port or opener: a mock, a fake, a replay, or the real port to the sandbox. A [`Fault`] says what
//! goes wrong in a call, and [`Faults`] in which calls. The same seed gives the same faults to the same numbers
//! of calls, so a failure that a seed found can be run again; a test that fails prints its seed.
//!
//! ```
//! use std::time::Duration;
//! use payment_credentials_core::{CredentialsRequest, Delivery, PaymentCredentialsPort};
//! use payment_credentials_mock::faults::{Fault, Faults, Faulty};
//! use payment_credentials_mock::{answers, failures, fixtures::Fixture};
//!
//! # mod tokio { pub mod time { pub async fn sleep(_: std::time::Duration) {} } }
//! # payment_credentials_mock::block_on(async {
//! let port = answers(Fixture::VisaV3).times(2);
//! let port = Faulty::new(port, Faults::script([
//!     Fault::instead(failures::connect),
//!     Fault::slow(Duration::from_secs(3), tokio::time::sleep), // Pause tokio's clock in the test.
//!     Fault::afterwards(failures::reset_after_send),
//! ]));
//!
//! let request = CredentialsRequest::new("7010000000016241111".parse()?);
//! assert_eq!(port.generate(&request).await.expect_err("a fault").delivery(), Delivery::NotSent);
//! assert!(port.generate(&request).await.is_ok());
//! assert_eq!(port.generate(&request).await.expect_err("a fault").delivery(), Delivery::Unknown);
//! # Ok::<(), payment_credentials_core::ParseValueError>(())
//! # }).unwrap();
//! ```

mod plan;

use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    Phase, PortError, SealedCredentials,
};

use plan::Effect;
pub use plan::{Fault, Faults};

/// A port or an opener with faults around another one.
///
/// A fault changes what comes of a call, and never the request or the credentials. `Debug` shows the port below, the
/// plan with its seed, and the number of calls.
pub struct Faulty<P> {
    inner: P,
    faults: Faults,
    calls: AtomicU64,
}

impl<P> Faulty<P> {
    /// Gives these faults to the calls of a port or to the openings of an opener.
    #[must_use]
    pub fn new(inner: P, faults: Faults) -> Self {
        Self {
            inner,
            faults,
            calls: AtomicU64::default(),
        }
    }

    /// The number of calls so far, with and without a fault.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The port or the opener below.
    #[must_use]
    pub fn inner(&self) -> &P {
        &self.inner
    }

    fn next(&self) -> Effect {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        self.faults.effect(call)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for Faulty<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let effect = self.next();
        if let Effect::None = effect {
            return self.inner.generate_with(request, progress).await;
        }
        let attempt = progress.begin_attempt();
        if let Effect::Instead(error) = effect {
            let error = error();
            attempt.ended(&error);
            return Err(error);
        }
        // From here on the caller doesn't know what became of the request.
        if !attempt.may_leave() {
            return Err(PortError::deadline(Phase::Start));
        }
        attempt.reached(Phase::Headers);
        let result = match effect {
            Effect::Hang => pending().await,
            Effect::Afterwards(error) => {
                drop(self.inner.generate(request).await);
                Err(error())
            }
            Effect::Slow(sleep) => {
                let result = self.inner.generate(request).await;
                sleep().await;
                result
            }
            Effect::None | Effect::Instead(_) => self.inner.generate(request).await,
        };
        match &result {
            Ok(_sealed) => attempt.reached(Phase::Decode),
            Err(error) => attempt.ended(error),
        }
        result
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<O: CredentialsOpener> CredentialsOpener for Faulty<O> {
    /// The error of a fault gets the head of the response.
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let with_head = |error: PortError| error.with_head(sealed.head().clone());
        match self.next() {
            Effect::None => self.inner.open(sealed).await,
            Effect::Instead(error) => Err(with_head(error())),
            Effect::Afterwards(error) => {
                drop(self.inner.open(sealed).await);
                Err(with_head(error()))
            }
            Effect::Slow(sleep) => {
                let opened = self.inner.open(sealed).await;
                sleep().await;
                opened
            }
            Effect::Hang => pending().await,
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for Faulty<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("inner", &self.inner)
            .field("faults", &self.faults)
            .field("calls", &self.calls())
            .finish()
    }
}

impl<P> Drop for Faulty<P> {
    #[expect(
        clippy::print_stderr,
        reason = "only in a test that fails: the seed runs it again"
    )]
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(seed) = self.faults.seed()
        {
            eprintln!(
                "Faulty: the seed of the faults is {seed}, and calls were made: {}; the same seed gives the same faults",
                self.calls()
            );
        }
    }
}
