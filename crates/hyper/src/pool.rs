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

use crate::connection::Connection;
use payment_credentials_core::Destination;

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
    route: Arc<Destination>,
    /// Where its task runs. Another runtime may be running while this one stands still.
    runtime: Id,
    connection: Box<Connection>,
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
    pub(crate) fn take(&self, route: &Destination, runtime: Id) -> Option<Box<Connection>> {
        let mut idle = self.lock();
        idle.close_old(self.idle_limit);
        let newest = idle
            .connections
            .iter()
            .rposition(|idle| idle.runtime == runtime && *idle.route == *route)?;
        Some(idle.connections.remove(newest).connection)
    }

    /// Keeps a connection for the next call; the oldest makes room.
    pub(crate) fn put(
        self: &Arc<Self>,
        route: Arc<Destination>,
        runtime: Id,
        connection: Box<Connection>,
    ) {
        if self.max_idle == 0 || !connection.is_young(Instant::now()) {
            return;
        }
        let mut idle = self.lock();
        if idle.connections.len() >= self.max_idle {
            idle.connections.remove(0);
        }
        idle.connections.push(IdleConnection {
            route,
            runtime,
            connection,
            since: Instant::now(),
        });
        if idle.reaper.as_ref().is_none_or(JoinHandle::is_finished) {
            let leaves = Leaves(Arc::downgrade(self), runtime);
            let limit = self.idle_limit;
            idle.reaper = Some(tokio::spawn(async move { reap(&leaves, limit).await }));
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
        self.connections.retain(|idle| {
            idle.connection.is_young(Instant::now()) && idle.since.elapsed() < limit
        });
    }
}

/// Closes what was kept on a runtime as the runtime ends, which drops its tasks.
struct Leaves(Weak<Pool>, Id);

impl Drop for Leaves {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            let mut idle = pool.lock();
            idle.connections.retain(|idle| idle.runtime != self.1);
        }
    }
}

/// Closes connections as they get old; ends when there are none, or no pool.
async fn reap(leaves: &Leaves, limit: Duration) {
    loop {
        let oldest = {
            let Some(pool) = leaves.0.upgrade() else {
                return;
            };
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
