//! Signs requests as the vectors have them, and refuses what can't be signed with.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test helper that can't do its work fails the test"
)]

#[path = "auth/bearer.rs"]
mod bearer;
#[path = "auth/certificates.rs"]
mod certificates;
#[path = "auth/clocks.rs"]
mod clocks;
#[path = "auth/fixtures.rs"]
mod fixtures;
#[path = "auth/gateway.rs"]
mod gateway;
#[path = "auth/jwt_ids.rs"]
mod jwt_ids;
#[path = "auth/merchants.rs"]
mod merchants;
#[path = "auth/secrets.rs"]
mod secrets;
#[path = "auth/vectors.rs"]
mod vectors;
#[path = "auth/warning.rs"]
mod warning;
