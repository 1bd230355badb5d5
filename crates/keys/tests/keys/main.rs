//! Key files that are read, whichever program made them, and those whose error names what they
//! hold.
#![expect(
    clippy::expect_used,
    reason = "a test helper that can't do its work fails the test"
)]

mod certificates;
mod fixtures;
mod foreign;
mod key_files;
mod keystores;
mod keystores_hostile;
mod keystores_refused;
mod passwords;
mod ruined;
mod shapes;
mod signing;
