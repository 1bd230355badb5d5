//! Hostile and faulty inputs, as listed in `tests/ROWS.md`.
//!
//! `rows` has the tests of those rows that need no network; the tests of the other rows are in the
//! crates that implement them. `memory` scans what a process leaves in memory, `tools` is shared by
//! both, and `row_list` checks that each row has a test.

mod memory;
mod row_list;
mod rows;
mod tools;
