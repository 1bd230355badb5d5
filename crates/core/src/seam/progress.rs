use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::answer_head::AnswerHead;
use crate::error::{Phase, PortError};

/// How far a call is; shared between who makes it and who holds its deadline.
///
/// A transport tells each phase as it is reached. One that can't tell leaves the record alone:
/// the call then counts as [`Phase::Transport`], whose delivery is `Unknown`.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Record>);

#[derive(Debug, Default)]
struct Record {
    phase: AtomicU8,
    attempts: AtomicU32,
    head: Mutex<Option<AnswerHead>>,
}

impl Progress {
    /// Tells that the call has reached a phase.
    pub fn reached(&self, phase: Phase) {
        self.0.phase.store(phase as u8, Ordering::Release);
    }

    /// The phase that was reached last.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let reached = self.0.phase.load(Ordering::Acquire);
        let phase = Phase::ALL.get(usize::from(reached));
        phase.copied().unwrap_or(Phase::Transport)
    }

    /// Tells that an attempt begins, and returns how many have; what was answered before is over.
    pub(crate) fn attempt(&self) -> u32 {
        *self.head() = None;
        self.0.attempts.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tells that an answer's head is there, so that an error from here on can carry it.
    pub(crate) fn answered(&self, head: AnswerHead) {
        *self.head() = Some(head);
    }

    /// The error of a call that ran out of time now.
    #[must_use]
    pub fn deadline(&self) -> PortError {
        let attempts = self.0.attempts.load(Ordering::Relaxed).max(1);
        let error = PortError::deadline(self.phase()).with_attempts(attempts);
        match self.head().clone() {
            Some(head) => error.with_head(head),
            None => error,
        }
    }

    fn head(&self) -> MutexGuard<'_, Option<AnswerHead>> {
        // Nothing panics while it is held.
        self.0.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Delivery;

    #[test]
    fn tells_each_phase_that_was_reached() {
        let progress = Progress::default();
        assert_eq!(progress.phase(), Phase::Start);
        for phase in Phase::ALL {
            progress.clone().reached(phase);
            assert_eq!(progress.phase(), phase);
        }
    }

    #[test]
    fn a_deadline_carries_the_head_of_an_answer() {
        let progress = Progress::default();
        progress.reached(Phase::Unseal);
        let id = "6612345".parse().expect("an id");
        progress.answered(AnswerHead::new(201).with_correlation_id(id));
        let error = progress.deadline();
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
        assert_eq!(error.attempts(), 1);
    }

    #[test]
    fn a_second_attempt_forgets_what_the_first_was_answered() {
        let progress = Progress::default();
        assert_eq!(progress.attempt(), 1);
        progress.answered(AnswerHead::new(401));
        assert_eq!(progress.attempt(), 2);
        progress.reached(Phase::Connect);
        let error = progress.deadline();
        assert_eq!((error.status(), error.attempts()), (None, 2));
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}
