//! Signs requests exactly as the vectors do, and rejects keys and secrets that can't sign.
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
