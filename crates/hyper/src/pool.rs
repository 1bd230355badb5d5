//! Kept connections: a stack for each place and runtime, used newest first, closed when they get old.
//!
//! hyper-util's client has a pool too. This one exists because a call must know which connection
//! it writes to: only so is `NotSent` a fact, each phase its own, and a connection that saw a
//! fault never used again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use payment_credentials_core::TransportError;
use tokio::runtime::Id;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::fault;
use crate::route::Route;
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

#[derive(Debug, Default)]
struct Places {
    /// One for each runtime too. Another may be running while this one stands still.
    shelves: HashMap<(Arc<Route>, Id), Arc<Shelf>>,
    trusts: HashMap<Arc<Route>, Arc<Trust>>,
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

    /// What is kept of the connections that lead there and were made on that runtime.
    pub(crate) fn shelf(&self, route: &Arc<Route>, runtime: Id) -> Arc<Shelf> {
        let mut places = self.lock();
        let Places { shelves, trusts } = &mut *places;
        match shelves.entry((Arc::clone(route), runtime)) {
            Entry::Occupied(known) => Arc::clone(known.get()),
            Entry::Vacant(new) => {
                let trust = trusts.entry(Arc::clone(route)).or_default();
                let stack = Arc::new(Shelf::new(self.limits, Arc::clone(trust)));
                new.insert(Arc::clone(&stack));
                // Runtimes come and go. What nobody holds and holds nothing can be made again.
                shelves.retain(|_, shelf| Arc::strong_count(shelf) > 1 || !shelf.is_empty());
                let now = Instant::now();
                trusts.retain(|_, trust| Arc::strong_count(trust) > 1 || trust.is_lost(now));
                stack
            }
        }
    }

    /// Notes that a peer sent what nobody had asked for: for a while none of the place's connections
    /// is kept, on no runtime.
    pub(crate) fn distrust(&self, route: &Arc<Route>) {
        let (trust, shelves) = {
            let mut places = self.lock();
            let trust = Arc::clone(places.trusts.entry(Arc::clone(route)).or_default());
            let there = places.shelves.iter().filter(|((to, _), _)| to == route);
            let shelves: Vec<_> = there.map(|(_, shelf)| Arc::clone(shelf)).collect();
            (trust, shelves)
        };
        if !trust.lose(Instant::now()) {
            return;
        }
        tracing::warn!(
            target: "payment_credentials",
            "a connection brought bytes that no request had asked for; for ten minutes, no \
             connection to there is used twice"
        );
        for shelf in shelves {
            shelf.clear();
        }
    }

    /// Counts a call for as long as what it gets lives.
    pub(crate) fn begin(&self) -> Result<UnderWay<'_>, TransportError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let call = UnderWay(self);
        if self.is_closing.load(Ordering::SeqCst) {
            return Err(fault::unusable("the transport has been shut down"));
        }
        Ok(call)
    }

    /// Takes no more calls, and waits for the others to end; how many haven't by then.
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
        match timeout(patience, ended).await {
            Ok(()) => 0,
            Err(_elapsed) => self.calls.load(Ordering::SeqCst),
        }
    }

    fn close(&self) {
        let shelves: Vec<_> = self.lock().shelves.drain().collect();
        for (_, shelf) in shelves {
            shelf.close();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    /// Closes what is kept, by itself: its runtimes may stand still, or be gone.
    fn drop(&mut self) {
        self.close();
    }
}

/// A call under way.
pub(crate) struct UnderWay<'a>(&'a Pool);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let before = self.0.calls.fetch_sub(1, Ordering::SeqCst);
        if before == 1 && self.0.is_closing.load(Ordering::SeqCst) {
            self.0.call_ended.notify_waiters();
        }
    }
}
