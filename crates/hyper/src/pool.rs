//! Keeps idle connections: a stack for each destination and runtime. The newest connection is used first,
//! and old connections are closed.
//!
//! hyper-util's client has a pool too. This pool exists because a call must know which connection it
//! writes to. Only then is `NotSent` certain, the phase that of this call, and a connection that had a
//! fault never used again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use payment_credentials_core::{Destination, TransportError};
use tokio::runtime::Id;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::failure;
use crate::shelf::{Limits, Shelf};
use crate::trust::Trust;

#[derive(Debug)]
pub(crate) struct Pool {
    limits: Limits,
    places: Mutex<Places>,
    calls: AtomicUsize,
    is_closing: AtomicBool,
    call_ended: Notify,
}

/// The shelves and the trust of all destinations. They are few: one or two destinations per runtime.
#[derive(Debug, Default)]
struct Places {
    /// One for each destination and runtime, since one runtime may run while another stands still.
    shelves: Vec<Shelved>,
    trusts: Vec<(Arc<Destination>, Arc<Trust>)>,
}

#[derive(Debug)]
struct Shelved {
    destination: Arc<Destination>,
    runtime: Id,
    shelf: Arc<Shelf>,
}

impl Places {
    fn trust(&mut self, destination: &Arc<Destination>) -> Arc<Trust> {
        if let Some((_, known)) = self.trusts.iter().find(|(to, _)| to == destination) {
            return Arc::clone(known);
        }
        let trust = Arc::<Trust>::default();
        self.trusts
            .push((Arc::clone(destination), Arc::clone(&trust)));
        trust
    }

    /// Removes entries that are unused and empty, such as those of runtimes that have ended. They can be
    /// made again.
    fn tidy(&mut self) {
        self.shelves
            .retain(|there| Arc::strong_count(&there.shelf) > 1 || !there.shelf.is_empty());
        let now = Instant::now();
        self.trusts
            .retain(|(_, trust)| Arc::strong_count(trust) > 1 || trust.is_lost(now));
    }
}

impl Pool {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            places: Mutex::default(),
            calls: AtomicUsize::new(0),
            is_closing: AtomicBool::new(false),
            call_ended: Notify::new(),
        }
    }

    /// The shelf with the kept connections to this destination that were made on this runtime.
    pub(crate) fn shelf(&self, destination: &Arc<Destination>, runtime: Id) -> Arc<Shelf> {
        let mut places = self.lock();
        let known = places
            .shelves
            .iter()
            .find(|there| there.runtime == runtime && there.destination == *destination);
        if let Some(known) = known {
            return Arc::clone(&known.shelf);
        }
        places.tidy();
        let trust = places.trust(destination);
        let made = Arc::new(Shelf::new(self.limits, trust));
        places.shelves.push(Shelved {
            destination: Arc::clone(destination),
            runtime,
            shelf: Arc::clone(&made),
        });
        made
    }

    /// Records that a peer sent unrequested bytes: for ten minutes, no connection to the destination is kept
    /// on any runtime.
    pub(crate) fn distrust(&self, destination: &Arc<Destination>) {
        let (trust, shelves) = {
            let mut places = self.lock();
            let there = places
                .shelves
                .iter()
                .filter(|there| there.destination == *destination);
            let shelves: Vec<_> = there.map(|there| Arc::clone(&there.shelf)).collect();
            (places.trust(destination), shelves)
        };
        if !trust.lose(Instant::now()) {
            return;
        }
        tracing::warn!(
            target: "payment_credentials",
            "a peer sent bytes that belong to no request; for ten minutes, each connection to \
             this service carries only one call"
        );
        for shelf in shelves {
            shelf.clear();
        }
    }

    /// Counts a call as in progress until the returned value is dropped.
    pub(crate) fn begin(&self) -> Result<UnderWay<'_>, TransportError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let call = UnderWay(self);
        if self.is_closing.load(Ordering::SeqCst) {
            return Err(failure::unusable(
                "the transport was shut down; build a new one",
            ));
        }
        Ok(call)
    }

    /// Accepts no more calls and waits for those in progress. Returns how many of them haven't ended.
    pub(crate) async fn shut_down(&self, patience: Duration) -> usize {
        self.is_closing.store(true, Ordering::SeqCst);
        self.close();
        let ended = async {
            loop {
                let mut call_ended = std::pin::pin!(self.call_ended.notified());
                call_ended.as_mut().enable();
                if self.calls.load(Ordering::SeqCst) == 0 {
                    return;
                }
                call_ended.await;
            }
        };
        let left = match timeout(patience, ended).await {
            Ok(()) => 0,
            Err(_elapsed) => self.calls.load(Ordering::SeqCst),
        };
        // A call that began before the shutdown may have made a shelf meanwhile.
        self.close();
        left
    }

    fn close(&self) {
        let shelves = std::mem::take(&mut self.lock().shelves);
        for there in shelves {
            there.shelf.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    /// Closes the kept connections directly, since their runtimes may stand still or have ended.
    fn drop(&mut self) {
        self.close();
    }
}

/// A call in progress.
pub(crate) struct UnderWay<'a>(&'a Pool);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let before = self.0.calls.fetch_sub(1, Ordering::SeqCst);
        if before == 1 && self.0.is_closing.load(Ordering::SeqCst) {
            self.0.call_ended.notify_waiters();
        }
    }
}
