//! What the transport promises, held against peers that keep to nothing.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

#[path = "reqwest/answers.rs"]
mod answers;
#[path = "reqwest/contract.rs"]
mod contract;
#[path = "reqwest/environment.rs"]
mod environment;
#[path = "reqwest/faults.rs"]
mod faults;
#[path = "reqwest/identity.rs"]
mod identity;
#[path = "reqwest/peer.rs"]
mod peer;
#[path = "reqwest/pool.rs"]
mod pool;
#[path = "reqwest/sandboxed.rs"]
mod sandboxed;
/// As hyper's tests have it.
#[path = "../../hyper/tests/hyper/sessions.rs"]
mod sessions;
#[path = "reqwest/unasked.rs"]
mod unasked;
