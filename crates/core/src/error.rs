//! What can go wrong, sorted so that a caller can branch on it.

mod after;
mod build;
mod kind;
mod port;
mod seam;
mod vendor;

pub use build::BuildError;
pub use kind::{Delivery, Phase, PortErrorKind, Refusal, Repeatability, UnexpectedResponse};
pub use port::PortError;
pub use seam::{
    AuthError, EncryptionError, EncryptionErrorKind, TransportError, TransportErrorKind,
};
pub use vendor::{VendorDetail, VendorError, VendorErrors};

/// The cause behind an error: for logs, not for branching.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;
