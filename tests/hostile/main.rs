//! Hostile JWEs and payloads, row by row of the reliability bar: A1 to A35 and F1 to F16.
//!
//! A test's name starts with its row. Each drives the way that a response takes: the body's bytes,
//! the gateway with or without message-level encryption, `JweOpener`, `PaymentCredentials`. Rows on
//! settings, answers, names, TLS and time have theirs with the crates that keep them; `rows` asks for
//! all of them.

mod certificates;
mod content;
mod content_key_heap;
mod cryptography;
mod header;
mod heap;
mod json_suite;
mod key_heap;
mod memory;
mod payload;
mod rows;
mod scanned;
mod sealer;
mod secrets;
mod selection;
mod shape;
mod way;
