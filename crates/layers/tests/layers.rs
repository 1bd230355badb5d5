//! The layers, by paused time: what they let through, when, how often, and what is seen of it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test may fail it"
)]

#[path = "layers/compositions.rs"]
mod compositions;
#[path = "layers/contract.rs"]
mod contract;
#[path = "layers/deadline.rs"]
mod deadline;
#[path = "layers/dropping.rs"]
mod dropping;
#[path = "layers/extremes.rs"]
mod extremes;
#[path = "layers/fake.rs"]
mod fake;
#[path = "layers/limits.rs"]
mod limits;
#[path = "layers/measured.rs"]
mod measured;
#[path = "layers/quota.rs"]
mod quota;
#[path = "layers/resets.rs"]
mod resets;
#[path = "layers/retry.rs"]
mod retry;
#[path = "layers/retry_after.rs"]
mod retry_after;
#[path = "layers/retry_numbers.rs"]
mod retry_numbers;
#[path = "layers/retry_policy.rs"]
mod retry_policy;
#[path = "layers/signed_anew.rs"]
mod signed_anew;
#[path = "layers/storm.rs"]
mod storm;
#[path = "layers/traced.rs"]
mod traced;
