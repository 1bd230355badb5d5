//! Hostile JWEs and payloads, row by row of the reliability bar: A1 to A35 and F1 to F16.
//!
//! A test's name starts with its row. Each drives the way that a response takes: the body's bytes,
//! the gateway with or without message-level encryption, `JweOpener`, `PaymentCredentials`. Rows on
//! settings, answers, names, TLS and time have theirs with the crates that keep them; `rows` asks for
//! all of them.

#[path = "hostile/certificates.rs"]
mod certificates;
#[path = "hostile/content.rs"]
mod content;
#[path = "hostile/content_key_heap.rs"]
mod content_key_heap;
#[path = "hostile/cryptography.rs"]
mod cryptography;
#[path = "hostile/header.rs"]
mod header;
#[path = "hostile/heap.rs"]
mod heap;
#[path = "hostile/json_suite.rs"]
mod json_suite;
#[path = "hostile/key_heap.rs"]
mod key_heap;
#[path = "hostile/memory.rs"]
mod memory;
#[path = "hostile/payload.rs"]
mod payload;
#[path = "hostile/rows.rs"]
mod rows;
#[path = "hostile/scanned.rs"]
mod scanned;
#[path = "hostile/sealer.rs"]
mod sealer;
#[path = "hostile/secrets.rs"]
mod secrets;
#[path = "hostile/selection.rs"]
mod selection;
#[path = "hostile/shape.rs"]
mod shape;
#[path = "hostile/way.rs"]
mod way;
