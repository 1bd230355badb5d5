//! No secret leaves by a log line, an error, a `Debug` or a panic, whatever happens.
//!
//! Each test makes secrets of its own, the canaries, and hands them to everything that could
//! repeat them: requests, signatures, keys, answers, plaintexts. A [`Scan`](scan::Scan) then looks
//! for each of them, in every spelling, in all that was logged meanwhile by us and by every
//! dependency, and in all that an application could print. What is found is told by place and
//! spelling, and never repeated.

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
