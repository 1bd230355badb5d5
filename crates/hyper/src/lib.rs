//! Makes payment credentials calls over HTTPS, with hyper, hyper-util and rustls.
//!
//! [`HyperPort`] is the ready-made port: a [`Gateway`](payment_credentials_core::Gateway) over a
//! [`HyperTransport`], with a deadline around every call.
//!
//! ```no_run
//! use std::{sync::Arc, time::Duration};
//!
//! use payment_credentials_core::{
//!     CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort, seam::Unauthenticated,
//! };
//! use payment_credentials_hyper::HyperPort;
//!
//! # async fn call() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = Endpoint::new(Environment::Test);
//! let port: Arc<dyn PaymentCredentialsPort> = Arc::new(
//!     HyperPort::builder(endpoint, Arc::new(Unauthenticated))
//!         .call_deadline(Duration::from_secs(8))
//!         .build()?,
//! );
//! let request = CredentialsRequest::new("7010000000016241111".parse()?);
//! let sealed = port.generate(&request).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it does, and what it doesn't
//!
//! - The transport uses HTTP/1.1 over TLS 1.2 or 1.3, with the platform's roots or bundled ones, and plain
//!   HTTP only for loopback addresses.
//! - All calls of a transport share one pool. Recently used connections are kept, idle connections are
//!   closed before the vendor's front ends close them, and a connection that had a fault is never used
//!   again.
//! - Before each call, its connection is checked for unread bytes ([`Socket`]). If a kept connection is
//!   unusable and nothing has been sent, the call takes another connection.
//! - [`connect`](HyperPort::connect) opens a connection ahead of the first call, and
//!   [`shutdown`](HyperPort::shutdown) lets calls finish. Dropping a transport closes its idle
//!   connections, and dropping a call closes the call's connection, even if the runtime no longer runs.
//! - Supports a [`ClientIdentity`] for a service that requests one (mutual TLS), and a [`Proxy`], through
//!   which connections are tunnelled.
//! - There are limits for connecting, for the TLS handshake, for the whole call, and for the size of head
//!   and body.
//! - `NotSent` is known, not guessed: a writer between HTTP and TLS records the first byte of each request.
//! - No redirect is followed, nothing is decompressed, and nothing is retried. Nothing is read from the
//!   environment: no certificate path, no key log, and no proxy variable unless the application passes
//!   it to [`Proxy::from_env`].
//!
//! # What a call is protected from
//!
//! | what may happen | what the transport does | the error |
//! |---|---|---|
//! | an address of the service doesn't respond | dials the next address too, after 300 ms; at once if the first refuses | none, unless all fail |
//! | the service moves to another address | uses a connection for at most ten minutes | none |
//! | a kept connection was closed, or has unrequested bytes | uses another connection | none |
//! | a fresh connection was closed, or has unrequested bytes, before the request | sends nothing | `Reset`, `NotSent` |
//! | a peer has sent unrequested bytes | for ten minutes, uses each of its connections for one call; logs a warning | none |
//! | a false response arrives after the request's first byte and before the real response | can't detect it | none |
//! | a burst of calls | makes 64 handshakes at a time, in order; a waiting call takes a connection that another call returns | none |
//! | a name that doesn't resolve | looks it up once, on a thread for look-ups | `Connect` or `Deadline` |
//! | more than 16 informational responses (1xx), or a switch of protocols | closes the connection | `Framing` |
//! | a head of more than 64 KiB or 100 fields | closes the connection | `Framing` |
//! | contradicting lengths, or a transfer coding other than chunked | closes the connection | `Framing` |
//! | a body of more than 256 KiB | closes the connection as soon as the limit is exceeded | `Unexpected` |
//! | a response that has begun and then brings at most 5 bytes in 5 s | closes the connection | `Deadline` |
//! | a service or a peer that sends nothing | ends the call at the limit of the phase, or at the call's deadline | `Deadline` |
//! | bytes after the response | closes the connection; no other call reads them | none |
//!
//! # Runtime
//!
//! Calls need a tokio runtime with I/O and time enabled. A call outside of a runtime returns an error; on
//! a runtime without I/O or time, tokio panics. Applications without a runtime use [`blocking`].

pub mod blocking;
mod connection;
mod dial;
mod driver_waker;
mod environment;
mod exceptions;
mod failure;
mod floor;
mod lookup;
mod offload;
mod orphan;
mod pipe;
mod pool;
mod port;
mod proxy;
mod records;
mod settings;
mod shelf;
mod socket;

mod transport;
mod trust;
mod tunnel;
mod waiting;
mod watched;

pub use dial::{Dialer, TcpDialer};
pub use offload::TokioOffload;
pub use payment_credentials_tls::{ClientIdentity, Roots};
pub use pipe::{PipeDialer, PipeListener, pipe, pipe_with_buffer};
pub use port::{HyperPort, HyperPortBuilder};
pub use proxy::Proxy;
pub use socket::{Arrived, Socket};
pub use transport::{HyperTransport, HyperTransportBuilder};
