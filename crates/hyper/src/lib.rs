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
//! - One pool for all calls of a transport. Idle connections age out before the vendor's front
//!   ends close them, and a connection that saw a fault is never used again.
//! - A [`ClientIdentity`] for a service that asks for one (mutual TLS), and a [`Proxy`] that
//!   connections are tunnelled through.
//! - Limits for connecting, for the handshake, for the whole call, for head and body.
//! - `NotSent` is known, not guessed: the library's own writer, between HTTP and TLS, notes the
//!   first byte of each request.
//! - No redirect is followed, nothing is decompressed, nothing is retried, and nothing is taken
//!   from the environment: no proxy variable, no certificate path, no key log.
//!
//! It needs a tokio runtime with I/O and time; a call outside of one is an error, not a panic.
//! Applications without one use [`blocking`].

pub mod blocking;
mod connection;
mod dial;
mod fault;
mod pipe;
mod pool;
mod port;
mod proxy;
mod route;
mod settings;
mod threads;
mod transport;
mod tunnel;
mod watched;

pub use dial::{Dialer, Socket, TcpDialer};
pub use payment_credentials_tls::{ClientIdentity, Roots};
pub use pipe::{PipeDialer, PipeListener, pipe, pipe_with_buffer};
pub use port::{HyperPort, HyperPortBuilder};
pub use proxy::Proxy;
pub use threads::BlockingThreads;
pub use transport::{HyperTransport, HyperTransportBuilder};
