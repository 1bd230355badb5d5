//! What the transport and the port over it promise, tested against peers that break every rule.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

mod answers;
mod authority;
mod blocking;
mod burst;
mod certificates;
mod contract;
mod crowd;
mod curl;
mod deadlines;
mod dropped;
mod environment;
mod faults;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod forked;
mod framing;
mod handles;
mod identity;
mod kept;
mod key_services;
mod offload;
mod peer;
mod pool;
mod proxy;
mod records;
mod refusals;
mod sandboxed;
mod shelves;
mod soak;
mod surplus;
mod unsolicited;
mod untimely;
mod unusual_refusals;
