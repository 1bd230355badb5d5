use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::wire::{Unsolicited, Wire};

/// The sockets of the open connections, by the connections' numbers.
#[derive(Default)]
pub(super) struct Lines {
    open: Mutex<Vec<(usize, Wire)>>,
    closes: Condvar,
}

impl Lines {
    fn all(&self) -> MutexGuard<'_, Vec<(usize, Wire)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a connection until the returned entry is dropped.
    pub(super) fn list(&self, number: usize, wire: &Wire) -> io::Result<Entry<'_>> {
        self.all().push((number, wire.again()?));
        Ok(Entry {
            lines: self,
            number,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// Does something unsolicited on each connection, in the caller's thread, so that it is done when
    /// this returns: by then, loopback has delivered the bytes to the other end. A client that has
    /// disconnected is left out.
    pub(super) fn surprise(&self, unsolicited: &Unsolicited, patience: Duration) {
        for (_, wire) in self.all().iter() {
            let _gone = wire.play(unsolicited);
        }
        if matches!(unsolicited, Unsolicited::Reset) {
            let open = |lines: &mut Vec<_>| !lines.is_empty();
            drop(self.closes.wait_timeout_while(self.all(), patience, open));
        }
    }
}

/// A listed connection; dropping this removes it from the list.
pub(super) struct Entry<'a> {
    lines: &'a Lines,
    number: usize,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let mut open = self.lines.all();
        open.retain(|(number, _)| *number != self.number);
        drop(open);
        self.lines.closes.notify_all();
    }
}
