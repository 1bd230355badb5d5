//! No log line, error, `Debug` or panic shows a secret, whatever happens.
//!
//! Each test makes secrets of its own, the canaries, and passes them to everything that could repeat
//! them: requests, signatures, keys, responses, plaintexts. A [`Scan`](scan::Scan) then looks for each
//! canary, in every encoding, in all that this project and every dependency logged meanwhile, and in all
//! that an application could print. A finding is reported by place and encoding, and never repeated.

pub(crate) mod canaries;
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
