//! No log line, error, `Debug` output or panic shows a secret, whatever happens.
//!
//! Each test creates secrets of its own, the canaries, and passes them to everything that could repeat
//! them: requests, signatures, keys, responses, plaintexts. A [`Scan`](scan::Scan) then searches for
//! each canary, in every encoding, in everything that this project and its dependencies logged meanwhile
//! and in everything that an application could print. A finding is reported by place and encoding, and
//! its text is never repeated.

pub(crate) mod canaries;
mod cassettes;
pub(crate) mod collector;
mod encodings;
mod encrypted;
mod hearing;
mod inputs;
mod panics;
mod proxies;
mod repository;
mod responses;
pub(crate) mod scan;
mod sealer;
mod seams;
mod service;
mod signers;
mod vault;
