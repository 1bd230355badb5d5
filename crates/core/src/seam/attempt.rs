use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode};

use crate::error::{Delivery, Phase, PortError};
use crate::response_head::ResponseHead;
use crate::wire;

/// How far one attempt of a call is; shared between who makes it and who may cut it short.
///
/// A transport reports each phase as it is reached, and the head of a response as soon as it has read
/// it. One that doesn't know leaves the record alone: the attempt then counts as
/// [`Phase::Transport`], whose delivery is `Unknown`.
///
/// A call that is given up may be at work on another thread. So what was said of it must hold from
/// then on: a transport that would say `NotSent` asks by [`may_leave`](Self::may_leave) before the
/// first byte, and writes none if it is too late.
#[derive(Clone, Debug, Default)]
pub struct Attempt(Arc<State>);

/// Marks a phase as the last one that counts.
const GIVEN_UP: u8 = 1 << 7;

#[derive(Debug, Default)]
struct State {
    /// The phase, and whether the call has been given up. Both share one atomic, so that writing the
    /// first byte and giving up are strictly ordered.
    phase: AtomicU8,
    reported: Mutex<Reported>,
}

#[derive(Debug, Default)]
struct Reported {
    head: Option<ResponseHead>,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    delivery: Delivery,
    phase: Phase,
    attempts: u32,
}

impl Attempt {
    /// Reports that the attempt has reached a phase.
    pub fn reached(&self, phase: Phase) {
        let reached = |before: u8| Some((before & GIVEN_UP) | phase as u8);
        let state = &self.0.phase;
        // It can't fail: the new state is always there.
        let _before = state.fetch_update(Ordering::AcqRel, Ordering::Acquire, reached);
    }

    /// Reports that bytes of the request are about to be written, as `reached(Phase::Write)` does; false
    /// if the call has been given up before: then none may be.
    #[must_use = "where it is false, nothing may be written"]
    pub fn may_leave(&self) -> bool {
        self.may_reach(Phase::Write)
    }

    /// Reports that the attempt has reached a phase from which on it may have left; false, and nothing is
    /// reported, if the call has been given up before.
    pub(crate) fn may_reach(&self, phase: Phase) -> bool {
        let next = |before: u8| (before & GIVEN_UP == 0).then_some(phase as u8);
        let state = &self.0.phase;
        let before = state.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.is_ok()
    }

    /// Whether nobody waits for the attempt any more.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.0.phase.load(Ordering::Acquire) & GIVEN_UP != 0
    }

    pub(super) fn give_up(&self) {
        self.0.phase.fetch_or(GIVEN_UP, Ordering::AcqRel);
    }

    /// The phase that was reached last.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let reached = self.0.phase.load(Ordering::Acquire) & !GIVEN_UP;
        let phase = Phase::ALL.get(usize::from(reached));
        phase.copied().unwrap_or(Phase::Transport)
    }

    /// Reports that the head of the response has been read, before its body is: every error from here on
    /// carries it, and a refusal whose body is cut, silent or too large is that refusal.
    ///
    /// Not for informational responses (1xx), which are no response yet.
    pub fn head_read(&self, status: StatusCode, headers: &HeaderMap) {
        self.reported().head = Some(ResponseHead::received(status, headers));
    }

    /// Reports how the attempt ended: for a port that has made it.
    ///
    /// The error knows better than the phase: a 500 was answered, and yet may have been acted on.
    pub fn ended(&self, error: &PortError) {
        let mut reported = self.reported();
        reported.end = Some(End {
            delivery: error.delivery(),
            phase: error.phase(),
            attempts: error.attempts(),
        });
        if let Some(head) = error.head() {
            reported.head = Some(head.clone());
        }
    }

    /// The head of the response, if it has been read.
    pub(crate) fn head(&self) -> Option<ResponseHead> {
        self.reported().head.clone()
    }

    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(super) fn attempts(&self) -> u32 {
        self.reported().end.map_or(1, |end| end.attempts.max(1))
    }

    pub(super) fn standing(&self) -> Standing {
        let phase = self.phase();
        let reported = self.reported();
        let (delivery, phase) = match reported.end {
            Some(end) => (end.delivery, end.phase),
            None => (phase.delivery(), phase),
        };
        Standing {
            delivery,
            phase,
            head: reported.head.clone(),
            is_over: reported.end.is_some(),
        }
    }

    fn reported(&self) -> MutexGuard<'_, Reported> {
        // Nothing panics while it is held.
        self.0
            .reported
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far an attempt got, or the one of several that counts.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) delivery: Delivery,
    pub(super) phase: Phase,
    head: Option<ResponseHead>,
    is_over: bool,
}

impl Standing {
    /// The one that got further; the later one, where both got as far.
    pub(super) fn further(self, later: Self) -> Self {
        if self.delivery.is_worse_than(later.delivery) {
            self
        } else {
            later
        }
    }

    /// The error of a call that ran out of time when it stood so.
    pub(super) fn deadline(self) -> PortError {
        let late = PortError::deadline(self.phase).with_delivery(self.delivery);
        let Some(head) = self.head else { return late };
        let late = late.with_head(head.clone());
        // What an attempt that is over was refused for is no longer news.
        match wire::refusal_of(&head, false).filter(|_refusal| !self.is_over) {
            Some(refusal) => refusal.with_source(late),
            None => late,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_each_phase_that_was_reached() {
        let attempt = Attempt::default();
        assert_eq!(attempt.phase(), Phase::Start);
        for phase in Phase::ALL {
            attempt.clone().reached(*phase);
            assert_eq!(attempt.phase(), *phase);
        }
    }

    #[test]
    fn nothing_may_leave_once_a_call_is_given_up_and_its_phase_stays() {
        let attempt = Attempt::default();
        attempt.reached(Phase::Connect);
        attempt.give_up();
        assert_eq!(
            (attempt.phase(), attempt.may_leave()),
            (Phase::Connect, false)
        );
        attempt.reached(Phase::Tls);
        assert!(attempt.is_given_up() && !attempt.may_leave());
        let other = Attempt::default();
        assert!(other.may_leave() && !other.is_given_up());
        assert_eq!(other.phase(), Phase::Write);
    }

    /// Whichever is first, the other one learns of it.
    #[test]
    fn of_a_byte_and_a_caller_that_leave_at_once_one_is_first() {
        for _ in 0..2_000 {
            let attempt = Attempt::default();
            attempt.reached(Phase::Connect);
            let may_leave = std::thread::scope(|scope| {
                let leaves = scope.spawn(|| attempt.may_leave());
                attempt.give_up();
                let delivery = attempt.standing().delivery;
                (leaves.join().expect("no panic"), delivery)
            });
            assert_ne!(may_leave, (true, Delivery::NotSent));
        }
    }
}
