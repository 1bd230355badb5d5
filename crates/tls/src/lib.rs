//! Trusted roots, client identity and TLS configuration of the transports of payment-credentials: rustls.
//!
//! For those who write a transport over rustls. Applications name [`Roots`] and [`ClientIdentity`]
//! through the transport that they use.
//!
//! TLS 1.2 and 1.3, with certificate checks that can't be switched off. Nothing is taken from the
//! environment: no certificate path, no key log.
//!
//! ```
//! use payment_credentials_tls::{Roots, client_config};
//!
//! # fn main() -> Result<(), payment_credentials_core::BuildError> {
//! let config = client_config(Roots::Bundled, &[], None)?;
//! assert_eq!(config.alpn_protocols, [b"http/1.1"]);
//! # Ok(())
//! # }
//! ```

mod config;
mod identity;
mod objection;
mod roots;
mod server_name;
mod short_chain;

pub use config::client_config;
pub use identity::ClientIdentity;
pub use objection::{explained, objection};
pub use roots::Roots;
pub use server_name::server_name;
