use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::settings::DISTRUST;

/// Whether a place's connections may be kept.
///
/// A peer that sends what nobody asked for would sooner or later send it after the first byte of a
/// call, when it can't be distinguished from the response.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    /// Spares the lock where nothing ever happened.
    was_lost: AtomicBool,
    until: Mutex<Option<Instant>>,
}

impl Trust {
    /// Notes that a connection brought what nobody had asked for; false if that was known.
    pub(crate) fn lose(&self, now: Instant) -> bool {
        if self.is_lost(now) {
            return false;
        }
        let until = now.checked_add(DISTRUST);
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        self.was_lost.store(true, Ordering::SeqCst);
        true
    }

    pub(crate) fn is_lost(&self, now: Instant) -> bool {
        if !self.was_lost.load(Ordering::SeqCst) {
            return false;
        }
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }
}
