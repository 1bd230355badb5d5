use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode};

use crate::clock_skew::ClockSkew;
use crate::error::{Delivery, Phase, PortError};
use crate::response_head::ResponseHead;
use crate::wire;

/// Records how far one attempt of a call is. The port that makes the attempt and the layers that may end it
/// share this record.
///
/// A transport reports each phase when it reaches it, and the head of a response as soon as it has read it.
/// A transport that doesn't know its phases reports nothing: the attempt then counts as
/// [`Phase::Transport`], whose delivery is `Unknown`.
///
/// A call that is given up may still run on another thread, so the delivery that was reported at that
/// moment must stay true. A transport that would report `NotSent` therefore calls
/// [`may_leave`](Self::may_leave) before it writes the first byte, and writes nothing if that returns
/// false.
#[derive(Clone, Debug, Default)]
pub struct Attempt(Arc<State>);

/// Set once the call is given up: the phase no longer changes.
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
    clock_skew: Option<ClockSkew>,
}

impl Attempt {
    /// Reports that the attempt has reached a phase.
    pub fn reached(&self, phase: Phase) {
        let reached = |before: u8| Some((before & GIVEN_UP) | phase as u8);
        let state = &self.0.phase;
        // Always succeeds: the closure always returns a new state.
        let _before = state.fetch_update(Ordering::AcqRel, Ordering::Acquire, reached);
    }

    /// Reports that the transport is about to write bytes of the request, like `reached(Phase::Write)`.
    /// Returns false if the call was given up before; the transport then must not write any.
    #[must_use = "if it is false, the transport must not write"]
    pub fn may_leave(&self) -> bool {
        self.may_reach(Phase::Write)
    }

    /// Reports that the attempt has reached a phase from which on the request may have been sent. Returns
    /// false, and reports nothing, if the call was given up before.
    pub(crate) fn may_reach(&self, phase: Phase) -> bool {
        let next = |before: u8| (before & GIVEN_UP == 0).then_some(phase as u8);
        let state = &self.0.phase;
        let before = state.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.is_ok()
    }

    /// Whether the caller has given the attempt up.
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

    /// Reports that the head of the response has been read; call this before reading the body. Every later
    /// error then carries the head, and a refusal stays that refusal even if its body breaks off, never
    /// comes or is too large.
    ///
    /// Don't call this for informational responses (1xx), since a final response follows them.
    pub fn head_read(&self, status: StatusCode, headers: &HeaderMap) {
        self.reported().head = Some(ResponseHead::received(status, headers));
    }

    /// Reports how the attempt ended: for the port that made the attempt.
    ///
    /// The error is more exact than the phase: a 500 is a response, and yet the service may have acted on
    /// the request.
    pub fn ended(&self, error: &PortError) {
        let mut reported = self.reported();
        reported.end = Some(End {
            delivery: error.delivery(),
            phase: error.phase(),
            attempts: error.attempts(),
            clock_skew: error.clock_skew(),
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
            clock_skew: reported.end.and_then(|end| end.clock_skew),
        }
    }

    fn reported(&self) -> MutexGuard<'_, Reported> {
        // No code panics while it holds the lock.
        self.0
            .reported
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far an attempt got, or of several attempts the one that counts.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) delivery: Delivery,
    pub(super) phase: Phase,
    /// The skew that this attempt proved, or another one of the call.
    pub(super) clock_skew: Option<ClockSkew>,
    pub(super) head: Option<ResponseHead>,
    is_over: bool,
}

impl Standing {
    /// The response with this head came whole, and its credentials are being opened.
    pub(super) fn opening(head: &ResponseHead) -> Self {
        Self {
            delivery: Delivery::Answered,
            phase: Phase::OpenCredentials,
            clock_skew: None,
            head: Some(head.clone()),
            is_over: true,
        }
    }

    /// Returns the one that got further, or `later` if both got equally far.
    pub(super) fn further(self, later: Self) -> Self {
        let clock_skew = later.clock_skew.or(self.clock_skew);
        let further = if self.delivery.is_worse_than(later.delivery) {
            self
        } else {
            later
        };
        Self {
            clock_skew,
            ..further
        }
    }

    /// The error of a call that ran out of time in this state.
    pub(super) fn deadline_error(self) -> PortError {
        let late = PortError::deadline(self.phase).with_delivery(self.delivery);
        let Some(head) = self.head else { return late };
        let late = late.with_head(head.clone());
        // A refusal of an attempt that is over has already been reported.
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

    /// Whichever of the two threads comes first, the other one sees its change.
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
