//! Kept connections: a stack for each place and runtime, used newest first, closed when they get old.
//!
//! hyper-util's client has a pool too. This one exists because a call must know which connection
//! it writes to: only so is `NotSent` a fact, each phase its own, and a connection that saw a
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

/// They are few: one or two places, on the runtimes that run.
#[derive(Debug, Default)]
struct Places {
    /// One for each runtime too. Another may be running while this one stands still.
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

    /// Runtimes come and go. What nobody holds and holds nothing can be made again.
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

    /// What is kept of the connections that lead there and were made on that runtime.
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

    /// Notes that a peer sent what nobody had asked for: for a while none of the place's connections
    /// is kept, on no runtime.
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
            "a connection brought bytes that no request had asked for; for ten minutes, no \
             connection to that service is used twice"
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
            return Err(failure::unusable("the transport has been shut down"));
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
        let left = match timeout(patience, ended).await {
            Ok(()) => 0,
            Err(_elapsed) => self.calls.load(Ordering::SeqCst),
        };
        // A call that had begun before may have made a shelf since.
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
