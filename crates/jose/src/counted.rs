//! How often the costly work was done on this thread: a success must not take less of it.

use std::cell::Cell;

thread_local! {
    static KEYS: Cell<usize> = const { Cell::new(0) };
    static CONTENTS: Cell<usize> = const { Cell::new(0) };
}

/// A private key was used.
pub(crate) fn key_used() {
    KEYS.set(KEYS.get() + 1);
}

/// A content was decrypted, or found not to be what was sealed.
pub(crate) fn content_tried() {
    CONTENTS.set(CONTENTS.get() + 1);
}

/// Uses of private keys, and of content keys, since it was last asked.
pub(crate) fn taken() -> (usize, usize) {
    (KEYS.take(), CONTENTS.take())
}
