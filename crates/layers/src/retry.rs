//! Making a call again where that helps, is allowed, and can still end in time.

mod backoff;
mod earlier;
mod quota;
mod resets;

use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort, Phase, PortError, PortErrorKind, RetryAfter,
    SealedCredentials,
};
use tokio::time::{Instant, sleep};

use crate::runtime;
use crate::within::within;

use backoff::Backoff;
use earlier::Earlier;
use quota::{Begun, Charge, Quota};
use resets::Resets;

/// Makes a call again where its error says that this may help.
///
/// What an error's [`retry`](PortError::retry) says, decides:
///
/// | `retry` | such as | made again |
/// |---|---|---|
/// | `Safe` | no connection, 429, 503 of the service itself | yes |
/// | `MayRepeat` | reset after the request was sent, 408, 500, 502, 503 of a mesh, 504 | only after [`Repeat::UnknownDelivery`] |
/// | `Never` | any other refusal, a deadline, a JWE that doesn't open | no |
///
/// and then a call is made again only while all of this holds:
///
/// - **attempts**: at most [`max_retries`](Self::max_retries) beside the first.
/// - **time**: whatever it is, a call ends by its [`deadline`](Self::deadline). No attempt begins
///   that has less time left than the last one took, or less than
///   [`shortest_attempt`](Self::shortest_attempt); the call then ends at once as a `Deadline`
///   whose source is the last attempt's error.
/// - **quota**: all calls of this layer share 500 units. A retry takes 14, a retry that succeeds
///   gives them back, a call that succeeds at once gives back 1. So a service that is down is
///   asked some 35 times more than it would have been, and one that recovers is retried for at
///   most every 14th call. The numbers are those of the AWS SDKs ([retry behavior]).
///
/// Before a retry the call waits for a random part of a window that doubles each time
/// ([`backoff`](Self::backoff)), or for the service's `Retry-After` if that is longer: at most 30
/// seconds of it, and if there is less time than that, the refusal is returned at once. A date
/// in it is held against the answer's own `Date`, never against the local clock. The wait is the
/// call's own: other calls of the same layer, for whatever merchant, go on.
///
/// Attempts follow each other; none is made on suspicion beside one that still runs, since each
/// answer spends a cryptogram. Each goes through the whole port below, which encrypts and signs
/// anew.
///
/// An error tells of all attempts: [`attempts`](PortError::attempts) is their number, counting
/// those of a `Retry` below. [`delivery`](PortError::delivery) is `NotSent` only if that holds for
/// each of them, and [`retry`](PortError::retry) is `Safe` only if none may have spent a
/// cryptogram.
///
/// # A wrong key that looks like a broken network
///
/// Where the key id or the claim name for response message-level encryption is wrong, the
/// vendor's gateway closes the connection on each POST, without an answer (seen in issue 240 of
/// its Java client and pull request 191 of its Node client). Five attempts in a row that end in
/// this way, of whichever calls, are no longer repeated, and the error's source says what to check;
/// the next answer of any kind ends that.
///
/// Its place in the [order](crate#the-order) is inside of `Trace` and `Metrics`, and outside of the
/// limits. It needs a tokio runtime: a call outside of one is an error, not a panic. On one that was
/// built without time, tokio's timers panic.
///
/// ```
/// use std::time::Duration;
/// use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
/// use payment_credentials_layers::Retry;
/// use payment_credentials_mock::{failures, fixtures::Fixture, scripted};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (port, script) = scripted();
/// script.answer(Err(failures::connect()));
/// script.answer(Ok(Fixture::VisaV3.sealed()));
///
/// let port = Retry::new(port).deadline(Duration::from_secs(10));
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// assert!(port.generate(&request).await.is_ok());
/// # Ok(())
/// # }
/// ```
///
/// [retry behavior]: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
#[derive(Debug)]
pub struct Retry<P> {
    inner: P,
    max_retries: u32,
    repeat: Repeat,
    deadline: Duration,
    shortest_attempt: Duration,
    backoff: Backoff,
    quota: Quota,
    resets: Resets,
}

/// Whether a call is repeated that may have been acted on.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Repeat {
    /// It isn't: that is for the caller to decide, call by call.
    #[default]
    Never,
    /// It is, and so may spend a second cryptogram; card networks count the unused ones.
    UnknownDelivery,
}

/// Two retries, as the AWS SDKs have and the vendor's own don't.
const MAX_RETRIES: u32 = 2;

/// As long as a call of `HyperPort` may take by default.
const DEADLINE: Duration = Duration::from_secs(30);

/// The service answers within a second, and mostly well within.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(500);

/// The most of a `Retry-After` that a call waits for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

impl<P> Retry<P> {
    /// Retries a port's calls, with settings that suit a checkout.
    pub fn new(inner: P) -> Self {
        Self {
            inner,
            max_retries: MAX_RETRIES,
            repeat: Repeat::default(),
            deadline: DEADLINE,
            shortest_attempt: SHORTEST_ATTEMPT,
            backoff: Backoff::default(),
            quota: Quota::default(),
            resets: Resets::default(),
        }
    }

    /// Makes at most this many attempts beside the first; 2 by default.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Says whether to repeat what may have been acted on; by default it isn't repeated.
    #[must_use]
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// Bounds all attempts of a call and the waits between them together; 30 seconds by default. With
    /// less than a millisecond no call begins.
    ///
    /// An attempt that still runs then is dropped, and counts as `Unknown`. The port below knows
    /// better how far its attempt got: where both deadlines pass together, the port's is told.
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Begins no retry that has less time than this; half a second by default.
    #[must_use]
    pub fn shortest_attempt(mut self, time: Duration) -> Self {
        self.shortest_attempt = time;
        self
    }

    /// Sets the window of the first wait, and the most that doubling makes of it; 3 and 20 seconds
    /// by default.
    ///
    /// A wait is anything between nothing and the window, so that a thousand clients that fail
    /// together come back one by one: with 3 seconds, no tenth of a second sees over 5 % of them.
    #[must_use]
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.backoff.set_windows(first, most);
        self
    }

    /// Makes the waits repeatable, for tests; by default they differ from process to process.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.backoff.set_seed(seed);
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
        if self.deadline < runtime::CLOCK_TICK {
            return Err(PortError::deadline(Phase::Start));
        }
        let start = Instant::now();
        let mut earlier = Earlier::default();
        let mut retry = None;
        loop {
            let begun = start.elapsed();
            let left = self.deadline.saturating_sub(begun);
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
                left: self.deadline.saturating_sub(spent),
            };
            let (wait, taken) = match self.next(&error, earlier.retries(), &time) {
                Next::After(wait, taken) => (wait, taken),
                Next::Stop => return Err(self.resets.explain(earlier.end(error))),
                Next::TooLate => return Err(earlier.end(too_late(error))),
            };
            earlier.add(error);
            sleep(wait).await;
            retry = Some(taken.begin());
        }
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
    fn next(&self, error: &PortError, retries: u32, time: &Time) -> Next<'_> {
        use payment_credentials_core::Retry::{MayRepeat, Never, Safe};
        let is_allowed = match error.retry() {
            Safe => true,
            MayRepeat => self.repeat == Repeat::UnknownDelivery && !self.resets.is_permanent(error),
            Never | _ => false,
        };
        if !is_allowed || retries >= self.max_retries {
            return Next::Stop;
        }
        let needed = time.took.max(self.shortest_attempt);
        let Some(room) = time.left.checked_sub(needed) else {
            return Next::TooLate;
        };
        let asked = asked_wait(error).min(MAX_RETRY_AFTER);
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
        payment_credentials_core::Retry::Never,
    );
    let mut late = PortError::new(kind, error.delivery(), error.phase(), never)
        .with_attempts(error.attempts())
        .with_vendor_errors(error.vendor_errors().clone());
    if let Some(head) = error.head() {
        late = late.with_head(head.clone());
    }
    late.with_source(error)
}

/// How long the service asks to wait; nothing, if it doesn't say or can't be understood.
fn asked_wait(error: &PortError) -> Duration {
    let wait = match error.retry_after() {
        Some(RetryAfter::Delay(delay)) => Some(delay),
        Some(RetryAfter::At(time)) => {
            let now = error.server_time();
            now.and_then(|now| time.duration_since(now).ok())
        }
        Some(_) | None => None,
    };
    wait.unwrap_or_default()
}
