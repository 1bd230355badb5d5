//! How much memory a response needs, and what remains of the response in memory.

mod bounded;
mod content_key_heap;
mod heap;
mod key_heap;
mod scanned;
