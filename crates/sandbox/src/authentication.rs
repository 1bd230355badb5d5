//! Verifies who sent a request, and for which merchant.
//!
//! This code was written from the vendor's guides and shares nothing with the client: see [`crate`].

mod check;
mod date;
mod directory;
mod examination;
mod http_signature;
mod jwt;
mod mistakes;
mod outcome;
mod replay;
mod rules;
#[cfg(test)]
mod tests;
mod verifier;

pub use check::{AuthenticationCheck, AuthenticationScheme};
pub use outcome::{AuthenticationFailure, AuthenticationOutcome};

pub(crate) use directory::Directory;
pub(crate) use rules::Rules;
pub(crate) use verifier::Verifier;

/// Seconds by which a date may be off, either way, where nothing else limits how long a signature is valid.
const MAX_SKEW: i64 = 300;
