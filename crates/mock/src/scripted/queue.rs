use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use payment_credentials_core::PortError;

use crate::compared::Compared;

/// The queued results and the recorded calls, shared by a fake and its script.
pub(super) struct Queue<Call, Success> {
    fake: &'static str,
    /// A success in words, for the list of results that are left.
    in_words: fn(&Success) -> String,
    state: Mutex<State<Call, Success>>,
}

struct State<Call, Success> {
    steps: VecDeque<Step<Call, Success>>,
    /// Repeats the last step for every further call.
    repeats_last: bool,
    calls: Vec<Call>,
    missing: usize,
    /// Results that are left are no failure, or were reported already.
    may_be_left: bool,
}

/// The result of one call, and what the call has to be.
pub(super) struct Step<Call, Success> {
    result: Source<Success>,
    wanted: Option<Wanted<Call>>,
}

/// Compares a call with what is wanted.
pub(super) type Wanted<Call> = Arc<dyn Fn(&Call) -> Compared + Send + Sync>;

/// Makes a result as often as it is needed.
pub(super) type Maker<Success> = Arc<dyn Fn() -> Result<Success, PortError> + Send + Sync>;

/// Neither credentials nor errors can be copied, so what is returned more than once is made each time.
enum Source<Success> {
    Made(Maker<Success>),
    Once(Result<Success, PortError>),
}

impl<Call, Success> Step<Call, Success> {
    pub(super) fn made(make: Maker<Success>) -> Self {
        Self {
            result: Source::Made(make),
            wanted: None,
        }
    }

    /// The same step once more; `None` if its result exists only once.
    fn again(&self) -> Option<Self> {
        match &self.result {
            Source::Made(make) => Some(Self {
                result: Source::Made(Arc::clone(make)),
                wanted: self.wanted.clone(),
            }),
            Source::Once(_) => None,
        }
    }

    fn in_words(&self, success: fn(&Success) -> String) -> String {
        let words = |result: &Result<Success, PortError>| match result {
            Ok(given) => success(given),
            Err(error) => format!("the error: {error}"),
        };
        match &self.result {
            Source::Made(make) => words(&make()),
            Source::Once(result) => words(result),
        }
    }

    fn result(self) -> Result<Success, PortError> {
        match self.result {
            Source::Made(make) => make(),
            Source::Once(result) => result,
        }
    }
}

impl<Call, Success> State<Call, Success> {
    /// The step of the next call.
    fn next(&mut self) -> Option<Step<Call, Success>> {
        if self.repeats_last
            && let [last] = self.steps.make_contiguous()
        {
            return last.again();
        }
        self.steps.pop_front()
    }

    fn left(&self) -> usize {
        self.steps.len() - usize::from(self.repeats_last && !self.steps.is_empty())
    }
}

impl<Call, Success> Queue<Call, Success> {
    /// Makes an empty queue for the fake of this name.
    pub(super) fn new(fake: &'static str, in_words: fn(&Success) -> String) -> Self {
        Self {
            fake,
            in_words,
            state: Mutex::new(State {
                steps: VecDeque::new(),
                repeats_last: false,
                calls: Vec::new(),
                missing: 0,
                may_be_left: false,
            }),
        }
    }

    pub(super) fn push(&self, result: Result<Success, PortError>) {
        self.push_step(Step {
            result: Source::Once(result),
            wanted: None,
        });
    }

    pub(super) fn push_step(&self, step: Step<Call, Success>) {
        self.state().steps.push_back(step);
    }

    /// Moves the steps of another queue behind those of this one; returns whether a call can come to them.
    pub(super) fn append(&self, other: &Self) -> bool {
        let (steps, repeats_last) = {
            let mut other = other.state();
            (std::mem::take(&mut other.steps), other.repeats_last)
        };
        let mut state = self.state();
        if state.repeats_last {
            return false;
        }
        state.steps.extend(steps);
        state.repeats_last = repeats_last;
        true
    }

    /// Repeats all steps, so that they are there this often; returns whether that is possible.
    pub(super) fn repeat(&self, times: usize) -> bool {
        let mut state = self.state();
        let mut all = VecDeque::with_capacity(state.steps.len().saturating_mul(times));
        for _ in 0..times {
            for step in &state.steps {
                let Some(again) = step.again() else {
                    return false;
                };
                all.push_back(again);
            }
        }
        state.steps = all;
        true
    }

    /// Repeats the last step for every further call; returns whether that is possible.
    pub(super) fn repeat_last(&self) -> bool {
        let mut state = self.state();
        state.repeats_last = state
            .steps
            .back()
            .is_some_and(|last| last.again().is_some());
        state.repeats_last
    }

    /// Says what the calls of all steps have to be that don't have such a condition yet.
    pub(super) fn want(&self, wanted: &Wanted<Call>) {
        for step in &mut self.state().steps {
            step.wanted.get_or_insert_with(|| Arc::clone(wanted));
        }
    }

    pub(super) fn allow_unused(&self) {
        self.state().may_be_left = true;
    }

    pub(super) fn calls(&self) -> Vec<Call>
    where
        Call: Clone,
    {
        self.state().calls.clone()
    }

    /// Records a call and returns its result. If none is left, panics with the fake's name, the
    /// call's number and `what`, which describes the call's argument. Also panics if the step wants another
    /// call; the step then stays.
    #[expect(clippy::panic, reason = "a fake never invents a result")]
    pub(super) fn next(&self, call: Call, what: &str) -> Result<Success, PortError> {
        let fake = self.fake;
        let (number, different) = {
            let mut state = self.state();
            let wanted = state.steps.front().and_then(|step| step.wanted.as_ref());
            let compared = wanted.map(|wanted| wanted(&call));
            let different = compared.filter(|compared| !compared.is_same());
            state.calls.push(call);
            if different.is_none() {
                if let Some(step) = state.next() {
                    drop(state);
                    return step.result();
                }
                state.missing += 1;
            }
            (state.calls.len(), different)
        };
        match different {
            Some(compared) => panic!(
                "{fake}: call {number} ({what}) is not the call that the script wants next:{compared}"
            ),
            None => panic!(
                "{fake}: call {number} ({what}) has no scripted result; \
                 queue one with `script.will_return(..)` or add one with `.then(..)` before the code under test makes \
                 the call"
            ),
        }
    }

    #[track_caller]
    pub(super) fn assert_done(&self) {
        let (calls, missing, left) = {
            let mut state = self.state();
            let left = self.left(&state);
            // Said once: the drop that follows needn't say it again.
            let may_be_left = std::mem::replace(&mut state.may_be_left, true);
            state.may_be_left = may_be_left || left.is_some();
            (state.calls.len(), state.missing, left)
        };
        assert!(left.is_none(), "{}", left.unwrap_or_default());
        assert!(
            missing == 0,
            "{fake}: calls without a scripted result: {missing} of {calls}; \
             queue one result for each call, or check why the code under test made more calls",
            fake = self.fake,
        );
    }

    /// What is said of results that are left, if there are any.
    fn left(&self, state: &State<Call, Success>) -> Option<String> {
        let left = state.left();
        if left == 0 {
            return None;
        }
        let (fake, calls) = (self.fake, state.calls.len());
        let mut text = format!(
            "{fake}: scripted results left: {left}; calls made: {calls}; queue one result for each call, or \
             check why the code under test made fewer calls"
        );
        for step in state.steps.iter().take(left) {
            let _ = write!(text, "\n  left: {}", step.in_words(self.in_words));
        }
        Some(text)
    }

    /// Shows the counts and nothing else.
    pub(super) fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct(name)
            .field("calls", &state.calls.len())
            .field("results_left", &state.left())
            .finish_non_exhaustive()
    }

    /// No code panics while it holds the lock, so the state is consistent even behind a poisoned lock.
    fn state(&self) -> MutexGuard<'_, State<Call, Success>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Call, Success> Drop for Queue<Call, Success> {
    /// Fails the test if results are left: the last of fake and script is gone, so no call can use them.
    #[expect(clippy::panic, reason = "it is how a test fails")]
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let left = {
            let state = self.state();
            (!state.may_be_left).then(|| self.left(&state)).flatten()
        };
        if let Some(left) = left {
            panic!("{left}\n  (if that is right, call `allow_unused` on the script)");
        }
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
        let queue = Queue::new("Fake", |_| "a success".to_owned());
        queue.push(Ok('a'));
        queue.push(Err(failures::connect()));
        assert_eq!(queue.next(1, "one").ok(), Some('a'));
        assert!(queue.next(2, "two").is_err());
        assert_eq!(queue.calls(), [1, 2]);
        queue.assert_done();
    }

    #[test]
    fn a_call_without_an_answer_says_what_to_do() {
        let queue = Queue::<u8, char>::new("Fake", |_| "a success".to_owned());
        queue.push(Ok('a'));
        queue.next(1, "one").expect("a response");
        assert_eq!(
            panic_text(|| drop(queue.next(2, "two"))),
            "Fake: call 2 (two) has no scripted result; queue one with `script.will_return(..)` or add one with \
             `.then(..)` before the code under test makes the call"
        );
        assert_eq!(queue.calls(), [1, 2]);
        assert_eq!(
            panic_text(|| queue.assert_done()),
            "Fake: calls without a scripted result: 1 of 2; queue one result for each call, \
             or check why the code under test made more calls"
        );
    }

    #[test]
    fn answers_left_over_fail_the_test_once() {
        let queue = Queue::<u8, char>::new("Fake", |_| "a success".to_owned());
        queue.push(Ok('a'));
        assert_eq!(
            panic_text(|| queue.assert_done()),
            "Fake: scripted results left: 1; calls made: 0; queue one result for each call, \
             or check why the code under test made fewer calls\n  left: a success"
        );
        // It was reported.
        drop(queue);
    }

    #[test]
    fn answers_left_over_fail_the_test_when_the_last_handle_is_dropped() {
        let left_over = || {
            let queue = Queue::<u8, char>::new("Fake", |_| "a success".to_owned());
            queue.push(Ok('a'));
            queue.push(Err(failures::connect()));
            queue
        };
        assert_eq!(
            panic_text(|| drop(left_over())),
            "Fake: scripted results left: 2; calls made: 0; queue one result for each call, \
             or check why the code under test made fewer calls\n  left: a success\n  left: the error: no \
             connection to the service (not sent)\n  (if that is right, call `allow_unused` on the script)"
        );
        let allowed = left_over();
        allowed.allow_unused();
        drop(allowed);
        // A second panic would abort the process.
        let panic = panic_text(|| {
            let _left_over = left_over();
            panic!("{}", "the first")
        });
        assert_eq!(panic, "the first");
    }

    #[test]
    fn every_response_is_given_once_to_many_threads() {
        let queue = Queue::<(), usize>::new("Fake", |_| "a success".to_owned());
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
