//! The layers with paused time: which calls they pass on, when, how often, and what they report.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test may fail it"
)]

mod compositions;
mod contract;
mod deadline;
mod dropping;
mod extremes;
mod fake;
mod limits;
mod measured;
mod no_timers;
mod opened;
mod panicking;
mod quota;
mod resets;
mod retry;
mod retry_after;
mod retry_numbers;
mod retry_policy;
mod signed_anew;
mod storm;
mod traced;
mod zero;
