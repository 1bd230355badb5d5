//! The payment credentials port over HTTPS: hyper, hyper-util and rustls.
//!
//! [`HyperPort`] is ready made: a [`Gateway`](payment_credentials_core::Gateway) over a
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
//! - HTTP/1.1 over TLS 1.2 or 1.3, with the platform's roots or bundled ones; plain HTTP for
//!   loopback alone.
//! - One pool for all calls of a transport. What was in use lately is kept, idle connections age out
//!   before the vendor's front ends close them, and a connection that saw a fault is never used again.
//! - A connection is asked what has come before it is believed ([`Socket`]). A call whose kept
//!   connection turns out unfit, with nothing sent, takes another.
//! - [`connect`](HyperPort::connect) opens a connection ahead of the first call, and
//!   [`shutdown`](HyperPort::shutdown) lets calls finish. A transport that is dropped has closed what
//!   is idle, though nobody runs its runtime any more; so has a dropped call its own connection.
//! - A [`ClientIdentity`] for a service that asks for one (mutual TLS), and a [`Proxy`] that
//!   connections are tunnelled through.
//! - Limits for connecting, for the handshake, for the whole call, for head and body.
//! - `NotSent` is known, not guessed: the library's own writer, between HTTP and TLS, notes the
//!   first byte of each request.
//! - No redirect is followed, nothing is decompressed, nothing is retried, and nothing is taken
//!   from the environment: no certificate path, no key log, and no proxy variable unless it is handed
//!   to [`Proxy::from_env`].
//!
//! # What a call is protected from
//!
//! | what may happen | what is done | the error |
//! |---|---|---|
//! | an address of the service's doesn't answer | the next one is tried beside it after 300 ms, at once if it refuses | none, unless all fail |
//! | the service moves to another address | a connection serves for ten minutes at most | none |
//! | a kept connection has been closed, or has spoken unasked | it is not used; another is | none |
//! | a fresh one has, before the request | nothing is sent | `Reset`, `NotSent` |
//! | a peer that spoke unasked | for ten minutes each of its connections carries one call; a warning | none |
//! | a response that comes after a request's first byte and before the real one | it can't be known | none |
//! | a burst of calls | 64 handshakes at once, in order; a call takes what another gives back | none |
//! | a name that nobody resolves | one look-up, on a thread of its own | `Connect` or `Deadline` |
//! | more than 16 informational responses (1xx), or a switch of protocols | the connection is closed | `Framing` |
//! | a head of more than 64 KiB or 100 fields | the same | `Framing` |
//! | a length that contradicts itself, a transfer coding other than chunked | the same | `Framing` |
//! | a body of more than 256 KiB | the same, at that byte | `Unexpected` |
//! | a response that drips: at most 5 bytes in 5 s, once it has begun | given up | `Deadline` |
//! | a service or a peer that is silent | given up at the limit of the phase, or the call's deadline | `Deadline` |
//! | bytes behind the response | the connection is closed; no other call sees them | none |
//!
//! It needs a tokio runtime with I/O and time: a call outside of one is an error, not a panic. On one
//! that was built without them, tokio panics. Applications without one use [`blocking`].

pub mod blocking;
mod connection;
mod dial;
mod environment;
mod exceptions;
mod failure;
mod floor;
mod lookup;
mod pipe;
mod pool;
mod port;
mod proxy;
mod records;
mod settings;
mod shelf;
mod socket;
mod threads;
mod transport;
mod trust;
mod tunnel;
mod waiting;
mod watched;

pub use dial::{Dialer, TcpDialer};
pub use payment_credentials_tls::{ClientIdentity, Roots};
pub use pipe::{PipeDialer, PipeListener, pipe, pipe_with_buffer};
pub use port::{HyperPort, HyperPortBuilder};
pub use proxy::Proxy;
pub use socket::{Arrived, Socket};
pub use threads::BlockingThreads;
pub use transport::{HyperTransport, HyperTransportBuilder};
