//! Message-level encryption (MLE): opens requests, and determines for which key responses are sealed.
//!
//! This code was written from the vendor's guides and shares nothing with the client: see [`crate`].

mod caller;
mod check;
mod gate;
mod opening;
mod outcome;
mod response_keys;
mod rules;
#[cfg(test)]
mod tests;

pub use check::MleCheck;
pub use outcome::{MleFailure, MleOutcome};
pub use rules::{EncryptedContent, Mle};

pub(crate) use caller::Caller;
pub(crate) use gate::{Gate, Refusal, envelope};
pub(crate) use response_keys::ResponseKeys;
pub(crate) use rules::Rules;
