//! End to end: port, HTTPS, sandbox, JWE, opened credentials.

mod authentication;
mod crowd;
mod custom_transport;
mod delivery;
mod failures;
mod fixtures;
mod kms;
mod kms_opener;
mod layered;
mod leaks;
mod matrix;
mod mle;
mod outcomes;
mod signing;
mod simulation;
mod stage;
