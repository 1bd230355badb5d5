use std::cell::RefCell;
use std::num::NonZero;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};
use std::{process, thread};

use tokio::runtime::{Handle, Id};

use super::cores::Cores;
use super::lane::Lane;

/// What the runtimes of one process share.
///
/// A fork copies the cores in use, but not the threads that would give them back; so the child process has
/// one of its own.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    cores: Arc<Cores>,
    lanes: Mutex<Vec<(Id, Weak<Lane>)>>,
    in_child: OnceLock<Box<Self>>,
}

/// The lane of the runtime whose operation a thread ran last.
#[derive(Clone)]
struct Last {
    runtime: Id,
    process: Arc<Process>,
    /// The process that `process` was when the lane was found.
    id: u32,
    lane: Arc<Lane>,
}

thread_local! {
    /// So that the threads of a runtime rarely meet at a lock.
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

impl Process {
    /// The process as all users of the library share it.
    pub(super) fn shared() -> &'static Arc<Self> {
        static SHARED: LazyLock<Arc<Process>> = LazyLock::new(|| {
            let cores = thread::available_parallelism().map_or(1, NonZero::get);
            Arc::new(Process::new(cores))
        });
        &SHARED
    }

    pub(super) fn new(cores: usize) -> Self {
        Self {
            id: process::id(),
            cores: Arc::new(Cores::new(cores)),
            lanes: Mutex::default(),
            in_child: OnceLock::new(),
        }
    }

    /// The lane of a runtime in the process that runs now.
    pub(super) fn lane_of(self: &Arc<Self>, runtime: &Handle) -> Arc<Lane> {
        let last = LAST.with_borrow(Clone::clone);
        if let Some(last) = last.filter(|last| last.is_of(self, runtime)) {
            return last.lane;
        }
        let here = self.here();
        let lane = here.known_or_new(runtime);
        LAST.set(Some(Last {
            runtime: runtime.id(),
            process: Arc::clone(self),
            id: here.id,
            lane: Arc::clone(&lane),
        }));
        lane
    }

    /// The process that runs now: this one, or one that was forked from it.
    fn here(&self) -> &Self {
        let id = process::id();
        let mut process = self;
        while process.id != id {
            let child = || Box::new(Self::new(process.cores.count()));
            process = process.in_child.get_or_init(child);
        }
        process
    }

    fn known_or_new(&self, runtime: &Handle) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lanes.iter().find(|(id, _)| *id == runtime.id());
        if let Some(lane) = known.and_then(|(_, lane)| lane.upgrade()) {
            return lane;
        }
        let lane = Arc::new(Lane::new(runtime, &self.cores));
        lanes.retain(|(_, lane)| lane.strong_count() > 0);
        lanes.push((runtime.id(), Arc::downgrade(&lane)));
        lane
    }
}

impl Last {
    /// Whether this is the lane of that runtime in the process that runs now.
    ///
    /// A fork leaves the child the one thread that forked, and so only a runtime of one thread goes on there.
    /// Only for its lane the process is asked for, which is a system call.
    fn is_of(&self, process: &Arc<Process>, runtime: &Handle) -> bool {
        self.runtime == runtime.id()
            && Arc::ptr_eq(&self.process, process)
            && (self.lane.runs_in_place() || self.id == process::id())
    }
}
