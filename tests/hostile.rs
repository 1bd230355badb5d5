//! Hostile JWEs and payloads, row by row of the reliability bar: A1 to A35 and F1 to F16.
//!
//! A test's name starts with its row. Each drives the way that an answer takes: the body's bytes,
//! `wire::decode`, `JweOpener`, `PaymentCredentials`.
//!
//! Some of what the rows ask for waits until response message-level encryption is there: A31's
//! limit of two layers, and A32's second layer that opens with the other key. Until then every
//! `encryptedResponse` is unexpected, and a plaintext that is a JWE again is no credentials. The
//! opt-in of A30, for credentials that come unencrypted, isn't built.

#[path = "hostile/content.rs"]
mod content;
#[path = "hostile/cryptography.rs"]
mod cryptography;
#[path = "hostile/header.rs"]
mod header;
#[path = "hostile/heap.rs"]
mod heap;
#[path = "hostile/json_suite.rs"]
mod json_suite;
#[path = "hostile/memory.rs"]
mod memory;
#[path = "hostile/payload.rs"]
mod payload;
#[path = "hostile/rows.rs"]
mod rows;
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
