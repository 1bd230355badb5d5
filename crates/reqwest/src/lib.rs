//! The transport of the payment credentials port over reqwest.
//!
//! [`ReqwestTransport`] is one of the seams that a [`Gateway`] is made of: for applications that
//! have reqwest in their tree anyway, and as a second opinion beside `payment-credentials-hyper`.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use payment_credentials_core::seam::Unauthenticated;
//! use payment_credentials_core::{BuildError, Endpoint, Environment, Gateway};
//! use payment_credentials_reqwest::{ReqwestTransport, Roots};
//!
//! fn compose() -> Result<Gateway, BuildError> {
//!     let transport = ReqwestTransport::builder()
//!         .deadline(Duration::from_secs(8))
//!         .roots(Roots::Bundled)
//!         .build()?;
//!     let endpoint = Endpoint::new(Environment::Test);
//!     Gateway::builder(endpoint, Arc::new(transport), Arc::new(Unauthenticated)).build()
//! }
//! # compose().expect("a gateway");
//! ```
//!
//! # What it does, and what it doesn't
//!
//! HTTP/1.1 over TLS 1.2 or 1.3, plain HTTP for loopback alone. No redirect is followed, nothing
//! is decompressed, no response is asked for a second time, no cookie is kept, and nothing is taken
//! from the environment: no proxy variable, no certificate path, no key log.
//!
//! The whole exchange has a deadline. Signing and encryption happen before it, so an authenticator
//! that asks a service elsewhere needs a limit of its own.
//!
//! A [`ClientIdentity`] is shown to a service that asks for one (mutual TLS). There is no setting for
//! a proxy: `payment-credentials-hyper` has one, whose errors distinguish the proxy from the service.
//!
//! # What it knows less of than `payment-credentials-hyper`
//!
//! - **It keeps no connection.** reqwest can't look into a socket before it uses a connection
//!   again, so a response that came unasked while the connection lay idle would be the next call's.
//!   Each call therefore pays for its handshakes.
//!   [`keep_connections_unasked`](ReqwestTransportBuilder::keep_connections_unasked) says what
//!   giving that up risks.
//! - Nor can it look at a fresh connection: what a peer says before the first byte of a request may
//!   be taken for its response. Only the peer of this very connection can do that, and to this call. Under
//!   TLS, where it is there with the handshake, it is an error, and `Unknown` where nothing was sent.
//! - reqwest doesn't say when the first byte of a request leaves. So an error's delivery is
//!   `NotSent` while there is no connection yet, and `Unknown` ever after.
//! - A record of [`Progress`] stays at [`Phase::Transport`] until the head of a response is there.
//! - A response that is cut inside its head can't be distinguished from one that never began: both are
//!   `Reset`.
//! - Informational responses (1xx) are skipped without a count, up to the deadline: reqwest keeps them
//!   to itself. From `payment-credentials-hyper` more than sixteen are `Framing`.
//! - The connecting limit covers name lookup, TCP and TLS together.
//! - The head of a response ends at 100 fields or at about 400 KiB, which are hyper's limits.
//! - Connections that are kept all the same have no greatest age, may be dead when a request goes
//!   out, which is `Unknown` then, and are replaced without a word where reqwest notices in time.
//! - Where a request has no `Accept`, reqwest adds `Accept: */*`, which means the same.
//!
//! # Why there is no way to bring one's own client
//!
//! A `reqwest::Client` can't be asked whether it follows redirects, decompresses, retries, keeps
//! cookies or obeys a proxy variable, and each of these would break the contract of a
//! [`Transport`]. The builder makes clients of which all that is known.
//!
//! [`Gateway`]: payment_credentials_core::Gateway
//! [`Phase::Transport`]: payment_credentials_core::Phase::Transport
//! [`Progress`]: payment_credentials_core::seam::Progress
//! [`Transport`]: payment_credentials_core::seam::Transport

mod clients;
mod encoding;
mod failure;
mod settings;
mod transport;

pub use payment_credentials_tls::{ClientIdentity, Roots};
pub use transport::{ReqwestTransport, ReqwestTransportBuilder};
