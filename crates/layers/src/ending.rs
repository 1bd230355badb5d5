//! How a call ended, in words from fixed lists.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::Poll;
use std::thread;

use payment_credentials_core::generator::{GenerateError, GeneratedCredentials};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CorrelationId, Delivery, PaymentCredentials, Phase, PortError, PortErrorKind, ResponseHead,
    SealedCredentials,
};

/// The outcome of a call that returned a success.
pub(crate) const OK: &str = "ok";
/// The outcome of a call whose future was dropped before it ended.
const DROPPED: &str = "dropped";
/// The outcome of a call whose future panicked.
const PANICKED: &str = "panicked";

/// Every word that an outcome can be.
pub(crate) fn outcomes() -> impl Iterator<Item = &'static str> {
    let kinds = PortErrorKind::all().map(PortErrorKind::name);
    [OK, DROPPED, PANICKED].into_iter().chain(kinds)
}

/// How a call ended, for the layers that report it.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    /// `ok`, `dropped`, `panicked`, or the name of the error's kind.
    pub(crate) outcome: &'static str,
    pub(crate) delivery: &'static str,
    /// Where the call ended, unless it succeeded.
    pub(crate) phase: Option<&'static str>,
    pub(crate) correlation_id: Option<&'a CorrelationId>,
    /// The status of the response, if one came.
    pub(crate) status: Option<u16>,
    /// The seconds to add to the local time to get the service's, if a response proves that the clock is off.
    pub(crate) clock_skew_seconds: Option<i64>,
    pub(crate) attempts: u32,
}

type Opened = Result<PaymentCredentials, PortError>;

/// What a call returned, for the layers that report it.
pub(crate) trait Returned {
    /// The head of the response, or the error.
    fn head(&self) -> Result<&ResponseHead, &PortError>;
}

impl Returned for Result<SealedCredentials, PortError> {
    fn head(&self) -> Result<&ResponseHead, &PortError> {
        self.as_ref().map(SealedCredentials::head)
    }
}

impl Returned for Result<GeneratedCredentials, GenerateError> {
    fn head(&self) -> Result<&ResponseHead, &PortError> {
        self.as_ref()
            .map(|generated| &generated.head)
            .map_err(GenerateError::port_error)
    }
}

/// Makes a call and reports how it ended, even if it is dropped or panics.
pub(crate) async fn of_a_call<T: Returned, R>(
    call: impl Future<Output = T>,
    progress: &Progress,
    report: R,
) -> T
where
    R: FnOnce(&Ending<'_>),
{
    let skew = || progress.clock_skew().map(|skew| skew.seconds());
    let unfinished = |outcome, report: R| {
        let delivery = progress.give_up();
        let head = progress.head();
        report(&Ending {
            outcome,
            delivery: delivery.name(),
            phase: Some(progress.phase().name()),
            correlation_id: head.as_ref().and_then(ResponseHead::correlation_id),
            status: head.as_ref().map(ResponseHead::status),
            clock_skew_seconds: skew(),
            attempts: progress.attempts(),
        });
    };
    watched(call, unfinished, report, |returned, report| {
        match returned.head() {
            Ok(head) => report(&Ending {
                outcome: OK,
                delivery: Delivery::Answered.name(),
                phase: None,
                correlation_id: head.correlation_id(),
                status: Some(head.status()),
                clock_skew_seconds: skew(),
                attempts: progress.attempts(),
            }),
            Err(error) => report(&Ending {
                // An opener's error doesn't know what the port's attempts before the opening were.
                attempts: error.attempts().max(progress.attempts()),
                clock_skew_seconds: clock_skew_seconds(error).or_else(skew),
                ..failed(error)
            }),
        }
    })
    .await
}

/// Opens a response and reports how that ended, even if it is dropped or panics. The delivery is always `Answered`,
/// since the response came from the service.
pub(crate) async fn of_an_opening<R>(
    opening: impl Future<Output = Opened>,
    sealed: &SealedCredentials,
    report: R,
) -> Opened
where
    R: FnOnce(&Ending<'_>),
{
    let answered = |outcome, phase| Ending {
        outcome,
        delivery: Delivery::Answered.name(),
        phase,
        correlation_id: sealed.head().correlation_id(),
        status: Some(sealed.head().status()),
        clock_skew_seconds: None,
        attempts: 1,
    };
    let unfinished = |outcome, report: R| {
        report(&answered(outcome, Some(Phase::OpenCredentials.name())));
    };
    watched(opening, unfinished, report, |opened, report| match opened {
        Ok(_credentials) => report(&answered(OK, None)),
        Err(error) => report(&Ending {
            // Whatever the opener reports: the service has answered.
            delivery: Delivery::Answered.name(),
            ..failed(error)
        }),
    })
    .await
}

/// Reports once: how the work ended, or that it was dropped or panicked.
async fn watched<T, R, U, F>(
    work: impl Future<Output = T>,
    unfinished: U,
    report: R,
    finish: F,
) -> T
where
    U: FnOnce(&'static str, R),
    F: FnOnce(&T, R),
{
    // Declared before the work, and so dropped after it: until the work is dropped, it could still send the
    // call.
    let mut watch = Watch(Some((unfinished, report)));
    let ended = catching(work).await;
    let watched = watch.0.take();
    match (ended, watched) {
        (Ok(done), Some((_, report))) => {
            finish(&done, report);
            done
        }
        (Ok(done), None) => done,
        (Err(panic), watched) => {
            // Of two panics that of the work goes on, rather than that of a recorder or a subscriber.
            let _reported = catch_unwind(AssertUnwindSafe(|| {
                if let Some((unfinished, report)) = watched {
                    unfinished(PANICKED, report);
                }
            }));
            resume_unwind(panic)
        }
    }
}

/// Runs the work until it ends or panics, and drops it.
///
/// Nothing sees the work's state after a panic, so it doesn't matter in which state the panic left it.
async fn catching<T>(work: impl Future<Output = T>) -> thread::Result<T> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// Reports on drop, unless the work has ended.
///
/// Reports nothing while a panic of other code unwinds: a second panic, in a subscriber or a recorder, would
/// abort the process.
struct Watch<R, U: FnOnce(&'static str, R)>(Option<(U, R)>);

impl<R, U: FnOnce(&'static str, R)> Drop for Watch<R, U> {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        if let Some((unfinished, report)) = self.0.take() {
            unfinished(DROPPED, report);
        }
    }
}

fn failed(error: &PortError) -> Ending<'_> {
    Ending {
        outcome: error.kind().name(),
        delivery: error.delivery().name(),
        phase: Some(error.phase().name()),
        correlation_id: error.head().and_then(ResponseHead::correlation_id),
        status: error.status(),
        clock_skew_seconds: clock_skew_seconds(error),
        attempts: error.attempts(),
    }
}

/// The skew that any of a call's attempts proved: the attempt that is reported may be another one.
fn clock_skew_seconds(error: &PortError) -> Option<i64> {
    let other = || error.other_attempt().and_then(PortError::clock_skew);
    error.clock_skew().or_else(other).map(|skew| skew.seconds())
}
