//! The whole way: port, HTTPS, sandbox, JWE, opened credentials.

#[path = "end_to_end/authentication.rs"]
mod authentication;
#[path = "end_to_end/crowd.rs"]
mod crowd;
#[path = "end_to_end/custom_transport.rs"]
mod custom_transport;
#[path = "end_to_end/delivery.rs"]
mod delivery;
#[path = "end_to_end/failures.rs"]
mod failures;
#[path = "end_to_end/fixtures.rs"]
mod fixtures;
#[path = "end_to_end/kms.rs"]
mod kms;
#[path = "end_to_end/kms_opener.rs"]
mod kms_opener;
#[path = "end_to_end/layered.rs"]
mod layered;
#[path = "end_to_end/leaks.rs"]
mod leaks;
#[path = "end_to_end/matrix.rs"]
mod matrix;
#[path = "end_to_end/mle.rs"]
mod mle;
#[path = "end_to_end/outcomes.rs"]
mod outcomes;
#[path = "end_to_end/signing.rs"]
mod signing;
#[path = "end_to_end/simulation.rs"]
mod simulation;
#[path = "end_to_end/stage.rs"]
mod stage;
