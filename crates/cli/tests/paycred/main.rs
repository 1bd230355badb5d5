//! The program as its users meet it: what it prints, where, and how it ends.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

mod calls;
mod examinations;
mod explanations;
mod folder;
mod key_files;
mod program;
mod usage;
