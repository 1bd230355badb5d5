use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::settings::DISTRUST;

/// Whether the connections to a destination may be kept.
///
/// A peer that sends unrequested bytes will sooner or later send them after the first byte of a request,
/// when they can't be distinguished from the response.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    /// Avoids the lock as long as trust has never been lost.
    was_lost: AtomicBool,
    until: Mutex<Option<Instant>>,
}

impl Trust {
    /// Records that a peer sent unrequested bytes; false if trust was lost already.
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
