//! Repeats a failed call if that may help, is allowed, and can still end in time.

mod backoff;
mod earlier;
mod policy;
mod quota;
mod resets;

use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::{Progress, TIMER_RESOLUTION};
use payment_credentials_core::{
    CredentialsRequest, MerchantId, PaymentCredentialsPort, Phase, PortError, PortErrorKind,
    SealedCredentials,
};
use tokio::time::{Instant, sleep};

use crate::requested_wait::requested_wait;
use crate::runtime;
use crate::within::within;

use backoff::Backoff;
use earlier::Earlier;
use quota::{Begun, Charge};
use resets::Resets;

pub use policy::{OnUnknownDelivery, RetryPolicy};
pub use quota::RetryQuota;

/// Repeats a call whose error reports that this may help.
///
/// The error's [`repeatability`](PortError::repeatability) decides:
///
/// | `repeatability` | such as | repeated |
/// |---|---|---|
/// | `Safe` | no connection, 429, 503 of the service itself | yes |
/// | `MayRepeat` | reset after the request was sent, 408, 500, 502, 503 of a mesh, 504 | only after [`OnUnknownDelivery::Repeat`], or if the request [mints nothing](CredentialsRequest::may_mint) |
/// | `Never` | any other refusal, a deadline, a JWE that doesn't open | no |
///
/// A call is then repeated only while all of these conditions hold:
///
/// - **attempts**: at most [`max_retries`](RetryPolicy::max_retries) attempts after the first.
/// - **time**: each call ends by its [`deadline`](RetryPolicy::deadline) in any case. No attempt begins if
///   less time is left than the last attempt took, or less than
///   [`shortest_attempt`](RetryPolicy::shortest_attempt). In that case the call ends at once as a
///   `Deadline` whose source is the last attempt's error.
/// - **quota**: enough is left of the [`RetryQuota`], which all calls of this layer share;
///   [`quota`](Self::quota) shares it with other ports too.
///
/// Before a retry, the call waits for a random part of a window that doubles each time
/// ([`backoff`](RetryPolicy::backoff)). If the service's `Retry-After` is longer, the call waits for that
/// instead, but for at most 30 seconds of it. If less time than that is left, the layer returns the refusal
/// at once. If `Retry-After` is a date, the wait counts from the response's own `Date`, and from the
/// local clock only if there is none. Only this call waits: other calls of the same layer continue, including those of other
/// merchants.
///
/// Attempts run one after another. No attempt begins while another one still runs, since each success
/// spends a cryptogram. Each attempt passes through the whole port below, which encrypts and signs the
/// request again.
///
/// The error describes all attempts together: [`attempts`](PortError::attempts) is their number, including
/// those of a `Retry` below. [`delivery`](PortError::delivery) is `NotSent` only if that holds for each of
/// them. [`repeatability`](PortError::repeatability) is `Safe` only if none of them may have spent a
/// cryptogram.
///
/// # A wrong key that looks like a broken network
///
/// If the key id or the claim name for response message-level encryption is wrong, the vendor's front
/// end closes the connection on each POST, without a response (reported in issue 240 of its Java client and
/// pull request 191 of its Node client). After five attempts in a row that end in this way, of any calls,
/// the layer no longer repeats such attempts, and the error's source names the settings to check. The next
/// response of any kind ends this state.
///
/// In the [order](crate#the-order) of layers, this one is inside of `Trace` and `Metrics`, and outside of
/// the limits. It needs a tokio runtime with timers: any other call is an error of the kind
/// [`Setup`](PortErrorKind::Setup).
///
/// ```
/// use std::time::Duration;
/// use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
/// use payment_credentials_layers::{Retry, RetryPolicy};
/// use payment_credentials_mock::{failures, fixtures::Fixture, scripted};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (port, script) = scripted();
/// script.will_return(Err(failures::connect()));
/// script.will_return(Ok(Fixture::VisaV3.sealed()));
///
/// let policy = RetryPolicy::default().deadline(Duration::from_secs(10));
/// let port = Retry::with_policy(port, &policy);
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// assert!(port.generate(&request).await.is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Retry<P> {
    inner: P,
    policy: RetryPolicy,
    backoff: Backoff,
    quota: RetryQuota,
    resets: Resets,
}

/// The longest part of a `Retry-After` that a call waits for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

impl<P> Retry<P> {
    /// Retries a port's calls by the default [policy](RetryPolicy), with a quota of its own.
    pub fn new(inner: P) -> Self {
        Self::with_policy(inner, &RetryPolicy::default())
    }

    /// Retries a port's calls by a policy, with a quota of its own.
    pub fn with_policy(inner: P, policy: &RetryPolicy) -> Self {
        Self {
            inner,
            policy: policy.clone(),
            backoff: policy.waits(),
            quota: RetryQuota::default(),
            resets: Resets::default(),
        }
    }

    /// Takes the units of retries from this quota, which other ports may share.
    #[must_use]
    pub fn quota(mut self, quota: RetryQuota) -> Self {
        self.quota = quota;
        self
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: PaymentCredentialsPort> PaymentCredentialsPort for Retry<P> {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        self.generate_with(request, &Progress::default()).await
    }

    async fn generate_with(
        &self,
        request: &CredentialsRequest,
        progress: &Progress,
    ) -> Result<SealedCredentials, PortError> {
        runtime::require()?;
        if self.policy.deadline < TIMER_RESOLUTION {
            return Err(PortError::deadline(Phase::Start));
        }
        let start = Instant::now();
        let mut earlier = Earlier::default();
        let mut retry = None;
        loop {
            let begun = start.elapsed();
            let left = self.policy.deadline.saturating_sub(begun);
            let calls = progress.child();
            let attempt = self.inner.generate_with(request, &calls);
            let attempt = within(left, &calls, attempt).await;
            let spent = start.elapsed();
            let error = match attempt {
                Ok(Ok(sealed)) => {
                    self.resets.answered();
                    match retry {
                        Some(retry) => Begun::succeeded(retry),
                        None => self.quota.succeeded(),
                    }
                    return Ok(sealed);
                }
                Ok(Err(error)) | Err(error) => error,
            };
            self.resets.note(&error);
            let time = Time {
                took: spent.saturating_sub(begun),
                left: self.policy.deadline.saturating_sub(spent),
            };
            let (wait, taken) = match self.next(request, &error, earlier.retries(), &time) {
                Next::After(wait, taken) => (wait, taken),
                Next::Stop => return Err(self.resets.explain(earlier.end(error))),
                Next::TooLate => return Err(earlier.end(too_late(error))),
            };
            earlier.add(error);
            runtime::timer(|| sleep(wait))?.await;
            retry = Some(taken.begin());
        }
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}

/// The time that a failed attempt took, and the time that is left.
struct Time {
    took: Duration,
    left: Duration,
}

/// What follows a failed attempt.
enum Next<'a> {
    /// Another attempt, after a wait; the quota has been charged.
    After(Duration, Charge<'a>),
    /// No other attempt.
    Stop,
    /// No other attempt, only because too little time is left.
    TooLate,
}

impl<P> Retry<P> {
    fn next(
        &self,
        request: &CredentialsRequest,
        error: &PortError,
        retries: u32,
        time: &Time,
    ) -> Next<'_> {
        use payment_credentials_core::Repeatability::{MayRepeat, Never, Safe};
        let is_allowed = match error.repeatability() {
            Safe => true,
            MayRepeat => {
                let by_opt_in = self.policy.on_unknown_delivery == OnUnknownDelivery::Repeat;
                (by_opt_in || !request.may_mint()) && !self.resets.is_permanent(error)
            }
            Never | _ => false,
        };
        if !is_allowed || retries >= self.policy.max_retries {
            return Next::Stop;
        }
        let needed = time.took.max(self.policy.shortest_attempt);
        let Some(room) = time.left.checked_sub(needed) else {
            return Next::TooLate;
        };
        let asked = requested_wait(error)
            .unwrap_or_default()
            .min(MAX_RETRY_AFTER);
        if asked > room {
            return Next::Stop;
        }
        match self.quota.charge() {
            Some(charge) => Next::After(self.backoff.wait(retries, room).max(asked), charge),
            None => Next::Stop,
        }
    }
}

/// The error of a call that has no time left for another attempt; its source is the last attempt's error.
fn too_late(error: PortError) -> PortError {
    let (kind, never) = (
        PortErrorKind::Deadline,
        payment_credentials_core::Repeatability::Never,
    );
    let mut late = PortError::new(kind, error.delivery(), error.phase(), never)
        .with_attempts(error.attempts())
        .with_vendor_errors(error.vendor_errors().clone());
    if let Some(head) = error.head() {
        late = late.with_head(head.clone());
    }
    late.with_source(error)
}
