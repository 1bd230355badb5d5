use std::fmt;
use std::time::SystemTime;

use crate::clock_skew::ClockSkew;
use crate::configured_key::KeyPurpose;
use crate::id::{CorrelationId, UniqueTransactionId};
use crate::response_head::{ResponseHead, RetryAfter};

use super::{Delivery, Phase, PortErrorKind, Refusal, Repeatability, Source, VendorErrors};

/// Why a port returned no credentials.
///
/// - [`kind`](Self::kind): what to do.
/// - [`delivery`](Self::delivery): whether a cryptogram may have been minted.
/// - [`repeatability`](Self::repeatability): whether the same call may be made again.
/// - [`correlation_id`](Self::correlation_id): the id that the vendor's support needs.
///
/// `Display` is one line without body, address or secret; the cause is in
/// [`source`](std::error::Error::source), for logs.
pub struct PortError(Box<Inner>);

struct Inner {
    kind: PortErrorKind,
    delivery: Delivery,
    phase: Phase,
    repeatability: Repeatability,
    attempts: u32,
    head: Option<ResponseHead>,
    clock_skew: Option<ClockSkew>,
    suspected_refusal: Option<Refusal>,
    vendor: VendorErrors,
    source: Option<Source>,
}

impl PortError {
    /// Makes an error from the four values that a caller branches on.
    ///
    /// ```
    /// use payment_credentials_core::{Delivery, Phase, PortError, PortErrorKind, Repeatability};
    ///
    /// let error = PortError::new(
    ///     PortErrorKind::Connect,
    ///     Delivery::NotSent,
    ///     Phase::Connect,
    ///     Repeatability::Safe,
    /// );
    /// assert_eq!(error.to_string(), "no connection to the service (not sent)");
    /// ```
    #[must_use]
    pub fn new(
        kind: PortErrorKind,
        delivery: Delivery,
        phase: Phase,
        repeatability: Repeatability,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            delivery,
            phase,
            repeatability,
            attempts: 1,
            head: None,
            clock_skew: None,
            suspected_refusal: None,
            vendor: VendorErrors::default(),
            source: None,
        }))
    }

    /// The error of a call that ran out of time in a phase.
    #[must_use]
    pub fn deadline(phase: Phase) -> Self {
        Self::new(
            PortErrorKind::Deadline,
            phase.delivery(),
            phase,
            Repeatability::Never,
        )
    }

    /// The error of a program that isn't set up to make the call. The cause names what to correct; nothing
    /// was sent.
    #[must_use]
    pub fn setup(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let (kind, phase) = (PortErrorKind::Setup, Phase::Start);
        Self::new(kind, Delivery::NotSent, phase, Repeatability::Never).with_source(cause)
    }

    /// Adds the cause, for logs.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(super) fn take_source(&mut self) -> Option<Source> {
        self.0.source.take()
    }

    /// Adds the status, ids and headers of the response.
    #[must_use]
    pub fn with_head(mut self, head: ResponseHead) -> Self {
        self.0.head = Some(head);
        self
    }

    /// Adds the service's own errors from the refusal.
    #[must_use]
    pub fn with_vendor_errors(mut self, vendor: VendorErrors) -> Self {
        self.0.vendor = vendor;
        self
    }

    /// Adds how far the local clock is off, if the response proves it.
    #[must_use]
    pub fn with_clock_skew(mut self, skew: ClockSkew) -> Self {
        self.0.clock_skew = Some(skew);
        self
    }

    /// Adds the meaning that the status would have if the service had sent it.
    pub(crate) fn with_suspected_refusal(mut self, refusal: Refusal) -> Self {
        self.0.suspected_refusal = Some(refusal);
        self
    }

    /// Sets whether the service can have acted on the request: for a layer that knows of more attempts than
    /// the failed one.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// Sets whether the same call may be made again: for a layer that knows of more attempts.
    #[must_use]
    pub fn with_repeatability(mut self, repeatability: Repeatability) -> Self {
        self.0.repeatability = repeatability;
        self
    }

    /// Sets the number of attempts that were made in all.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// What failed, classified by what a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> PortErrorKind {
        self.0.kind
    }

    /// Whether the service can have acted on the request.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// How far the call got.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// Whether the same call may be made again.
    #[must_use]
    pub fn repeatability(&self) -> Repeatability {
        self.0.repeatability
    }

    /// How long the service asks to wait, if the response names a time.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.head.as_ref()?.retry_after()
    }

    /// How far the local clock is off, if the response proves it and it may be the cause of the refusal.
    #[must_use]
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        self.0.clock_skew
    }

    /// The meaning that the status of a [`NotTheService`](crate::UnexpectedResponse::NotTheService) would
    /// have if the service had sent it: for support and logs. Never ask a payer for another card because of
    /// it.
    #[must_use]
    pub fn suspected_refusal(&self) -> Option<Refusal> {
        self.0.suspected_refusal
    }

    /// The response's `Date`: the service's own time when it sent it.
    #[must_use]
    pub fn date(&self) -> Option<SystemTime> {
        self.0.head.as_ref()?.date()
    }

    /// The number of attempts that were made in all.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The HTTP status, if a response came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.head.as_ref().map(ResponseHead::status)
    }

    /// The service's id for the call, which the vendor's support needs.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.0.head.as_ref()?.correlation_id()
    }

    /// The service's second id for the call.
    #[must_use]
    pub fn unique_transaction_id(&self) -> Option<&UniqueTransactionId> {
        self.0.head.as_ref()?.unique_transaction_id()
    }

    /// The status, ids and headers of the response, if one came.
    #[must_use]
    pub fn head(&self) -> Option<&ResponseHead> {
        self.0.head.as_ref()
    }

    /// The service's own errors from the refusal, sanitised and bounded.
    #[must_use]
    pub fn vendor_errors(&self) -> &VendorErrors {
        &self.0.vendor
    }

    /// The service's own code for the refusal, such as `invalidFields`: for dashboards.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.0.vendor.reason()
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.kind.fmt(f)?;
        if self.0.kind == PortErrorKind::Deadline {
            write!(f, " {}", self.0.phase)?;
        }
        if let (PortErrorKind::Decrypt, Some(key)) = (self.0.kind, key_of(self.0.phase)) {
            write!(f, ", {}", key.vendor_name())?;
        }
        if let Some(skew) = self.0.clock_skew {
            write!(f, ": {skew}")?;
        }
        write!(f, " ({}", self.0.delivery)?;
        if let Some(status) = self.status() {
            write!(f, ", status {status}")?;
        }
        if let Some(id) = self.correlation_id() {
            write!(f, ", correlation id {id}")?;
        }
        f.write_str(")")
    }
}

/// The key that opens something in this phase. Reveals only which of the two keys was used, and nothing
/// about what failed.
fn key_of(phase: Phase) -> Option<KeyPurpose> {
    let keys = [
        (Phase::OpenCredentials, KeyPurpose::OpenCredentials),
        (Phase::OpenResponse, KeyPurpose::OpenResponses),
    ];
    let mut keys = keys.into_iter().filter(|(opens_in, _)| *opens_in == phase);
    keys.next().map(|(_, key)| key)
}

impl fmt::Debug for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            kind,
            delivery,
            phase,
            repeatability,
            attempts,
            head,
            clock_skew,
            suspected_refusal,
            vendor,
            source,
        } = &*self.0;
        f.debug_struct("PortError")
            .field("kind", kind)
            .field("delivery", delivery)
            .field("phase", phase)
            .field("repeatability", repeatability)
            .field("attempts", attempts)
            .field("head", head)
            .field("clock_skew", clock_skew)
            .field("suspected_refusal", suspected_refusal)
            .field("vendor", vendor)
            .field("source", source)
            .finish()
    }
}

impl std::error::Error for PortError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
