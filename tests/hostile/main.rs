//! Hostile and faulty inputs, as `tests/ROWS.md` lists them.
//!
//! `rows` has the tests of those rows that need no network; the tests of others are in the crates that
//! implement them. `memory` scans what a process leaves behind, `tools` is what both use, and `row_list`
//! checks that each row has a test.

mod memory;
mod row_list;
mod rows;
mod tools;
