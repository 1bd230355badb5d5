//! Rows of `tests/ROWS.md`: the JWE and its payload, and what keys, settings and refusals reveal
//! without a network. A test's name begins with its row.

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
