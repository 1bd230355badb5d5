//! Hostile JWEs and payloads, row by row of the reliability bar: A1 to A35 and F1 to F16.
//!
//! A test's name starts with its row. Each test takes the path of a response: the body's bytes, the
//! gateway with or without message-level encryption, `JweOpener`, `PaymentCredentials`. The tests of rows
//! on settings, responses, names, TLS and time are in the crates that implement them; `rows` checks that
//! every row has a test.

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
