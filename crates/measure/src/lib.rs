//! The hot paths, each as this library does it and as the bare libraries below it do, called directly.
//!
//! The binary `counts` runs them for `.ci/counts`, which counts their instructions and allocations; the
//! benchmark `compare` times them; the benchmark `growth` makes ever more calls at once. [`bare`] states for
//! each path what the bare libraries are given to do.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a measurement ends where its input is wrong"
)]

pub mod alternative;
pub mod bare;
pub mod caller;
pub mod compare;
pub mod fixtures;
pub mod load;
pub mod ours;
pub mod peer;
pub mod process;
pub mod service;
pub mod signing;
