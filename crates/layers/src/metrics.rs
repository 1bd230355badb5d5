use async_trait::async_trait;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use payment_credentials_core::generator::{
    CredentialsGenerator, GenerateError, GeneratedCredentials,
};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    PortError, SealedCredentials,
};
use tokio::time::Instant;

use crate::ending::{self, Ending};
use crate::wait;

/// Counts each call of a port, each opening of an opener, or each call of a [`CredentialsGenerator`], and
/// measures its duration, through the `metrics` facade.
///
/// | metric | kind and unit | labels |
/// |---|---|---|
/// | `payment_credentials_calls_total` | counter of calls and openings | `operation`, `outcome`, `delivery` |
/// | `payment_credentials_attempts_total` | counter of attempts | none |
/// | `payment_credentials_call_duration_seconds` | histogram, in seconds | `operation`, `outcome` |
/// | `payment_credentials_wait_duration_seconds` | histogram, in seconds | `limit` |
/// | `payment_credentials_key_not_after_timestamp_seconds` | gauge, in seconds since 1970 | `purpose`, `key_id` |
///
/// The last two are not measured here: each limit records the waits of its calls, with the label `limit`
/// being `rate`, `concurrency` or `pause`, and [`KeyExpiry`](crate::KeyExpiry) reports when keys expire. A wait
/// is recorded when it ends, and also if its call is dropped meanwhile.
///
/// A counter appears with its first event, and `increase()` of Prometheus doesn't see that event. So an alert on an
/// outcome that must never occur, such as `unexpected_unencrypted`, needs a second condition: that the series
/// exists now and didn't five minutes ago (`metric unless metric offset 5m`).
///
/// Each label's value but a key id is a word from a fixed list. So the number of values is bounded, and no label holds
/// data of a card, a merchant or a message. `operation` is one of three:
///
/// - `generate` around a port.
/// - `open` around an opener. Only this one shows a wrong key after a rotation, since every call before the
///   opening succeeds.
/// - `generate_and_open` around a [`CredentialsGenerator`].
///
/// `delivery` is `answered`, `not_sent` or `unknown`. A call that panics is counted as `panicked`, and the panic
/// goes on. It can't be counted in a program that is built with `panic = "abort"`.
///
/// In the [order](crate#the-order) of layers, this one is outside of [`Retry`](crate::Retry) and inside of
/// [`Trace`](crate::Trace). There it measures calls as the application makes them, and counts the attempts
/// that the `Retry` made for them. Put `Metrics` around the port and the opener, or around the generator,
/// but not around both, which would count a call twice.
///
#[doc = include_str!("outcomes.md")]
#[derive(Debug)]
pub struct Metrics<P> {
    inner: P,
}

const CALLS: &str = "payment_credentials_calls_total";
const ATTEMPTS: &str = "payment_credentials_attempts_total";
const DURATION: &str = "payment_credentials_call_duration_seconds";

impl<P> Metrics<P> {
    /// Measures the calls of a port or of a generator, or the openings of an opener. Describes the metrics
    /// to the recorder that is installed when this is called.
    pub fn new(inner: P) -> Self {
        describe_counter!(
            CALLS,
            Unit::Count,
            "Calls that generate payment credentials, and openings of credentials."
        );
        describe_counter!(ATTEMPTS, Unit::Count, "Attempts of those calls.");
        describe_histogram!(DURATION, Unit::Seconds, "Duration of a call or an opening.");
        wait::describe();
        Self { inner }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for Metrics<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let start = Instant::now();
        let calls = progress.child();
        let call = async { self.inner.generate_with(request, &calls).await };
        ending::of_a_call(call, &calls, |ending| {
            count_call("generate", ending, start);
        })
        .await
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> Metrics<CredentialsGenerator<P, O>> {
    /// Generates one set of credentials and opens it. Counts and measures the call.
    ///
    /// # Errors
    ///
    /// As for [`CredentialsGenerator::generate`].
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, GenerateError> {
        self.generate_within(request, &Progress::default()).await
    }

    pub(crate) fn generator(&self) -> &CredentialsGenerator<P, O> {
        &self.inner
    }

    pub(crate) async fn generate_within(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<GeneratedCredentials, GenerateError> {
        let start = Instant::now();
        let calls = progress.child();
        let call = self.inner.generate_with(request, &calls);
        ending::of_a_call(call, &calls, |ending| {
            count_call("generate_and_open", ending, start);
        })
        .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<O: CredentialsOpener> CredentialsOpener for Metrics<O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let start = Instant::now();
        let opening = async { self.inner.open(sealed).await };
        ending::of_an_opening(opening, sealed, |ending| count("open", ending, start)).await
    }
}

fn count_call(operation: &'static str, ending: &Ending<'_>, start: Instant) {
    count(operation, ending, start);
    counter!(ATTEMPTS).increment(ending.attempts.into());
}

fn count(operation: &'static str, ending: &Ending<'_>, start: Instant) {
    let (outcome, delivery) = (ending.outcome, ending.delivery);
    counter!(CALLS, "operation" => operation, "outcome" => outcome, "delivery" => delivery)
        .increment(1);
    histogram!(DURATION, "operation" => operation, "outcome" => outcome).record(start.elapsed());
}
