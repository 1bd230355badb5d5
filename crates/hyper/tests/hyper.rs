//! What the transport and the port over it promise, held against peers that keep to nothing.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

#[path = "hyper/answers.rs"]
mod answers;
#[path = "hyper/authority.rs"]
mod authority;
#[path = "hyper/blocking.rs"]
mod blocking;
#[path = "hyper/burst.rs"]
mod burst;
#[path = "hyper/certificates.rs"]
mod certificates;
#[path = "hyper/contract.rs"]
mod contract;
#[path = "hyper/crowd.rs"]
mod crowd;
#[path = "hyper/curl.rs"]
mod curl;
#[path = "hyper/deadlines.rs"]
mod deadlines;
#[path = "hyper/dropped.rs"]
mod dropped;
#[path = "hyper/environment.rs"]
mod environment;
#[path = "hyper/faults.rs"]
mod faults;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[path = "hyper/forked.rs"]
mod forked;
#[path = "hyper/framing.rs"]
mod framing;
#[path = "hyper/handles.rs"]
mod handles;
#[path = "hyper/identity.rs"]
mod identity;
#[path = "hyper/kept.rs"]
mod kept;
#[path = "hyper/key_services.rs"]
mod key_services;
#[path = "hyper/peer.rs"]
mod peer;
#[path = "hyper/pool.rs"]
mod pool;
#[path = "hyper/proxy.rs"]
mod proxy;
#[path = "hyper/records.rs"]
mod records;
#[path = "hyper/refusals.rs"]
mod refusals;
#[path = "hyper/sandboxed.rs"]
mod sandboxed;
#[path = "hyper/sessions.rs"]
mod sessions;
#[path = "hyper/shelves.rs"]
mod shelves;
#[path = "hyper/soak.rs"]
mod soak;
#[path = "hyper/surplus.rs"]
mod surplus;
#[path = "hyper/threads.rs"]
mod threads;
#[path = "hyper/unasked.rs"]
mod unasked;
#[path = "hyper/untimely.rs"]
mod untimely;
