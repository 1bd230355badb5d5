//! How a call ended, in words from fixed lists.

use std::pin::pin;
use std::thread;

use payment_credentials_core::generator::{GenerateError, GeneratedCredentials};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CorrelationId, Delivery, PaymentCredentials, Phase, PortError, ResponseHead, SealedCredentials,
};

/// The outcome of a call that returned a success.
pub(crate) const OK: &str = "ok";
/// The outcome of a call whose future was dropped before it ended.
const DROPPED: &str = "dropped";

/// How a call ended, for the layers that report it.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    /// `ok`, `dropped`, or the name of the error's kind.
    pub(crate) outcome: &'static str,
    pub(crate) delivery: &'static str,
    /// Where the call ended, if it failed or was dropped.
    pub(crate) phase: Option<&'static str>,
    pub(crate) correlation_id: Option<&'a CorrelationId>,
    /// The status of the response, if one came.
    pub(crate) status: Option<u16>,
    /// The seconds to add to the local time to get the service's, if the error proves that the clock is off.
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

/// Makes a call and reports how it ended, even if it is dropped.
pub(crate) async fn of_a_call<T: Returned, R>(
    call: impl Future<Output = T>,
    progress: &Progress,
    report: R,
) -> T
where
    R: FnOnce(&Ending<'_>),
{
    let dropped = || Ending {
        outcome: DROPPED,
        delivery: progress.give_up().name(),
        phase: Some(progress.phase().name()),
        correlation_id: None,
        status: None,
        clock_skew_seconds: None,
        attempts: progress.attempts(),
    };
    watched(call, dropped, report, |returned, report| {
        match returned.head() {
            Ok(head) => report(&Ending {
                outcome: OK,
                delivery: Delivery::Answered.name(),
                phase: None,
                correlation_id: head.correlation_id(),
                status: Some(head.status()),
                clock_skew_seconds: None,
                attempts: progress.attempts(),
            }),
            Err(error) => report(&Ending {
                // An opener's error doesn't know how many attempts the port made before the opening.
                attempts: error.attempts().max(progress.attempts()),
                ..failed(error)
            }),
        }
    })
    .await
}

/// Opens a response and reports how that ended, even if it is dropped. The delivery is always `Answered`,
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
    let dropped = || answered(DROPPED, Some(Phase::OpenCredentials.name()));
    watched(opening, dropped, report, |opened, report| match opened {
        Ok(_credentials) => report(&answered(OK, None)),
        Err(error) => report(&Ending {
            // Whatever the opener reports: the service has answered.
            delivery: Delivery::Answered.name(),
            ..failed(error)
        }),
    })
    .await
}

/// Reports once: how the work ended, or that it was dropped.
///
/// Reports nothing while a panic unwinds: a second panic, in a subscriber or a recorder, would abort the
/// process.
async fn watched<'d, T, D, R, F>(
    work: impl Future<Output = T>,
    dropped: D,
    report: R,
    finish: F,
) -> T
where
    D: Fn() -> Ending<'d>,
    R: FnOnce(&Ending<'_>),
    F: FnOnce(&T, R),
{
    // Declared before the work, and so dropped after it: until the work is dropped, it could still send the
    // call.
    let mut watch = Watch {
        dropped,
        report: Some(report),
    };
    let work = pin!(work);
    let done = work.await;
    if let Some(report) = watch.report.take() {
        finish(&done, report);
    }
    done
}

/// Reports on drop, unless the work has ended.
struct Watch<'d, D, R>
where
    D: Fn() -> Ending<'d>,
    R: FnOnce(&Ending<'_>),
{
    dropped: D,
    report: Option<R>,
}

impl<'d, D, R> Drop for Watch<'d, D, R>
where
    D: Fn() -> Ending<'d>,
    R: FnOnce(&Ending<'_>),
{
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        if let Some(report) = self.report.take() {
            report(&(self.dropped)());
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
