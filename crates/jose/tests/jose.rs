//! Opens and refuses JWEs, those of seven other implementations and those sealed here; and key files.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test helper that can't do its work fails the test"
)]

#[path = "jose/contract.rs"]
mod contract;
#[path = "jose/fixtures.rs"]
mod fixtures;
#[path = "jose/key_service.rs"]
mod key_service;
#[path = "jose/mle_calls.rs"]
mod mle_calls;
#[path = "jose/mle_keys.rs"]
mod mle_keys;
#[path = "jose/mle_opening.rs"]
mod mle_opening;
#[path = "jose/mle_sealing.rs"]
mod mle_sealing;
#[path = "jose/mle_stage.rs"]
mod mle_stage;
#[path = "jose/offload.rs"]
mod offload;
#[path = "jose/sealer.rs"]
mod sealer;
#[path = "jose/secrets.rs"]
mod secrets;
#[path = "jose/selection.rs"]
mod selection;
#[path = "jose/shape.rs"]
mod shape;
#[path = "jose/tampering.rs"]
mod tampering;
#[path = "jose/vectors.rs"]
mod vectors;
