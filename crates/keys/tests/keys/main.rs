//! Key files that are read, by whatever program they were made, and those that say what they hold.
#![expect(
    clippy::expect_used,
    reason = "a test helper that can't do its work fails the test"
)]

mod certificates;
mod fixtures;
mod key_files;
mod keystores;
mod keystores_hostile;
mod keystores_refused;
mod signing;
