//! What an adapter that speaks HTTP is made of.
//!
//! The [`Gateway`](crate::Gateway) joins these into a
//! [`PaymentCredentialsPort`](crate::PaymentCredentialsPort), so that a new transport, signer or
//! key store is a page of code. Each seam has an error of its own, which the gateway turns into a
//! [`PortError`](crate::PortError).

mod attempt;
mod authenticator;
mod clock;
mod encryption;
mod key_set;
mod offload;
mod progress;
mod transport;

pub use attempt::Attempt;
pub use authenticator::{RequestAuthenticator, Unauthenticated, UnsignedRequest};
pub use clock::{Clock, SystemClock};
pub use encryption::{MessageEncryption, NoEncryption};
pub use key_set::KeySet;
pub use offload::{Inline, Offload, OffloadError, offload};
pub use progress::Progress;
pub use transport::{Outgoing, Transport};
