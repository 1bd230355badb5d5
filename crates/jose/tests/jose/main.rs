//! Opens and rejects JWEs of seven other implementations and JWEs that are sealed here.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test helper that can't do its work fails the test"
)]

mod contract;
mod fixtures;
mod key_service;
mod mle_calls;
mod mle_keys;
mod mle_opening;
mod mle_sealing;
mod mle_stage;
mod offload;
mod sealer;
mod secrets;
mod selection;
mod shape;
mod tampering;
mod vectors;
