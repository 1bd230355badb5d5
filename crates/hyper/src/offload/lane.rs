use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task;

use super::cores::Cores;

/// The operations of one runtime: those in place, and those in the queue.
#[derive(Debug)]
pub(super) struct Lane {
    cores: Arc<Cores>,
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
    /// Whose operation was the last in place.
    last: Option<Caller>,
}

/// A task, or what runs outside of one.
type Caller = Option<task::Id>;

pub(super) type Work = Box<dyn FnOnce() + Send>;

impl Lane {
    pub(super) fn new(runtime: &Handle, cores: &Arc<Cores>) -> Self {
        let count = cores.count();
        let workers = match runtime.runtime_flavor() {
            RuntimeFlavor::CurrentThread => 1,
            RuntimeFlavor::MultiThread | _ => runtime.metrics().num_workers(),
        };
        // One worker is left to the other tasks, and one core to that worker.
        let turns = workers.min(count).saturating_sub(1);
        Self {
            cores: Arc::clone(cores),
            turns,
            threads: count.saturating_sub(turns.max(1)).max(1),
            state: Mutex::default(),
        }
    }

    /// Whether any operation may run in place.
    pub(super) fn runs_in_place(&self) -> bool {
        self.turns > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The permission to run one operation of this caller in place, until it is dropped.
    pub(super) fn turn(self: &Arc<Self>, caller: Caller) -> Option<Turn> {
        let mut state = self.state();
        if state.turns == self.turns {
            return None;
        }
        let is_next_of_one_task = state.last.replace(caller) == Some(caller);
        state.turns += 1;
        drop(state);
        Some(Turn {
            lane: Arc::clone(self),
            is_next_of_one_task,
        })
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
            some => some < self.threads && self.cores.is_one_free(),
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
pub(super) struct Turn {
    lane: Arc<Lane>,
    is_next_of_one_task: bool,
}

impl Turn {
    pub(super) fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    /// Whether the operation in place before was the same task's.
    pub(super) fn is_next_of_one_task(&self) -> bool {
        self.is_next_of_one_task
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.lane.state().turns -= 1;
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
        let Self { work, done } = self;
        if done.is_closed() {
            contained(|| drop(work));
        } else if contained(work) {
            // A caller that has gone meanwhile doesn't need to know.
            let _ = done.send(());
        }
    }
}

/// Runs work of a caller's, whose panic must not end the thread that others wait for. Whether it ended well.
pub(super) fn contained(work: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(()) => true,
        Err(payload) => {
            // To drop the payload could panic once more.
            mem::forget(payload);
            false
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
        let mut core = lane.cores.take();
        while let Some(job) = lane.next_or_end() {
            job.run();
            // A worker that waits for this thread's core has it now, instead of after the system's time slice.
            thread::yield_now();
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
        for job in left {
            contained(|| drop(job));
        }
    }
}
