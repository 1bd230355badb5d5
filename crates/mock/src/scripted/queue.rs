use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use payment_credentials_core::PortError;

/// The queued results and the recorded calls, shared by a fake and its script.
pub(super) struct Queue<Call, Success> {
    fake: &'static str,
    state: Mutex<State<Call, Success>>,
}

struct State<Call, Success> {
    results: VecDeque<Result<Success, PortError>>,
    calls: Vec<Call>,
    missing: usize,
}

impl<Call, Success> Queue<Call, Success> {
    /// Makes an empty queue for the fake of this name.
    pub(super) fn new(fake: &'static str) -> Self {
        Self {
            fake,
            state: Mutex::new(State {
                results: VecDeque::new(),
                calls: Vec::new(),
                missing: 0,
            }),
        }
    }

    pub(super) fn push(&self, result: Result<Success, PortError>) {
        self.state().results.push_back(result);
    }

    pub(super) fn calls(&self) -> Vec<Call>
    where
        Call: Clone,
    {
        self.state().calls.clone()
    }

    /// Records a call and returns its result. If none is left, panics with the fake's name, the
    /// call's number and `what`, which describes the call's argument.
    #[expect(clippy::panic, reason = "a fake never invents a result")]
    pub(super) fn next(&self, call: Call, what: &str) -> Result<Success, PortError> {
        let call = {
            let mut state = self.state();
            state.calls.push(call);
            if let Some(result) = state.results.pop_front() {
                return result;
            }
            state.missing += 1;
            state.calls.len()
        };
        panic!(
            "{fake}: call {call} ({what}) has no scripted result; \
             queue one with `script.will_return(..)` before the code under test makes the call",
            fake = self.fake,
        );
    }

    #[track_caller]
    pub(super) fn assert_done(&self) {
        let (calls, left, missing) = {
            let state = self.state();
            (state.calls.len(), state.results.len(), state.missing)
        };
        assert!(
            left == 0,
            "{fake}: scripted results left: {left}; calls made: {calls}; \
             queue one result for each call, or check why the code under test made fewer calls",
            fake = self.fake,
        );
        assert!(
            missing == 0,
            "{fake}: calls without a scripted result: {missing} of {calls}; \
             queue one result for each call, or check why the code under test made more calls",
            fake = self.fake,
        );
    }

    /// Shows the counts and nothing else.
    pub(super) fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct(name)
            .field("calls", &state.calls.len())
            .field("results_left", &state.results.len())
            .finish_non_exhaustive()
    }

    /// No code panics while it holds the lock, so the state is consistent even behind a poisoned lock.
    fn state(&self) -> MutexGuard<'_, State<Call, Success>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;
    use crate::failures;

    fn panic_text(work: impl FnOnce()) -> String {
        let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
        *panic.downcast::<String>().expect("a text")
    }

    #[test]
    fn answers_in_order_and_remembers_what_was_asked() {
        let queue = Queue::new("Fake");
        queue.push(Ok('a'));
        queue.push(Err(failures::connect()));
        assert_eq!(queue.next(1, "one").ok(), Some('a'));
        assert!(queue.next(2, "two").is_err());
        assert_eq!(queue.calls(), [1, 2]);
        queue.assert_done();
    }

    #[test]
    fn a_call_without_an_answer_says_what_to_do() {
        let queue = Queue::<u8, char>::new("Fake");
        queue.push(Ok('a'));
        queue.next(1, "one").expect("a response");
        assert_eq!(
            panic_text(|| drop(queue.next(2, "two"))),
            "Fake: call 2 (two) has no scripted result; queue one with `script.will_return(..)` \
             before the code under test makes the call"
        );
        assert_eq!(queue.calls(), [1, 2]);
        assert_eq!(
            panic_text(|| queue.assert_done()),
            "Fake: calls without a scripted result: 1 of 2; queue one result for each call, \
             or check why the code under test made more calls"
        );
    }

    #[test]
    fn answers_left_over_fail_the_test_and_a_drop_does_not() {
        let queue = Queue::<u8, char>::new("Fake");
        queue.push(Ok('a'));
        assert_eq!(
            panic_text(|| queue.assert_done()),
            "Fake: scripted results left: 1; calls made: 0; queue one result for each call, \
             or check why the code under test made fewer calls"
        );
        drop(queue);
    }

    #[test]
    fn every_response_is_given_once_to_many_threads() {
        let queue = Queue::<(), usize>::new("Fake");
        (0..64).for_each(|nth| queue.push(Ok(nth)));
        let mut given: Vec<usize> = thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..8).map(|_| queue.next((), "it")).collect::<Vec<_>>()))
                .collect();
            let results = callers
                .into_iter()
                .flat_map(|caller| caller.join().expect("no panic"));
            results.map(|answer| answer.expect("a number")).collect()
        });
        given.sort_unstable();
        assert!(given.into_iter().eq(0..64));
        queue.assert_done();
    }
}
