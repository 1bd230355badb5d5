//! How a call ended, in words from fixed lists.

use std::pin::pin;
use std::thread;

use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CorrelationId, Delivery, PaymentCredentials, Phase, PortError, ResponseHead, SealedCredentials,
};

/// How a call ended, for those who report it.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    /// `ok`, `dropped`, or the name of the error's kind.
    pub(crate) outcome: &'static str,
    pub(crate) delivery: &'static str,
    /// Where a call ended that failed or was dropped.
    pub(crate) phase: Option<&'static str>,
    pub(crate) correlation_id: Option<&'a CorrelationId>,
    pub(crate) attempts: u32,
}

type Generated = Result<SealedCredentials, PortError>;

type Opened = Result<PaymentCredentials, PortError>;

/// Makes a call and reports how it ended, even if it is dropped.
pub(crate) async fn of_a_call<R>(
    call: impl Future<Output = Generated>,
    progress: &Progress,
    report: R,
) -> Generated
where
    R: FnOnce(&Ending<'_>),
{
    let dropped = || Ending {
        outcome: "dropped",
        delivery: progress.give_up().name(),
        phase: Some(progress.phase().name()),
        correlation_id: None,
        attempts: progress.attempts(),
    };
    watched(call, dropped, report, |generated, report| match generated {
        Ok(sealed) => report(&Ending {
            outcome: "ok",
            delivery: Delivery::Answered.name(),
            phase: None,
            correlation_id: sealed.head().correlation_id(),
            attempts: progress.attempts(),
        }),
        Err(error) => report(&failed(error)),
    })
    .await
}

/// Opens and reports how that ended, even if it is dropped. What is opened has been answered.
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
        attempts: 1,
    };
    let dropped = || answered("dropped", Some(Phase::Open.name()));
    watched(opening, dropped, report, |opened, report| match opened {
        Ok(_credentials) => report(&answered("ok", None)),
        Err(error) => report(&failed(error)),
    })
    .await
}

/// Reports once: how the work ended, or that it was dropped.
///
/// Not while a panic unwinds: a second one, out of a subscriber or a recorder, would abort the
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
    // Declared before the work, and so dropped after it: until then a call could still leave.
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

/// Watches work that may be dropped.
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
        attempts: error.attempts(),
    }
}
