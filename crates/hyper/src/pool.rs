//! Idle connections: kept for a while, used newest first, closed when they get old.
//!
//! hyper-util's client has a pool too. This one exists because a call must know which connection
//! it writes to: only so is `NotSent` a fact, each phase its own, and a connection that saw a
//! fault never used again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Id;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use payment_credentials_core::Destination;

use crate::connection::Connection;

#[derive(Debug)]
pub(crate) struct Pool {
    idle_limit: Duration,
    max_idle: usize,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    /// Oldest first.
    connections: Vec<IdleConnection>,
    /// Closes connections that get old while no call comes by.
    reaper: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct IdleConnection {
    destination: Arc<Destination>,
    /// Where its task runs. Another runtime may be running while this one stands still.
    runtime: Id,
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(idle_limit: Duration, max_idle: usize) -> Arc<Self> {
        Arc::new(Self {
            idle_limit,
            max_idle,
            idle: Mutex::default(),
        })
    }

    /// The connection that was used last among those that lead there and are driven here.
    pub(crate) fn take(&self, destination: &Destination, runtime: Id) -> Option<Connection> {
        let mut idle = self.lock();
        idle.close_old(self.idle_limit);
        let newest = idle
            .connections
            .iter()
            .rposition(|idle| idle.runtime == runtime && *idle.destination == *destination)?;
        Some(idle.connections.remove(newest).connection)
    }

    /// Keeps a connection for the next call; the oldest makes room.
    pub(crate) fn put(
        self: &Arc<Self>,
        destination: Arc<Destination>,
        runtime: Id,
        connection: Connection,
    ) {
        if self.max_idle == 0 || !connection.is_usable() {
            return;
        }
        let mut idle = self.lock();
        if idle.connections.len() >= self.max_idle {
            idle.connections.remove(0);
        }
        idle.connections.push(IdleConnection {
            destination,
            runtime,
            connection,
            since: Instant::now(),
        });
        if idle.reaper.as_ref().is_none_or(JoinHandle::is_finished) {
            idle.reaper = Some(tokio::spawn(reap(Arc::downgrade(self), self.idle_limit)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(reaper) = self.lock().reaper.take() {
            reaper.abort();
        }
    }
}

impl Idle {
    fn close_old(&mut self, limit: Duration) {
        self.connections
            .retain(|idle| idle.connection.is_usable() && idle.since.elapsed() < limit);
    }
}

/// Closes connections as they get old; ends when there are none, or no pool.
async fn reap(pool: Weak<Pool>, limit: Duration) {
    loop {
        let oldest = {
            let Some(pool) = pool.upgrade() else { return };
            let mut idle = pool.lock();
            idle.close_old(limit);
            let Some(oldest) = idle.connections.first() else {
                idle.reaper = None;
                return;
            };
            oldest.since
        };
        let Some(due) = oldest.checked_add(limit) else {
            return;
        };
        sleep_until(due).await;
    }
}
