use async_trait::async_trait;
use metrics::{Counter, Unit, counter, describe_counter, describe_histogram, histogram};
use payment_credentials_core::generator::{
    CredentialsGenerator, GenerateError, GeneratedCredentials,
};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, Delivery, MerchantId, PaymentCredentials,
    PaymentCredentialsPort, PortError, SealedCredentials,
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
/// A counter appears with its first event, and `increase()` of Prometheus doesn't see that event. So put
/// [`counted_from_zero`](Self::counted_from_zero) on each `Metrics`, at the start of the program. Without it, an
/// alert on an outcome that must never occur, such as `unexpected_unencrypted`, needs a second condition: that the
/// series exists now and didn't five minutes ago (`metric unless metric offset 5m`).
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

    /// Registers the counters of an operation with the value zero: one for each outcome and delivery that the
    /// operation can have. Then Prometheus sees the first event too.
    ///
    /// These are about 110 time series for an operation that makes calls, and about 40 for `open`, in the whole
    /// process. Call this once the metrics recorder is installed.
    ///
    /// ```
    /// use payment_credentials_core::{CredentialsOpener, PaymentCredentialsPort};
    /// use payment_credentials_layers::{Metrics, Operation};
    ///
    /// fn measured<P: PaymentCredentialsPort, O: CredentialsOpener>(port: P, opener: O) -> (Metrics<P>, Metrics<O>) {
    ///     let port = Metrics::new(port).counted_from_zero(Operation::Generate);
    ///     (port, Metrics::new(opener).counted_from_zero(Operation::Open))
    /// }
    /// ```
    #[must_use]
    pub fn counted_from_zero(self, operation: Operation) -> Self {
        for outcome in ending::outcomes() {
            for delivery in operation.deliveries(outcome) {
                calls(operation, outcome, delivery.name()).increment(0);
            }
        }
        if operation != Operation::Open {
            counter!(ATTEMPTS).increment(0);
        }
        self
    }
}

/// What [`Metrics`] measures, by what it is put around.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// The calls of a port.
    Generate,
    /// The calls of a [`CredentialsGenerator`].
    GenerateAndOpen,
    /// The openings of an opener.
    Open,
}

impl Operation {
    /// The value of the label `operation`.
    ///
    /// To change a value is a breaking change.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::GenerateAndOpen => "generate_and_open",
            Self::Open => "open",
        }
    }

    /// The deliveries that an outcome can have.
    fn deliveries(self, outcome: &str) -> &'static [Delivery] {
        if self == Self::Open || outcome == ending::OK {
            &[Delivery::Answered]
        } else {
            Delivery::ALL
        }
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
            count_call(Operation::Generate, ending, start);
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
            count_call(Operation::GenerateAndOpen, ending, start);
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
        ending::of_an_opening(opening, sealed, |ending| {
            count(Operation::Open, ending, start);
        })
        .await
    }
}

fn count_call(operation: Operation, ending: &Ending<'_>, start: Instant) {
    count(operation, ending, start);
    counter!(ATTEMPTS).increment(ending.attempts.into());
}

fn count(operation: Operation, ending: &Ending<'_>, start: Instant) {
    let outcome = ending.outcome;
    calls(operation, outcome, ending.delivery).increment(1);
    histogram!(DURATION, "operation" => operation.name(), "outcome" => outcome)
        .record(start.elapsed());
}

fn calls(operation: Operation, outcome: &'static str, delivery: &'static str) -> Counter {
    let operation = operation.name();
    counter!(CALLS, "operation" => operation, "outcome" => outcome, "delivery" => delivery)
}
