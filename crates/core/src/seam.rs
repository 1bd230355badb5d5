//! The parts of an adapter that calls the service over HTTP.
//!
//! The [`Gateway`](crate::Gateway) joins these parts into a
//! [`PaymentCredentialsPort`](crate::PaymentCredentialsPort), so that a new transport, signer or key store
//! is a page of code. Each seam has an error type of its own, which the gateway converts into a
//! [`PortError`](crate::PortError).

mod attempt;
mod authenticator;
mod causes;
mod clock;
mod encryption;
mod key_set;
mod offload;
mod progress;
mod transport;

pub use attempt::Attempt;
pub use authenticator::{RequestAuthenticator, Unauthenticated, UnsignedRequest};
pub use causes::causes;
pub use clock::{Clock, SystemClock, TIMER_RESOLUTION};
pub use encryption::{MessageEncryption, NoEncryption};
pub use key_set::KeySet;
pub use offload::{Inline, Offload, OffloadError, offload};
pub use progress::Progress;
pub use transport::{Outgoing, Transport};
