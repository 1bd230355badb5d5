//! Rows of `tests/ROWS.md`: the JWE and its payload, and what is seen of keys, settings and refusals
//! without a network. A test's name starts with its row.

mod certificates;
mod content;
mod cryptography;
mod header;
mod ids;
mod json_suite;
mod payload;
mod refusals;
mod secrets;
mod selection;
mod settings;
mod shape;
mod signing;
