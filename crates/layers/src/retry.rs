//! Making a call again where that helps, is allowed, and can still end in time.

mod backoff;
mod earlier;
mod policy;
mod quota;
mod resets;

use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsRequest, MerchantId, PaymentCredentialsPort, Phase, PortError, PortErrorKind,
    SealedCredentials,
};
use tokio::time::{Instant, sleep};

use crate::asked_wait::asked_wait;
use crate::runtime;
use crate::within::within;

use backoff::Backoff;
use earlier::Earlier;
use quota::{Begun, Charge};
use resets::Resets;

pub use policy::{OnUnknownDelivery, RetryPolicy};
pub use quota::RetryQuota;

/// Repeats a call whose error says that this may help.
///
/// What an error's [`repeatability`](PortError::repeatability) says, decides:
///
/// | `repeatability` | such as | made again |
/// |---|---|---|
/// | `Safe` | no connection, 429, 503 of the service itself | yes |
/// | `MayRepeat` | reset after the request was sent, 408, 500, 502, 503 of a mesh, 504 | only after [`OnUnknownDelivery::Repeat`], or where the request [mints nothing](CredentialsRequest::may_mint) |
/// | `Never` | any other refusal, a deadline, a JWE that doesn't open | no |
///
/// and then a call is made again only while all of this holds:
///
/// - **attempts**: at most [`max_retries`](RetryPolicy::max_retries) beside the first.
/// - **time**: whatever it is, a call ends by its [`deadline`](RetryPolicy::deadline). No attempt begins
///   that has less time left than the last one took, or less than
///   [`shortest_attempt`](RetryPolicy::shortest_attempt); the call then ends at once as a `Deadline`
///   whose source is the last attempt's error.
/// - **quota**: there is enough left of the [`RetryQuota`] that all calls of this layer share, and
///   those of other ports too if [you say so](Self::quota).
///
/// Before a retry the call waits for a random part of a window that doubles each time
/// ([`backoff`](RetryPolicy::backoff)), or for the service's `Retry-After` if that is longer: at most 30
/// seconds of it, and if there is less time than that, the refusal is returned at once. A date
/// in it is held against the response's own `Date`, never against the local clock. The wait is the
/// call's own: other calls of the same layer, for whatever merchant, go on.
///
/// Attempts follow each other; none is made on suspicion beside one that still runs, since each
/// answer spends a cryptogram. Each goes through the whole port below, which encrypts and signs
/// anew.
///
/// An error speaks for all attempts: [`attempts`](PortError::attempts) is their number, counting
/// those of a `Retry` below. [`delivery`](PortError::delivery) is `NotSent` only if that holds for
/// each of them, and [`repeatability`](PortError::repeatability) is `Safe` only if none may have spent a
/// cryptogram.
///
/// # A wrong key that looks like a broken network
///
/// Where the key id or the claim name for response message-level encryption is wrong, the
/// vendor's gateway closes the connection on each POST, without a response (seen in issue 240 of
/// its Java client and pull request 191 of its Node client). Five attempts in a row that end in
/// this way, of whichever calls, are no longer repeated, and the error's source says what to check;
/// the next response of any kind ends that.
///
/// Its place in the [order](crate#the-order) is inside of `Trace` and `Metrics`, and outside of the
/// limits. It needs a tokio runtime: a call outside of one is an error, not a panic. On one that was
/// built without time, tokio's timers panic.
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

/// The most of a `Retry-After` that a call waits for.
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

    /// Takes retries from this quota, which other ports may share.
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
        if self.policy.deadline < runtime::CLOCK_TICK {
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
            sleep(wait).await;
            retry = Some(taken.begin());
        }
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.inner.merchant_id()
    }
}

/// What a failed attempt took, and what it left.
struct Time {
    took: Duration,
    left: Duration,
}

/// What follows a failed attempt.
enum Next<'a> {
    /// Another one, after a wait; the quota has been charged.
    After(Duration, Charge<'a>),
    /// Nothing.
    Stop,
    /// Nothing, for want of time alone.
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
        let asked = asked_wait(error).unwrap_or_default().min(MAX_RETRY_AFTER);
        if asked > room {
            return Next::Stop;
        }
        match self.quota.charge() {
            Some(charge) => Next::After(self.backoff.wait(retries, room).max(asked), charge),
            None => Next::Stop,
        }
    }
}

/// The error of a call that leaves no time for another attempt; the last one's is its source.
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
