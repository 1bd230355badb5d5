use std::num::NonZero;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::{process, thread};

use tokio::runtime::Id;

use super::lane::Lane;

/// What the runtimes of one process share: its cores.
///
/// A fork copies the cores in use, but not the threads that would return them.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    cores: usize,
    lanes: Mutex<Vec<Weak<Lane>>>,
    line: Mutex<Line>,
    moved: Condvar,
    in_child: OnceLock<Arc<Self>>,
}

/// The threads that wait for a core, in order of arrival.
#[derive(Debug)]
struct Line {
    free: usize,
    /// The number that the next thread draws.
    last: u64,
    /// The number whose turn it is.
    first: u64,
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
        let free = cores.saturating_sub(1).max(1);
        Self {
            id: process::id(),
            cores,
            lanes: Mutex::default(),
            line: Mutex::new(Line {
                free,
                last: 0,
                first: 0,
            }),
            moved: Condvar::new(),
            in_child: OnceLock::new(),
        }
    }

    /// This process, where `of` may be the parent's.
    pub(super) fn here(of: &Arc<Self>) -> Arc<Self> {
        let id = process::id();
        let mut process = of;
        while process.id != id {
            process = process
                .in_child
                .get_or_init(|| Arc::new(Self::new(process.cores)));
        }
        Arc::clone(process)
    }

    /// Whether this is that process, or one that was forked from it.
    pub(super) fn is_or_descends_from(self: &Arc<Self>, ancestor: &Arc<Self>) -> bool {
        let mut process = Some(ancestor);
        while let Some(of) = process {
            if Arc::ptr_eq(self, of) {
                return true;
            }
            process = of.in_child.get();
        }
        false
    }

    pub(super) fn cores(&self) -> usize {
        self.cores
    }

    /// The lane of a runtime, made if there is none.
    pub(super) fn lane(&self, runtime: Id, make: impl FnOnce() -> Lane) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut living = lanes.iter().filter_map(Weak::upgrade);
        if let Some(lane) = living.find(|lane| lane.runtime() == runtime) {
            return lane;
        }
        drop(living);
        let lane = Arc::new(make());
        lanes.retain(|lane| lane.strong_count() > 0);
        lanes.push(Arc::downgrade(&lane));
        lane
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_a_free_core(&self) -> bool {
        self.line().free > 0
    }

    /// Waits for a core, and takes it until it is dropped.
    pub(super) fn core(&self) -> Core<'_> {
        self.take_core();
        Core(self)
    }

    fn take_core(&self) {
        let mut line = self.line();
        let number = line.last;
        line.last += 1;
        while line.free == 0 || line.first != number {
            line = self
                .moved
                .wait(line)
                .unwrap_or_else(PoisonError::into_inner);
        }
        line.first += 1;
        line.free -= 1;
        if line.free > 0 && line.first != line.last {
            self.moved.notify_all();
        }
    }

    fn return_core(&self) {
        let mut line = self.line();
        line.free += 1;
        if line.first != line.last {
            self.moved.notify_all();
        }
    }
}

/// A core that a thread may keep busy.
#[derive(Debug)]
pub(super) struct Core<'a>(&'a Process);

impl Core<'_> {
    /// Lets a thread that waits have the core, and waits behind it.
    pub(super) fn share(&mut self) {
        let line = self.0.line();
        if line.first == line.last {
            return;
        }
        drop(line);
        self.0.return_core();
        self.0.take_core();
    }
}

impl Drop for Core<'_> {
    fn drop(&mut self) {
        self.0.return_core();
    }
}
