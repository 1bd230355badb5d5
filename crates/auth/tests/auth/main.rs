//! Signs requests as the vectors have them, and refuses what can't be signed with.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test helper that can't do its work fails the test"
)]

mod bearer;
mod certificates;
mod clocks;
mod fixtures;
mod gateway;
mod jwt_ids;
mod merchants;
mod secrets;
mod vectors;
mod warning;
