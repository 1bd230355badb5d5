//! What the transport promises, held against peers that keep to nothing.
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
