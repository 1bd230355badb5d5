//! Tests of the sandbox over a socket, with a client that writes requests as text.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::assigning_clones,
    reason = "a test helper that can't do its work fails the test"
)]

mod answers;
mod asserting;
mod authentication;
mod captured;
mod client;
mod credentials;
mod explanations;
mod fault_replay;
mod fault_rules;
mod faults;
mod files;
mod follower;
mod http_signature;
mod jwt;
mod jwt_keys;
mod keystore;
mod lasting;
mod life;
mod members;
mod mistakes;
mod mle;
mod mle_checks;
mod mle_sealing;
mod opening;
mod proxy;
mod record;
mod secrets;
mod signer;
mod strictness;
mod tolerance;
mod tolerances;
mod vault_faults;
mod version_1;
