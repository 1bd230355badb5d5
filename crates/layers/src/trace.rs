use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, MerchantId, PaymentCredentials, PaymentCredentialsPort,
    PortError, SealedCredentials,
};
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span, info_span};

use crate::ending::{self, Ending};

/// Makes one `tracing` span of each call of a port, and of each opening of an opener, with what an audit
/// asks for.
///
/// The span is `payment_credentials.generate` or `payment_credentials.open`, of level `INFO` and target
/// `payment_credentials`. Its fields are those that PCI DSS 10.2.2 wants to know of an event; the time
/// is the subscriber's.
///
/// | field | what |
/// |---|---|
/// | `operation` | `generate` or `open` |
/// | `merchant_id` | the merchant whose calls these are |
/// | `outcome` | `ok`, `dropped`, or the [name](payment_credentials_core::PortErrorKind::name) of the error's kind |
/// | `delivery` | whether the service can have acted: `answered`, `not_sent` or `unknown` |
/// | `phase` | where a call ended that failed or was dropped |
/// | `correlation_id` | the service's id for the call, if it answered |
/// | `attempts` | how many attempts were made, where a [`Retry`](crate::Retry) is below; not of an opening |
///
/// No field holds anything of the request or of what was opened: no token id, no card, no message. An
/// id that looks like a card number is masked. A subscriber that writes lines has to be configured to
/// write one when a span closes, such as by `FmtSpan::CLOSE` of `tracing-subscriber`.
///
/// Its place in the [order](crate#the-order) is outermost.
#[derive(Debug)]
pub struct Trace<P> {
    inner: P,
    merchant_id: MerchantId,
}

impl<P> Trace<P> {
    /// Traces the calls that a port makes for a merchant, or what an opener opens for it.
    pub fn new(inner: P, merchant_id: MerchantId) -> Self {
        Self { inner, merchant_id }
    }
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
        let span = info_span!(
            target: "payment_credentials",
            "payment_credentials.generate",
            operation = "generate",
            merchant_id = %self.merchant_id,
            outcome = Empty,
            delivery = Empty,
            phase = Empty,
            correlation_id = Empty,
            attempts = Empty,
        );
        let calls = progress.child();
        let call = self.inner.generate_with(request, &calls);
        ending::of_a_call(call.instrument(span.clone()), &calls, |ending| {
            record(&span, ending);
            span.record("attempts", ending.attempts);
        })
        .await
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<O: CredentialsOpener> CredentialsOpener for Trace<O> {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let span = info_span!(
            target: "payment_credentials",
            "payment_credentials.open",
            operation = "open",
            merchant_id = %self.merchant_id,
            outcome = Empty,
            delivery = Empty,
            phase = Empty,
            correlation_id = Empty,
        );
        let opening = self.inner.open(sealed).instrument(span.clone());
        ending::of_an_opening(opening, sealed, |ending| record(&span, ending)).await
    }
}

fn record(span: &Span, ending: &Ending<'_>) {
    span.record("outcome", ending.outcome)
        .record("delivery", ending.delivery)
        .record("phase", ending.phase)
        // Shown, not as it stands: a port may keep an id that looks like a card number.
        .record("correlation_id", ending.correlation_id.map(display));
}
