use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::sync::oneshot;

use super::Work;
use super::process::Process;

/// The operations of one runtime: those in place, and those in the queue.
#[derive(Debug)]
pub(super) struct Lane {
    runtime: Id,
    process: Arc<Process>,
    /// How many operations may run in place at a time.
    turns: usize,
    /// How many blocking threads may empty the queue.
    threads: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The turns that are taken.
    turns: usize,
    /// The blocking threads that empty the queue, or have been asked to.
    threads: usize,
    jobs: VecDeque<Job>,
}

thread_local! {
    /// The lane of the runtime that last ran an operation from this thread, so that a lock is rarely shared.
    static LAST: RefCell<Option<Arc<Lane>>> = const { RefCell::new(None) };
}

impl Lane {
    /// The lane of a runtime in this process.
    pub(super) fn of(runtime: &Handle, process: &Arc<Process>) -> Arc<Self> {
        let last = LAST.with_borrow(Clone::clone);
        if let Some(lane) = last.filter(|lane| lane.is_of(runtime, process)) {
            return lane;
        }
        let process = Process::here(process);
        let lane = process.lane(runtime.id(), || Self::new(runtime, &process));
        LAST.set(Some(Arc::clone(&lane)));
        lane
    }

    fn new(runtime: &Handle, process: &Arc<Process>) -> Self {
        let cores = process.cores();
        let workers = match runtime.runtime_flavor() {
            RuntimeFlavor::CurrentThread => 1,
            RuntimeFlavor::MultiThread | _ => runtime.metrics().num_workers(),
        };
        // One worker is left to the other tasks, and one core to it.
        let turns = workers.min(cores).saturating_sub(1);
        Self {
            runtime: runtime.id(),
            process: Arc::clone(process),
            turns,
            threads: cores.saturating_sub(turns.max(1)).max(1),
            state: Mutex::default(),
        }
    }

    pub(super) fn runtime(&self) -> Id {
        self.runtime
    }

    /// Whether this is the lane of that runtime in this process.
    ///
    /// A fork leaves to the child the one thread that forked. Only a runtime of one thread goes on there,
    /// so the process of other lanes need not be asked for: that is a system call.
    fn is_of(&self, runtime: &Handle, process: &Arc<Process>) -> bool {
        let process_is_the_same = if self.turns == 0 {
            Arc::ptr_eq(&self.process, &Process::here(process))
        } else {
            self.process.is_or_descends_from(process)
        };
        self.runtime == runtime.id() && process_is_the_same
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The permission to run one operation in place, until it is dropped.
    pub(super) fn turn(self: &Arc<Self>) -> Option<Turn> {
        if self.turns == 0 {
            return None;
        }
        let mut state = self.state();
        if state.turns == self.turns {
            return None;
        }
        state.turns += 1;
        drop(state);
        Some(Turn(Arc::clone(self)))
    }

    pub(super) fn is_queue_empty(&self) -> bool {
        self.state().jobs.is_empty()
    }

    /// Adds an operation to the queue; what is returned resolves when it is done.
    pub(super) fn enqueue(&self, work: Work) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        self.state().jobs.push_back(Job { work, done });
        is_done
    }

    /// The operation that has waited the longest.
    pub(super) fn next(&self) -> Option<Job> {
        self.state().jobs.pop_front()
    }

    /// Asks for a blocking thread, if an operation waits and another thread would help.
    pub(super) fn start_thread(self: &Arc<Self>, runtime: &Handle) {
        let mut state = self.state();
        let wanted = match state.threads {
            _ if state.jobs.is_empty() => false,
            0 => true,
            // A thread that would only wait for a core of the process helps nobody.
            some => some < self.threads && self.process.has_a_free_core(),
        };
        if !wanted {
            return;
        }
        state.threads += 1;
        drop(state);
        let thread = Thread(Some(Arc::clone(self)));
        drop(runtime.spawn_blocking(move || thread.empty_the_queue()));
    }

    /// The next operation for a thread; `None` ends the thread.
    fn next_or_end(&self) -> Option<Job> {
        let mut state = self.state();
        let job = state.jobs.pop_front();
        if job.is_none() {
            state.threads -= 1;
        }
        job
    }
}

/// The permission to run one operation in place.
#[derive(Debug)]
pub(super) struct Turn(Arc<Lane>);

impl Turn {
    pub(super) fn lane(&self) -> &Arc<Lane> {
        &self.0
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.state().turns -= 1;
    }
}

/// An operation that waits in the queue.
pub(super) struct Job {
    work: Work,
    done: oneshot::Sender<()>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

impl Job {
    /// Runs the operation, unless its caller has gone. After a panic the caller gets an error.
    pub(super) fn run(self) {
        if !self.done.is_closed() && catch_unwind(AssertUnwindSafe(self.work)).is_ok() {
            // A caller that has gone meanwhile doesn't need to know.
            let _ = self.done.send(());
        }
    }
}

/// A blocking thread that empties a lane's queue.
struct Thread(Option<Arc<Lane>>);

impl Thread {
    fn empty_the_queue(mut self) {
        let Some(lane) = self.0.take() else {
            return;
        };
        let mut core = lane.process.core();
        while let Some(job) = lane.next_or_end() {
            job.run();
            core.share();
        }
    }
}

impl Drop for Thread {
    /// The runtime shuts down and didn't start the thread: nobody runs what still waits, so its callers get
    /// an error.
    fn drop(&mut self) {
        let Some(lane) = self.0.take() else {
            return;
        };
        let mut state = lane.state();
        state.threads -= 1;
        let left = if state.threads == 0 {
            mem::take(&mut state.jobs)
        } else {
            VecDeque::new()
        };
        drop(state);
        drop(left);
    }
}
