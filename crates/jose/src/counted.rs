//! Counts the expensive operations on this thread: a success must not use fewer of them than a failure.

use std::cell::Cell;

thread_local! {
    static KEYS: Cell<usize> = const { Cell::new(0) };
    static CONTENTS: Cell<usize> = const { Cell::new(0) };
}

/// Counts a use of a private key.
pub(crate) fn key_used() {
    KEYS.set(KEYS.get() + 1);
}

/// Counts a decryption of a content, whether it succeeded or not.
pub(crate) fn content_tried() {
    CONTENTS.set(CONTENTS.get() + 1);
}

/// Returns the uses of private keys and of content keys since the last call.
pub(crate) fn taken() -> (usize, usize) {
    (KEYS.take(), CONTENTS.take())
}
