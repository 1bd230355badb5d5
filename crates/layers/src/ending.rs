//! How a call ended, in words from fixed lists.

use std::pin::pin;
use std::thread;

use payment_credentials_core::{AnswerHead, CorrelationId, Delivery, PortError, SealedCredentials};

use crate::record::Record;

/// How a call ended, for those who tell of it.
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

/// Makes a call and tells how it ended, even if it is dropped.
///
/// Not while a panic unwinds: a second one, out of a subscriber or a recorder, would abort the
/// process.
pub(crate) async fn told<T>(call: impl Future<Output = Answer>, tell: T) -> Answer
where
    T: FnOnce(&Ending<'_>),
{
    let record = Record::current();
    let mut call = pin!(record.scope(call));
    // Declared after the call, and so dropped before it, while it is known whether the call waits.
    let mut watch = Watch {
        record: &record,
        before: record.retries(),
        tell: Some(tell),
    };
    let answer = call.as_mut().await;
    if let Some(tell) = watch.tell.take() {
        tell(&ending(&answer, watch.attempts()));
    }
    answer
}

/// Watches a call, which may be dropped.
struct Watch<'a, T: FnOnce(&Ending<'_>)> {
    record: &'a Record,
    before: u32,
    tell: Option<T>,
}

impl<T: FnOnce(&Ending<'_>)> Watch<'_, T> {
    fn attempts(&self) -> u32 {
        1 + self.record.retries() - self.before
    }
}

impl<T: FnOnce(&Ending<'_>)> Drop for Watch<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        if let Some(tell) = self.tell.take() {
            let phase = self.record.phase();
            tell(&Ending {
                outcome: "dropped",
                delivery: phase.delivery().name(),
                phase: Some(phase.name()),
                correlation_id: None,
                attempts: self.attempts(),
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
            correlation_id: error.head().and_then(AnswerHead::correlation_id),
            attempts: error.attempts(),
        },
    }
}
