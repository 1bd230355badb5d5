//! Hostile JWEs and payloads, row by row of the reliability bar: A1 to A35 and F1 to F16.
//!
//! A test's name starts with its row. `rows` has the tests, which take the path of a response: the body's
//! bytes, the gateway with or without message-level encryption, `JweOpener`, `PaymentCredentials`. `memory`
//! scans what a process leaves behind, and `tools` is what both use. The tests of rows on settings,
//! responses, names, TLS and time are in the crates that implement them; `row_list` checks that every row
//! has a test.

mod memory;
mod row_list;
mod rows;
mod tools;
