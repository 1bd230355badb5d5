use async_trait::async_trait;
use payment_credentials_core::generator::{
    CredentialsGenerator, GenerateError, GeneratedCredentials,
};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    PortError, SealedCredentials,
};
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span, info_span, warn};

use crate::ending::{self, Ending};
use crate::metrics::Metrics;

/// Makes one `tracing` span of each call of a port, of each opening of an opener, or of each call of a
/// [`CredentialsGenerator`], with the fields that an audit needs.
///
/// The span is `payment_credentials.generate`, `payment_credentials.open` or
/// `payment_credentials.generate_and_open`, of level `INFO` and target `payment_credentials`. Its fields
/// are those that PCI DSS 10.2.2 requires for an event, except for the time, which the subscriber records.
///
/// | field | what |
/// |---|---|
/// | `operation` | `generate`, `open` or `generate_and_open` |
/// | `merchant_id` | the merchant that makes the calls, if the port [knows it](PaymentCredentialsPort::merchant_id) or it was [set](Self::with_merchant_id) |
/// | `outcome` | a word from the table of [`Metrics`](crate::Metrics#outcomes) |
/// | `delivery` | whether the service can have acted: `answered`, `not_sent` or `unknown` |
/// | `phase` | where the call ended, unless it succeeded: the [`name`](payment_credentials_core::Phase::name) of a [`Phase`](payment_credentials_core::Phase), such as `connect` |
/// | `correlation_id` | the service's id for the call, if a response came |
/// | `attempts` | the number of attempts, which is above one if a [`Retry`](crate::Retry) below made more, or if a port signed again because the local clock is off; absent for an opening |
/// | `clock_skew_seconds` | the seconds to add to the local clock to get the service's time, if the response of an attempt proves that the clock is off |
///
/// If a call ends with another outcome than `ok`, the layer also records an event within the span, of level
/// `WARN` and the same target, with the message `a call failed, panicked or was dropped`. If a call succeeds only
/// since it was signed again (`OnClockSkew::SignAgain`), the message is `the local clock is off`. A filter for
/// warnings shows each of these calls, but turns the span off; so the event has all the fields of the span, and
/// `status`, the HTTP status of the response if one came.
///
/// No field holds data of the request or of the opened credentials: no token id, no card, no message. An id
/// that looks like a card number is masked. Configure a subscriber that writes lines to write one when a
/// span closes, for example by `FmtSpan::CLOSE` of `tracing-subscriber`.
///
/// In the [order](crate#the-order) of layers, this one is outermost.
#[derive(Debug)]
pub struct Trace<P> {
    inner: P,
    merchant_id: Option<MerchantId>,
}

impl<P> Trace<P> {
    /// Traces the calls of a port or of a generator, or the openings of an opener.
    pub fn new(inner: P) -> Self {
        let merchant_id = None;
        Self { inner, merchant_id }
    }

    /// Sets the merchant that the spans name. Needed for an opener, or for a port that doesn't know its
    /// merchant.
    #[must_use]
    pub fn with_merchant_id(mut self, merchant_id: MerchantId) -> Self {
        self.merchant_id = Some(merchant_id);
        self
    }

    fn merchant_of<Port: PaymentCredentialsPort, O: CredentialsOpener>(
        &self,
        generator: &CredentialsGenerator<Port, O>,
    ) -> Option<MerchantId> {
        let set = self.merchant_id.clone();
        set.or_else(|| generator.port().merchant_id())
    }
}

/// A span of an operation. The operation's name has to be a literal.
macro_rules! span {
    ($operation:literal, $merchant_id:expr) => {
        info_span!(
            target: "payment_credentials",
            concat!("payment_credentials.", $operation),
            operation = $operation,
            merchant_id = $merchant_id.as_ref().map(display),
            outcome = Empty,
            delivery = Empty,
            phase = Empty,
            correlation_id = Empty,
            attempts = Empty,
            clock_skew_seconds = Empty,
        )
    };
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for Trace<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        let merchant_id = self.merchant_id();
        let span = span!("generate", merchant_id);
        let calls = progress.child();
        let call = async { self.inner.generate_with(request, &calls).await };
        let call = call.instrument(span.clone());
        ending::of_a_call(call, &calls, |ending| {
            Traced {
                operation: "generate",
                merchant_id: merchant_id.as_ref(),
                attempts: Some(ending.attempts),
            }
            .record(&span, ending);
        })
        .await
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.merchant_id
            .clone()
            .or_else(|| self.inner.merchant_id())
    }
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> Trace<CredentialsGenerator<P, O>> {
    /// Generates one set of credentials and opens it, in a span.
    ///
    /// # Errors
    ///
    /// As for [`CredentialsGenerator::generate`].
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, GenerateError> {
        let calls = Progress::default();
        let call = self.inner.generate_with(request, &calls);
        let merchant_id = self.merchant_of(&self.inner);
        of_the_use_case(merchant_id, call, &calls).await
    }
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> Trace<Metrics<CredentialsGenerator<P, O>>> {
    /// Generates one set of credentials and opens it, measured and in a span.
    ///
    /// # Errors
    ///
    /// As for [`CredentialsGenerator::generate`].
    pub async fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, GenerateError> {
        let calls = Progress::default();
        let call = self.inner.generate_within(request, &calls);
        let merchant_id = self.merchant_of(self.inner.generator());
        of_the_use_case(merchant_id, call, &calls).await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<O: CredentialsOpener> CredentialsOpener for Trace<O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let span = span!("open", self.merchant_id);
        let opening = async { self.inner.open(sealed).await }.instrument(span.clone());
        ending::of_an_opening(opening, sealed, |ending| {
            Traced {
                operation: "open",
                merchant_id: self.merchant_id.as_ref(),
                attempts: None,
            }
            .record(&span, ending);
        })
        .await
    }
}

/// Makes a call of the use case in its span.
async fn of_the_use_case(
    merchant_id: Option<MerchantId>,
    call: impl Future<Output = Result<GeneratedCredentials, GenerateError>> + Send,
    calls: &Progress,
) -> Result<GeneratedCredentials, GenerateError> {
    let span = span!("generate_and_open", merchant_id);
    ending::of_a_call(call.instrument(span.clone()), calls, |ending| {
        Traced {
            operation: "generate_and_open",
            merchant_id: merchant_id.as_ref(),
            attempts: Some(ending.attempts),
        }
        .record(&span, ending);
    })
    .await
}

/// What is known of a call besides its ending.
struct Traced<'a> {
    operation: &'static str,
    merchant_id: Option<&'a MerchantId>,
    /// `None` for an opening.
    attempts: Option<u32>,
}

impl Traced<'_> {
    fn record(&self, span: &Span, ending: &Ending<'_>) {
        // By `Display`, which masks: a port may keep an id that looks like a card number.
        let correlation_id = ending.correlation_id.map(display);
        span.record("outcome", ending.outcome)
            .record("delivery", ending.delivery)
            .record("phase", ending.phase)
            .record("correlation_id", ending.correlation_id.map(display))
            .record("attempts", self.attempts)
            .record("clock_skew_seconds", ending.clock_skew_seconds);
        let what = match (ending.outcome, ending.clock_skew_seconds) {
            (ending::OK, None) => None,
            (ending::OK, Some(_)) => Some("the local clock is off"),
            _ => Some("a call failed, panicked or was dropped"),
        };
        if let Some(what) = what {
            // The fields of the span are repeated, since a filter for warnings turns the span off.
            warn!(
                target: "payment_credentials",
                parent: span,
                operation = self.operation,
                merchant_id = self.merchant_id.map(display),
                outcome = ending.outcome,
                delivery = ending.delivery,
                phase = ending.phase,
                status = ending.status,
                correlation_id,
                attempts = self.attempts,
                clock_skew_seconds = ending.clock_skew_seconds,
                "{what}"
            );
        }
    }
}
