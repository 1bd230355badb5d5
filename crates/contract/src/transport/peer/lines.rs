use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;

/// The sockets of the connections that are open, by the connections' numbers.
#[derive(Debug, Default)]
pub(super) struct Lines {
    open: Mutex<Vec<(usize, TcpStream)>>,
    closes: Condvar,
}

/// What a peer does while a connection lies idle.
#[derive(Clone, Debug)]
pub(crate) enum Unasked {
    /// Ends its side, and still hears what comes.
    End,
    /// Resets the connection.
    Reset,
    /// Writes these bytes.
    Says(Bytes),
    /// Writes these bytes and ends its side.
    SaysAndEnds(Bytes),
}

impl Lines {
    fn all(&self) -> MutexGuard<'_, Vec<(usize, TcpStream)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lists a connection for as long as the entry lives.
    pub(super) fn list(&self, number: usize, stream: &TcpStream) -> io::Result<Entry<'_>> {
        self.all().push((number, stream.try_clone()?));
        Ok(Entry {
            lines: self,
            number,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// Done by whoever calls, so that it is done when the call returns: what loopback carries is at
    /// the other end by then. A client that has gone isn't surprised.
    pub(super) fn surprise(&self, unasked: &Unasked, patience: Duration) {
        for (_, stream) in self.all().iter_mut() {
            let _gone = unasked.play(stream);
        }
        if matches!(unasked, Unasked::Reset) {
            let open = |lines: &mut Vec<_>| !lines.is_empty();
            drop(self.closes.wait_timeout_while(self.all(), patience, open));
        }
    }
}

impl Unasked {
    fn play(&self, stream: &mut TcpStream) -> io::Result<()> {
        match self {
            Self::End => stream.shutdown(Shutdown::Write),
            Self::Reset => {
                SockRef::from(&*stream).set_linger(Some(Duration::ZERO))?;
                // Its thread reads an end and lets go; the last to do so resets.
                stream.shutdown(Shutdown::Read)
            }
            Self::Says(bytes) => stream.write_all(bytes),
            Self::SaysAndEnds(bytes) => {
                stream.write_all(bytes)?;
                stream.shutdown(Shutdown::Write)
            }
        }
    }
}

/// A connection among the others.
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
