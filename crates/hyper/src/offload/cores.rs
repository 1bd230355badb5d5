use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The cores of a process that its blocking threads may keep busy at a time.
#[derive(Debug)]
pub(super) struct Cores {
    count: usize,
    line: Mutex<Line>,
    moved: Condvar,
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

impl Cores {
    /// Leaves one of so many cores to the other threads, where there are two.
    pub(super) fn new(count: usize) -> Self {
        let line = Line {
            free: count.saturating_sub(1).max(1),
            last: 0,
            first: 0,
        };
        Self {
            count,
            line: Mutex::new(line),
            moved: Condvar::new(),
        }
    }

    /// All cores, also those that are never given away.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_one_free(&self) -> bool {
        self.line().free > 0
    }

    /// Waits for a core, and takes it until it is dropped.
    pub(super) fn take(&self) -> Core<'_> {
        self.wait_in_line();
        Core(self)
    }

    fn wait_in_line(&self) {
        let mut line = self.line();
        let number = line.last;
        line.last += 1;
        while line.free == 0 || line.first != number {
            let woken = self.moved.wait(line);
            line = woken.unwrap_or_else(PoisonError::into_inner);
        }
        line.first += 1;
        line.free -= 1;
        if line.free > 0 && line.first != line.last {
            self.moved.notify_all();
        }
    }

    fn give_back(&self) {
        let mut line = self.line();
        line.free += 1;
        if line.first != line.last {
            self.moved.notify_all();
        }
    }
}

/// A core that a thread may keep busy.
#[derive(Debug)]
pub(super) struct Core<'a>(&'a Cores);

impl Core<'_> {
    /// Lets a thread that waits have the core, and waits behind it.
    pub(super) fn share(&mut self) {
        let line = self.0.line();
        if line.first == line.last {
            return;
        }
        drop(line);
        self.0.give_back();
        self.0.wait_in_line();
    }
}

impl Drop for Core<'_> {
    fn drop(&mut self) {
        self.0.give_back();
    }
}
