//! Who may ask, and how that is found out.
//!
//! Written for this crate and from the vendor's guides, not from the client: see [`crate`].

mod check;
mod directory;
mod examination;
mod http_signature;
mod jwt;
mod outcome;
mod policy;
mod public_key;
mod replay;
#[cfg(test)]
mod tests;
mod verifier;

pub use check::{AuthenticationCheck, AuthenticationScheme, Tolerated};
pub use outcome::{AuthenticationFailure, AuthenticationOutcome};
pub use policy::{Policy, PolicyError};

pub(crate) use policy::{Clock, Reading};
pub(crate) use verifier::Verifier;

/// How the sandbox authenticates callers.
///
/// It is an argument of [`Sandbox::start`](crate::Sandbox::start) and has no default, so that
/// nobody believes a signature was checked when it was not.
#[derive(Debug)]
#[non_exhaustive]
pub enum Authentication {
    /// Every caller is let in; `Authorization` and `Signature` are neither read nor recorded.
    NotRequired,
    /// Only callers that the policy knows are let in, by JWT, HTTP Signature or bearer.
    Required(Policy),
}

impl Authentication {
    /// Lets in who authenticates as the vendor's guide says.
    #[must_use]
    pub fn strict() -> Self {
        Self::Required(Policy::strict())
    }

    /// Lets in who authenticates as the guide says, or as other clients do.
    #[must_use]
    pub fn tolerant() -> Self {
        Self::Required(Policy::tolerant())
    }
}

impl From<Policy> for Authentication {
    fn from(policy: Policy) -> Self {
        Self::Required(policy)
    }
}
