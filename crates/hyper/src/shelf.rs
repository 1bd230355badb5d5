use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use crate::connection::Connection;
use crate::orphan::Orphan;
use crate::trust::Trust;

/// How many connections are kept, for how long, and how many are made at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) idle: Duration,
    pub(crate) max_idle_connections: usize,
    pub(crate) max_handshakes: usize,
}

/// The kept connections to one destination that were made on one runtime, and the calls that wait for one.
#[derive(Debug)]
pub(crate) struct Shelf {
    limits: Limits,
    trust: Arc<Trust>,
    /// One permit for each connection that may be made now, granted in order of arrival.
    pub(crate) turns: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    /// Oldest first.
    idle: VecDeque<Idle>,
    /// Calls without a connection, in order of arrival.
    waiting: BTreeMap<u64, oneshot::Sender<Box<Connection>>>,
    tickets: u64,
    /// Dials whose calls no longer wait for them. They go on while any call waits.
    orphans: Vec<Orphan>,
    /// Whether a task runs that closes old connections even if there are no calls.
    is_reaped: bool,
    reaper: Option<AbortHandle>,
}

#[derive(Debug)]
struct Idle {
    connection: Box<Connection>,
    since: Instant,
}

/// The place of a call in the queue of waiting calls.
pub(crate) type Ticket = u64;

/// The receiver by which a waiting call gets a connection.
pub(crate) type Given = oneshot::Receiver<Box<Connection>>;

impl Shelf {
    pub(crate) fn new(limits: Limits, trust: Arc<Trust>) -> Self {
        let handshakes = limits.max_handshakes.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            limits,
            trust,
            turns: Arc::new(Semaphore::new(handshakes)),
            state: Mutex::default(),
        }
    }

    /// Takes the most recently used connection, in constant time.
    pub(crate) fn take(&self) -> Option<Box<Connection>> {
        let now = Instant::now();
        let mut state = self.lock();
        loop {
            let newest = state.idle.pop_back()?;
            if now.saturating_duration_since(newest.since) >= self.limits.idle {
                // All others are even older, and weren't closed yet.
                let old = mem::take(&mut state.idle);
                drop(state);
                drop((newest, old));
                return None;
            }
            if newest.connection.is_young(now) {
                return Some(newest.connection);
            }
        }
    }

    /// Returns a connection: to the call that has waited longest, or else to the shelf. If the shelf is full,
    /// the least recently used connection is closed.
    pub(crate) fn put(self: &Arc<Self>, mut connection: Box<Connection>, runtime: &Handle) {
        let now = Instant::now();
        if self.limits.max_idle_connections == 0 || !connection.is_young(now) {
            return;
        }
        let mut state = self.lock();
        // Checked with the lock held: the shelf is cleared after trust is lost, so no connection remains.
        if state.is_closed || self.trust.is_lost(now) {
            drop(state);
            return;
        }
        while let Some((_, call)) = state.waiting.pop_first() {
            match call.send(connection) {
                Ok(()) => {
                    let unwanted = state.unwanted_orphans();
                    drop(state);
                    return end(unwanted);
                }
                Err(unwanted) => connection = unwanted,
            }
        }
        let oldest = if state.idle.len() >= self.limits.max_idle_connections {
            state.idle.pop_front()
        } else {
            None
        };
        state.idle.push_back(Idle {
            connection,
            since: now,
        });
        let is_reaped = mem::replace(&mut state.is_reaped, true);
        drop(state);
        drop(oldest);
        if !is_reaped {
            self.start_reaper(runtime);
        }
    }

    /// Must run without the lock: a runtime that is ending drops a spawned task at once, and the drop locks.
    fn start_reaper(self: &Arc<Self>, runtime: &Handle) {
        let leaves = Leaves(Arc::downgrade(self));
        let reaper = runtime.spawn(reap(leaves, self.limits.idle)).abort_handle();
        let mut state = self.lock();
        if state.is_closed {
            reaper.abort();
        }
        state.reaper = Some(reaper);
    }

    /// Adds a call to the queue, at its end or at the place that the call had before.
    pub(crate) fn wait(&self, place: Option<Ticket>) -> (Ticket, Given) {
        let (call, given) = oneshot::channel();
        let mut state = self.lock();
        let ticket = place.unwrap_or(state.tickets);
        if place.is_none() {
            state.tickets = state.tickets.wrapping_add(1);
        }
        if !state.is_closed {
            state.waiting.insert(ticket, call);
        }
        (ticket, given)
    }

    /// Removes a call from the queue; returns whether other calls still wait.
    pub(crate) fn leave(&self, ticket: Ticket) -> bool {
        let mut state = self.lock();
        state.waiting.remove(&ticket);
        let unwanted = state.unwanted_orphans();
        let others_wait = !state.waiting.is_empty();
        drop(state);
        end(unwanted);
        others_wait
    }

    /// Lets a dial go on without its call while other calls wait, and ends it if none do.
    pub(crate) fn adopt(&self, dial: Orphan) {
        let mut state = self.lock();
        state.orphans.retain(|orphan| !orphan.is_finished());
        state.orphans.push(dial);
        let mut unwanted = state.unwanted_orphans();
        if state.is_closed {
            unwanted.append(&mut state.orphans);
        }
        drop(state);
        end(unwanted);
    }

    /// Whether no connection is kept and no call waits.
    pub(crate) fn is_empty(&self) -> bool {
        let state = self.lock();
        state.idle.is_empty() && state.waiting.is_empty()
    }

    /// Closes the kept connections.
    pub(crate) fn clear(&self) {
        let idle = mem::take(&mut self.lock().idle);
        drop(idle);
    }

    /// Closes the kept connections, since the task that would close them later has ended.
    fn leave_to_nobody(&self) {
        let idle = {
            let mut state = self.lock();
            state.is_reaped = false;
            mem::take(&mut state.idle)
        };
        drop(idle);
    }

    /// Closes the kept connections, and keeps none from now on.
    pub(crate) fn close(&self) {
        let state = {
            let mut state = self.lock();
            let closed = State {
                is_closed: true,
                ..State::default()
            };
            mem::replace(&mut *state, closed)
        };
        if let Some(reaper) = state.reaper {
            reaper.abort();
        }
        end(state.orphans);
    }

    /// Closes the old connections. Returns when the next one will be old, if any is left.
    fn close_old(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut old = Vec::new();
        let mut state = self.lock();
        loop {
            let Some(oldest) = state.idle.front() else {
                state.is_reaped = false;
                return None;
            };
            match oldest.since.checked_add(self.limits.idle) {
                Some(due) if due <= now => old.extend(state.idle.pop_front()),
                due => return due,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the dials without a call, if no call waits any more.
    fn unwanted_orphans(&mut self) -> Vec<Orphan> {
        if self.waiting.is_empty() {
            mem::take(&mut self.orphans)
        } else {
            Vec::new()
        }
    }
}

/// Ends dials. Must run without the lock, since dropping a dial runs code of the dialer.
fn end(dials: Vec<Orphan>) {
    dials.into_iter().for_each(Orphan::end);
}

/// Closes the kept connections when their runtime ends, since that drops the runtime's tasks.
struct Leaves(Weak<Shelf>);

impl Drop for Leaves {
    fn drop(&mut self) {
        if let Some(shelf) = self.0.upgrade() {
            shelf.leave_to_nobody();
        }
    }
}

/// Closes connections when they get old. Ends when none is left.
async fn reap(mut leaves: Leaves, limit: Duration) {
    let first = Instant::now().checked_add(limit);
    let mut next = first;
    while let Some(due) = next {
        sleep_until(due).await;
        let Some(shelf) = leaves.0.upgrade() else {
            return;
        };
        next = shelf.close_old();
    }
    // Another task may have been started by now, so dropping this one must not close anything.
    leaves.0 = Weak::new();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dial::Dialer;
    use crate::pipe::pipe;
    use crate::pool::Pool;
    use payment_credentials_core::{Destination, Endpoint, Environment, Host};

    const TAKES: usize = 1_000;

    /// Takes connections so that an instruction counter can measure the cost, which a test cannot. Run
    /// `cargo test --release --lib -- --ignored --exact shelf::tests::takes_to_count` under `valgrind
    /// --tool=callgrind`, with `KEPT` connections.
    #[tokio::test]
    #[ignore = "does nothing but what an instruction counter counts"]
    async fn takes_to_count() {
        #[expect(
            clippy::disallowed_methods,
            reason = "the count is for a number of connections"
        )]
        let kept = std::env::var("KEPT").map_or(64, |kept| kept.parse().expect("a number"));
        let limits = Limits {
            idle: Duration::from_secs(600),
            max_idle_connections: 20_000,
            max_handshakes: 1,
        };
        let pool = Pool::new(limits);
        let endpoint = Endpoint::new(Environment::Test);
        let destination = Arc::new(Destination::from(&endpoint));
        let runtime = Handle::current();
        let (dialer, _listener) = pipe();
        let shelf = pool.shelf(&destination, runtime.id());
        for _ in 0..kept {
            let socket = dialer
                .dial(endpoint.base().host(), 80)
                .await
                .expect("a socket");
            let connection = Connection::over(socket, false).await;
            shelf.put(connection.expect("a connection"), &runtime);
        }
        for _ in 0..TAKES {
            let taken = take(&pool, &destination, &runtime);
            shelf.put(taken.expect("kept"), &runtime);
        }
    }

    /// A runtime drops all its tasks at once, including the task that closes old connections.
    #[test]
    fn a_connection_is_given_back_to_a_runtime_that_has_ended() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let ended = runtime.handle().clone();
        let (dialer, mut listener) = pipe();
        let (connection, theirs) = pollster::block_on(async {
            let socket = dialer
                .dial(&Host::Name("localhost".into()), 80)
                .await
                .expect("a socket");
            let theirs = listener.accept().await;
            let connection = Connection::over(socket, false).await;
            (
                connection.expect("a connection"),
                theirs.expect("its other end"),
            )
        });
        drop(runtime);
        let (tell, reported) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let limits = Limits {
                idle: Duration::from_secs(45),
                max_idle_connections: 1,
                max_handshakes: 1,
            };
            let shelf = Arc::new(Shelf::new(limits, Arc::default()));
            shelf.put(connection, &ended);
            let _ = tell.send(shelf.is_empty());
        });
        let is_empty = reported.recv_timeout(Duration::from_secs(30));
        assert_eq!(is_empty, Ok(true));
        drop(theirs);
    }

    #[inline(never)]
    fn take(
        pool: &Pool,
        destination: &Arc<Destination>,
        runtime: &Handle,
    ) -> Option<Box<Connection>> {
        pool.shelf(destination, runtime.id()).take()
    }
}
