//! Services as transports, ports as services, and services as ports.
#![expect(clippy::expect_used, reason = "tests fail by panicking")]

mod contract;
mod ports;
mod readiness;
mod sandboxed;
