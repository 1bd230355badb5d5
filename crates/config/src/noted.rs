//! Notes that are made while files are read.

use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostic::Diagnostic;
use crate::known_keys::KnownKeys;

/// Notes, each once, and the keys that were read. A clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noted {
    notes: Arc<Mutex<Vec<Diagnostic>>>,
    pub(crate) known_keys: KnownKeys,
}

impl Noted {
    /// Keeps a note, and logs it as a warning, since not every caller reads the notes.
    pub(crate) fn add(&self, note: Diagnostic) {
        log(&note);
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    pub(crate) fn all(&self) -> Vec<Diagnostic> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.clone()
    }
}

/// Logs a note as a warning.
pub(crate) fn log(note: &Diagnostic) {
    tracing::warn!(%note, "the configuration works, but may not be what was meant");
}
