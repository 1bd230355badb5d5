//! [tower] on either side of the port: any HTTP service of tower's as a
//! [`Transport`](payment_credentials_core::seam::Transport), and any port as a service.
//!
//! | you have | you want | use |
//! |---|---|---|
//! | a `Service<http::Request<B>>`: a client with layers around it | calls that go through it | [`TowerTransport`] under a [`Gateway`](payment_credentials_core::Gateway) |
//! | a port | tower's layers around whole calls | [`PortService`] |
//! | a `Service<CredentialsRequest>`: a [`PortService`] with layers around it | a port again | [`ServicePort`] |
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use payment_credentials_core::PaymentCredentialsPort;
//! use payment_credentials_tower::{PortService, ServicePort};
//! use tower::{BoxError, ServiceBuilder};
//!
//! /// At most 32 calls in flight, each for at most ten seconds; further calls fail at once.
//! fn limited(port: Arc<dyn PaymentCredentialsPort>) -> impl PaymentCredentialsPort {
//!     let stack = ServiceBuilder::new()
//!         .load_shed()
//!         .concurrency_limit(32)
//!         .timeout(Duration::from_secs(10))
//!         .service(PortService::new(port));
//!     ServicePort::new(stack)
//! }
//! ```
//!
//! # Retry and hedge
//!
//! Don't put tower's `retry` or `hedge` above or below a call. Each attempt can mint a cryptogram, and
//! card networks count those that are never used. Below a [`TowerTransport`] a retry would also send the
//! same signed request a second time, although each attempt is to be signed afresh.
//! `payment-credentials-layers` has a `Retry` that knows what may be repeated.
//!
//! # What a service can't say
//!
//! A tower service says neither how far a request got nor which connection carried it. So:
//!
//! - While the service isn't ready, and where it fails to become ready, nothing was sent: `NotSent`. From
//!   the moment it is called, every error is `Unknown`, and so is a call that is dropped: behind a
//!   `buffer`, for example, a dropped call may still be sent.
//! - A client that keeps connections may read what a peer had sent before the request as the response to
//!   it, which can be another call's. Keep none, as the example below does, unless the client examines
//!   its connections.
//! - An endpoint that is dialled at another address
//!   ([`connect_to`](payment_credentials_core::Endpoint::with_connect_to)) is rejected: the client below
//!   dials by the URI. Give it a connector of your own instead.
//! - Plain HTTP to `localhost` is looked up by the client below, if it looks up names.
//! - Informational responses (1xx) are skipped by the client below; this crate can't count them.
//!
//! # A client of hyper-util's as the transport
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use hyper_util::client::legacy::Client;
//! use hyper_util::client::legacy::connect::HttpConnector;
//! use hyper_util::rt::TokioExecutor;
//! use payment_credentials_core::seam::Unauthenticated;
//! use payment_credentials_core::{BuildError, Endpoint, Gateway};
//! use payment_credentials_tower::TowerTransport;
//! use tower::ServiceBuilder;
//!
//! /// Plain HTTP, for a service on this machine; for HTTPS take a connector with TLS.
//! fn gateway(endpoint: Endpoint) -> Result<Gateway, BuildError> {
//!     let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
//!         // A kept connection can hold the response to another call.
//!         .pool_max_idle_per_host(0)
//!         // It would send a request again that was signed for one attempt.
//!         .retry_canceled_requests(false)
//!         .build(HttpConnector::new());
//!     let stack = ServiceBuilder::new()
//!         .timeout(Duration::from_secs(10))
//!         .service(client);
//!     let transport = Arc::new(TowerTransport::new(stack));
//!     Gateway::builder(endpoint, transport, Arc::new(Unauthenticated)).build()
//! }
//! ```
//!
//! [tower]: https://docs.rs/tower

mod failure;
mod port;
mod service;
mod transport;

pub use port::ServicePort;
pub use service::PortService;
pub use transport::TowerTransport;
