//! The errors of the crate, classified so that a caller can branch on them.

mod after;
mod build;
mod delivery;
mod kind;
mod phase;
mod port;
mod refusal;
mod seam;
mod unexpected;
mod vendor;

pub use build::BuildError;
pub use delivery::{Delivery, Repeatability};
pub use kind::PortErrorKind;
pub use phase::Phase;
pub use port::PortError;
pub use refusal::Refusal;
pub use seam::{
    AuthError, EncryptionError, EncryptionErrorKind, TransportError, TransportErrorKind,
};
pub use unexpected::UnexpectedResponse;
pub use vendor::{VendorDetail, VendorError, VendorErrors};

/// The cause of an error: for logs, not for branching.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;
