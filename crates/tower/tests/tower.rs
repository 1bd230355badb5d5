//! Services as transports, ports as services, and the way back.
#![expect(clippy::expect_used, reason = "tests fail by panicking")]

#[path = "tower/contract.rs"]
mod contract;
#[path = "tower/ports.rs"]
mod ports;
#[path = "tower/readiness.rs"]
mod readiness;
#[path = "tower/sandboxed.rs"]
mod sandboxed;
