//! No secret leaves by a log line, an error, a `Debug` or a panic, whatever happens.
//!
//! Each test makes secrets of its own, the canaries, and hands them to everything that could
//! repeat them: requests, signatures, keys, answers, plaintexts. A [`Scan`](scan::Scan) then looks
//! for each of them, in every spelling, in all that was logged meanwhile by us and by every
//! dependency, and in all that an application could print. What is found is told by place and
//! spelling, and never repeated.

#[path = "leaks/answers.rs"]
mod answers;
#[path = "leaks/canaries.rs"]
pub(crate) mod canaries;
#[path = "leaks/collector.rs"]
pub(crate) mod collector;
#[path = "leaks/encrypted.rs"]
mod encrypted;
#[path = "leaks/hearing.rs"]
mod hearing;
#[path = "leaks/inputs.rs"]
mod inputs;
#[path = "leaks/panics.rs"]
mod panics;
#[path = "leaks/proxies.rs"]
mod proxies;
#[path = "leaks/repository.rs"]
mod repository;
#[path = "leaks/scan.rs"]
pub(crate) mod scan;
#[path = "leaks/sealer.rs"]
mod sealer;
#[path = "leaks/seams.rs"]
mod seams;
#[path = "leaks/service.rs"]
mod service;
#[path = "leaks/signers.rs"]
mod signers;
#[path = "leaks/spelling.rs"]
mod spelling;
#[path = "leaks/vault.rs"]
mod vault;
