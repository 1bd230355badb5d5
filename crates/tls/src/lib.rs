//! Builds the rustls configuration of payment-credentials' transports: trusted roots and client identity.
//!
//! This crate is for authors of a transport over rustls. Applications import [`Roots`] and
//! [`ClientIdentity`] from the transport that they use, which re-exports them.
//!
//! The configuration allows TLS 1.2 and 1.3. Its certificate checks can't be switched off. The crate
//! reads no environment variable: neither a certificate path nor a key log is taken from there.
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
