//! What the transport promises, tested against peers that break every rule.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

mod answers;
mod contract;
mod environment;
mod faults;
mod identity;
mod peer;
mod pool;
mod sandboxed;
mod unsolicited;
