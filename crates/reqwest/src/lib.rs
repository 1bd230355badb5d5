//! Sends the requests of the payment credentials port with reqwest.
//!
//! [`ReqwestTransport`] is the [`Transport`] of a [`Gateway`]. It is for applications that depend on
//! reqwest anyway, and an independent implementation to compare with `payment-credentials-hyper`.
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
//!         .exchange_deadline(Duration::from_secs(8))
//!         .roots(Roots::Bundled)
//!         .build()?;
//!     let endpoint = Endpoint::new(Environment::Test);
//!     Gateway::builder(endpoint, Arc::new(Unauthenticated)).build(Arc::new(transport))
//! }
//! # compose().expect("a gateway");
//! ```
//!
//! # What it does, and what it doesn't
//!
//! The transport uses HTTP/1.1 over TLS 1.2 or 1.3, and plain HTTP only for loopback addresses. It
//! follows no redirect, decompresses nothing, sends no request twice, and keeps no cookie. It reads
//! nothing from the environment: no proxy variable, no certificate path, no key log.
//!
//! The whole exchange has a deadline. Signing and encryption come before the exchange, so an
//! authenticator that calls a remote service needs a limit of its own.
//!
//! A [`ClientIdentity`] is presented to a service that requests a client certificate (mutual TLS). There
//! is no setting for a proxy; use `payment-credentials-hyper`, whose errors distinguish the proxy from
//! the service.
//!
//! # Limitations compared with `payment-credentials-hyper`
//!
//! - **Each call makes a connection of its own**, and its handshakes take time. reqwest can't check
//!   a socket for unread bytes before it uses a connection again, so an unrequested response that arrived
//!   while the connection was idle would be taken for the response to the next call.
//!   [`keep_unexamined_connections`](ReqwestTransportBuilder::keep_unexamined_connections) keeps connections,
//!   and describes that risk.
//! - reqwest can't check a fresh connection either: bytes that a peer sends before the first byte of a
//!   request may be taken for its response. Only the peer of this connection can send them, and only
//!   this call is affected. Under TLS, bytes that arrive together with the handshake are an error, whose
//!   delivery is `Unknown` even if nothing was sent.
//! - reqwest doesn't report when the first byte of a request is written. So the delivery of an error is
//!   `NotSent` before there is a connection, and `Unknown` from then on.
//! - A record of [`Progress`] stays at [`Phase::Transport`] until the head of a response has arrived.
//! - A response that is cut inside its head can't be distinguished from a response that never began: both
//!   are `Reset`.
//! - Informational responses (1xx) are skipped without limit until the deadline, since reqwest doesn't
//!   expose them. With `payment-credentials-hyper`, more than sixteen are `Framing`.
//! - The limit for connecting covers name lookup, TCP and TLS together.
//! - The head of a response may have 100 fields and about 400 KiB, which are hyper's limits.
//! - Connections that are kept on request have no maximum age. If such a connection is dead when a
//!   request is sent, the delivery is `Unknown`; if reqwest notices in time, it replaces the connection
//!   without reporting it.
//! - If a request has no `Accept`, reqwest adds `Accept: */*`, which means the same.
//!
//! # Why you can't pass your own client
//!
//! A `reqwest::Client` doesn't reveal whether it follows redirects, decompresses, retries, keeps
//! cookies or obeys a proxy variable, and each of these would break the contract of a
//! [`Transport`]. The builder makes clients with all of these settings fixed.
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
