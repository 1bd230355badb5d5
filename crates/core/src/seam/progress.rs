use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock_skew::ClockSkew;
use crate::error::{Delivery, Phase, PortError};
use crate::response_head::ResponseHead;

use super::attempt::{Attempt, Standing};

/// Records how far one call got so far. The port that makes the call and the layers that may end it share
/// this record.
///
/// A call consists of all attempts that the layers and ports below make for it, one after another or in
/// parallel. Each [`Attempt`] records how far it is, and the one that leaves the most doubt counts for the
/// call: `Unknown` before `Answered` before `NotSent`. A port that makes calls passes the `Progress` on, to
/// one port or to several. The record then never reports `NotSent` for a call that was sent.
///
/// A layer that reads the record first creates a [`child`](Self::child) and passes that on: the child
/// covers only the calls below the layer, not earlier ones of the same call. A layer that ends a call early
/// first drops it, and then calls [`deadline_error`](Self::deadline_error) or [`give_up`](Self::give_up). Both also
/// apply to parts of the call that run elsewhere: nothing that has not been sent by then can be sent any
/// more.
///
/// ```
/// use payment_credentials_core::seam::Progress;
/// use payment_credentials_core::{Delivery, Phase};
///
/// let call = Progress::default();
/// let (first, second) = (call.begin_attempt(), call.begin_attempt());
/// first.reached(Phase::Headers);
/// second.reached(Phase::Connect);
/// assert_eq!(call.delivery(), Delivery::Unknown);
/// assert_eq!(call.attempts(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<Parts>>);

#[derive(Debug, Default)]
struct Parts {
    /// The parts that others may still change, in the order in which they were begun.
    open: Vec<Part>,
    /// Of the parts that no one can change any more, the state of the one that got furthest.
    over: Option<Standing>,
    attempts_over: u32,
    is_given_up: bool,
}

#[derive(Debug)]
enum Part {
    Attempt(Attempt),
    Child(Progress),
    /// The credentials of the response with this head are being opened.
    Opening(ResponseHead),
}

impl Progress {
    /// Begins an attempt. A port calls this once for each attempt that it makes.
    #[must_use]
    pub fn begin_attempt(&self) -> Attempt {
        let attempt = Attempt::default();
        self.add(Part::Attempt(attempt.clone()));
        attempt
    }

    /// Creates a record of a part of the call, for a layer that reads how far the calls got that it makes
    /// itself.
    #[must_use]
    pub fn child(&self) -> Self {
        let child = Self::default();
        self.add(Part::Child(child.clone()));
        child
    }

    /// Reports that the response came, and that its credentials are being opened.
    pub(crate) fn opening(&self, head: &ResponseHead) {
        self.add(Part::Opening(head.clone()));
    }

    /// The number of attempts that were made; at least one.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.begun().max(1)
    }

    /// Whether the service can have acted on the call by now, according to the attempt that leaves the most
    /// doubt.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        let standing = self.standing();
        standing.map_or(Delivery::NotSent, |standing| standing.delivery)
    }

    /// The phase of the attempt that counts; [`Phase::Start`] if no attempt was begun.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let standing = self.standing();
        standing.map_or(Phase::Start, |standing| standing.phase)
    }

    /// The head of the response of the attempt that counts, if it has been read.
    #[must_use]
    pub fn head(&self) -> Option<ResponseHead> {
        self.standing()?.head
    }

    /// How far the local clock is off, if the response of an attempt proved it: also of a call that succeeded
    /// after it was signed again.
    #[must_use]
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        self.standing()?.clock_skew
    }

    /// Gives the call up: nothing that has not been sent by now can be sent any more, even if a part of the
    /// call runs in another task or on another thread. Returns whether the service can have acted on the
    /// call.
    ///
    /// A request that was handed to a transport, or to a port that reports nothing, counts as `Unknown`.
    /// Transports that know what they have sent and call [`Attempt::may_leave`] are the exception.
    #[must_use = "it is whether the service can have acted on the call"]
    pub fn give_up(&self) -> Delivery {
        self.close();
        self.delivery()
    }

    fn close(&self) {
        let mut parts = self.parts();
        parts.is_given_up = true;
        parts.open.iter().for_each(Part::give_up);
    }

    /// [Gives the call up](Self::give_up) and returns the error of a call that ran out of time now. Drop
    /// the call first.
    ///
    /// If the head of a refusal was read but not its body, the error is that refusal: its status and its
    /// `Retry-After` are worth more than the details that the body would add.
    #[must_use]
    pub fn deadline_error(&self) -> PortError {
        self.close();
        let error = match self.standing() {
            Some(standing) => standing.deadline_error(),
            None => PortError::deadline(Phase::Start),
        };
        error.with_attempts(self.attempts())
    }

    fn begun(&self) -> u32 {
        let parts = self.parts();
        parts
            .open
            .iter()
            .map(Part::attempts)
            .fold(parts.attempts_over, u32::saturating_add)
    }

    fn standing(&self) -> Option<Standing> {
        let parts = self.parts();
        let open = parts.open.iter().filter_map(Part::standing);
        parts
            .over
            .clone()
            .into_iter()
            .chain(open)
            .reduce(Standing::further)
    }

    /// Adds a part, and closes the parts that no one else holds.
    fn add(&self, part: Part) {
        let mut parts = self.parts();
        let parts = &mut *parts;
        parts.open.retain(|open| {
            if open.is_open() {
                return true;
            }
            parts.attempts_over = parts.attempts_over.saturating_add(open.attempts());
            let both = parts.over.take().into_iter().chain(open.standing());
            parts.over = both.reduce(Standing::further);
            false
        });
        if parts.is_given_up {
            part.give_up();
        }
        parts.open.push(part);
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part {
    fn is_open(&self) -> bool {
        match self {
            Self::Attempt(attempt) => attempt.is_shared(),
            // A thread may continue an attempt that its layer has dropped.
            Self::Child(child) => {
                Arc::strong_count(&child.0) > 1 || child.parts().open.iter().any(Self::is_open)
            }
            Self::Opening(_) => false,
        }
    }

    fn give_up(&self) {
        match self {
            Self::Attempt(attempt) => attempt.give_up(),
            Self::Child(child) => child.close(),
            // An opening sends nothing.
            Self::Opening(_) => {}
        }
    }

    fn attempts(&self) -> u32 {
        match self {
            Self::Attempt(attempt) => attempt.attempts(),
            Self::Child(child) => child.begun(),
            Self::Opening(_) => 0,
        }
    }

    fn standing(&self) -> Option<Standing> {
        match self {
            Self::Attempt(attempt) => Some(attempt.standing()),
            Self::Child(child) => child.standing(),
            Self::Opening(head) => Some(Standing::opening(head)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::error::{PortErrorKind, Refusal, Repeatability};

    #[test]
    fn a_call_that_began_nothing_was_not_sent() {
        let call = Progress::default();
        let error = call.deadline_error();
        assert_eq!((error.phase(), error.attempts()), (Phase::Start, 1));
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(call.delivery(), Delivery::NotSent);
    }

    /// In any order, in parallel or one after another, through any number of records.
    #[test]
    fn the_attempt_that_got_furthest_counts() {
        use Delivery::{Answered, NotSent, Unknown};
        for (one, other, worst) in [
            (Phase::Headers, Phase::Connect, Unknown),
            (Phase::Headers, Phase::Decode, Unknown),
            (Phase::Decode, Phase::Tls, Answered),
            (Phase::Connect, Phase::Start, NotSent),
        ] {
            for [one, other] in [[one, other], [other, one]] {
                let call = Progress::default();
                let (first, second) = (call.child().child().begin_attempt(), call.begin_attempt());
                first.reached(one);
                second.reached(other);
                assert_eq!(call.delivery(), worst);
                assert_eq!(call.deadline_error().delivery(), worst);
                drop(first);
                assert_eq!(call.child().delivery(), NotSent);
                assert_eq!((call.delivery(), call.attempts()), (worst, 2));
            }
        }
    }

    #[test]
    fn of_two_that_got_as_far_the_later_one_is_told() {
        let call = Progress::default();
        for phase in [Phase::Tls, Phase::Connect] {
            call.begin_attempt().reached(phase);
            assert_eq!(call.phase(), phase);
        }
    }

    /// The error describes more exactly than the phase how an attempt ended: a 500 is a response, and the
    /// service may have created credentials.
    #[test]
    fn how_an_attempt_ended_counts_more_than_how_far_it_got() {
        let call = Progress::default();
        let attempt = call.begin_attempt();
        attempt.reached(Phase::Decode);
        assert_eq!(call.delivery(), Delivery::Answered);
        let (kind, delivery) = (PortErrorKind::Refused(Refusal::Upstream), Delivery::Unknown);
        let error = PortError::new(kind, delivery, Phase::Decode, Repeatability::MayRepeat);
        attempt.ended(&error.with_attempts(3));
        assert_eq!((call.delivery(), call.attempts()), (Delivery::Unknown, 3));
    }

    /// A part of the call may continue in a task of its own and begin another attempt there.
    #[test]
    fn nothing_leaves_that_belongs_to_a_call_which_was_given_up() {
        let call = Progress::default();
        let (attempt, child) = (call.begin_attempt(), call.child());
        let below = child.begin_attempt();
        assert_eq!(call.give_up(), Delivery::NotSent);
        let later = [
            attempt,
            below,
            call.begin_attempt(),
            child.begin_attempt(),
            call.child().begin_attempt(),
        ];
        assert!(later.iter().all(|attempt| !attempt.may_leave()));
        assert_eq!(call.deadline_error().delivery(), Delivery::NotSent);
        // A child gives up only its own part of the call.
        let call = Progress::default();
        assert_eq!(call.child().give_up(), Delivery::NotSent);
        assert!(call.begin_attempt().may_leave());
    }

    /// An opening is no attempt, and the attempt whose response is opened got as far as the opening.
    #[test]
    fn an_opening_has_its_phase_and_the_head_of_its_response() {
        let call = Progress::default();
        let calls = call.child();
        calls.begin_attempt().reached(Phase::Decode);
        assert_eq!(call.head(), None);
        let id = "6612345".parse().expect("an id");
        let head = ResponseHead::new(201).with_correlation_id(id);
        calls.opening(&head);
        assert_eq!(
            (call.phase(), call.delivery(), call.attempts()),
            (Phase::OpenCredentials, Delivery::Answered, 1)
        );
        assert_eq!(call.head(), Some(head.clone()));
        let late = call.deadline_error();
        assert_eq!(
            (late.phase(), late.head()),
            (Phase::OpenCredentials, Some(&head))
        );
        // Another call of the same record, such as one that is repeated after it.
        calls.begin_attempt().reached(Phase::Headers);
        assert_eq!((call.phase(), call.attempts()), (Phase::Headers, 2));
    }

    /// An attempt that proved the skew is reported although a later one succeeded, got further or is still
    /// running.
    #[test]
    fn a_skew_that_any_attempt_proved_is_known() {
        let (local, second) = (SystemTime::UNIX_EPOCH, Duration::from_secs(1));
        let skew = ClockSkew::between(local, local, local + 300 * second).expect("a skew");
        let kind = PortErrorKind::Refused(Refusal::Authentication);
        for later in [Phase::Connect, Phase::Headers, Phase::Decode] {
            let call = Progress::default();
            assert_eq!(call.clock_skew(), None);
            let (delivery, phase) = (Delivery::Answered, Phase::Decode);
            let error = PortError::new(kind, delivery, phase, Repeatability::Never);
            call.child()
                .begin_attempt()
                .ended(&error.with_clock_skew(skew));
            let second = call.begin_attempt();
            second.reached(later);
            assert_eq!(call.clock_skew(), Some(skew));
            drop(second);
            let _third = call.begin_attempt();
            assert_eq!(call.clock_skew(), Some(skew));
        }
    }

    #[test]
    fn attempts_that_are_over_do_not_pile_up() {
        let call = Progress::default();
        for _ in 0..1000 {
            call.child().begin_attempt().reached(Phase::Write);
            assert!(call.parts().open.len() <= 1);
        }
        assert_eq!(
            (call.delivery(), call.attempts()),
            (Delivery::Unknown, 1000)
        );
    }

    #[test]
    fn a_deadline_carries_the_head_of_the_attempt_that_counts() {
        let call = Progress::default();
        let attempt = call.begin_attempt();
        attempt.reached(Phase::Body);
        let mut headers = HeaderMap::new();
        headers.insert("v-c-correlation-id", "6612345".parse().expect("a value"));
        attempt.head_read(StatusCode::CREATED, &headers);
        let error = call.deadline_error();
        assert_eq!(error.kind(), PortErrorKind::Deadline);
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
        call.begin_attempt().reached(Phase::Connect);
        assert_eq!(call.deadline_error().status(), Some(201));
    }

    /// Row G6.
    #[test]
    fn a_refusal_whose_body_is_late_is_that_refusal() {
        let call = Progress::default();
        let attempt = call.begin_attempt();
        attempt.reached(Phase::Body);
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().expect("a value"));
        attempt.head_read(StatusCode::TOO_MANY_REQUESTS, &headers);
        let error = call.deadline_error();
        assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Throttled));
        assert!(error.retry_after().is_some());
        let source = std::error::Error::source(&error).expect("a cause");
        let late = source.downcast_ref::<PortError>().expect("the deadline");
        assert_eq!(
            (late.kind(), late.phase()),
            (PortErrorKind::Deadline, Phase::Body)
        );
    }
}
