//! How a call ended, in words from fixed lists.

use std::pin::pin;
use std::thread;

use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CorrelationId, Delivery, PortError, ResponseHead, SealedCredentials,
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

type Answer = Result<SealedCredentials, PortError>;

/// Makes a call and reports how it ended, even if it is dropped.
///
/// Not while a panic unwinds: a second one, out of a subscriber or a recorder, would abort the
/// process.
pub(crate) async fn told<T>(
    call: impl Future<Output = Answer>,
    progress: &Progress,
    tell: T,
) -> Answer
where
    T: FnOnce(&Ending<'_>),
{
    // Declared before the call, and so dropped after it: until then the call could still leave.
    let mut watch = Watch {
        progress,
        tell: Some(tell),
    };
    let call = pin!(call);
    let answer = call.await;
    if let Some(tell) = watch.tell.take() {
        tell(&ending(&answer, progress.attempts()));
    }
    answer
}

/// Watches a call, which may be dropped.
struct Watch<'a, T: FnOnce(&Ending<'_>)> {
    progress: &'a Progress,
    tell: Option<T>,
}

impl<T: FnOnce(&Ending<'_>)> Drop for Watch<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        if let Some(tell) = self.tell.take() {
            let progress = self.progress;
            tell(&Ending {
                outcome: "dropped",
                delivery: progress.give_up().name(),
                phase: Some(progress.phase().name()),
                correlation_id: None,
                attempts: progress.attempts(),
            });
        }
    }
}

fn ending(answer: &Answer, attempts: u32) -> Ending<'_> {
    match answer {
        Ok(sealed) => Ending {
            outcome: "ok",
            delivery: Delivery::Answered.name(),
            phase: None,
            correlation_id: sealed.head().correlation_id(),
            attempts,
        },
        Err(error) => Ending {
            outcome: error.kind().name(),
            delivery: error.delivery().name(),
            phase: Some(error.phase().name()),
            correlation_id: error.head().and_then(ResponseHead::correlation_id),
            attempts: error.attempts(),
        },
    }
}
