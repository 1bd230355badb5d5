//! How much memory a response takes, and what stays in it.

mod bounded;
mod content_key_heap;
mod heap;
mod key_heap;
mod scanned;
