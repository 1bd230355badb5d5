//! Connects the port to [tower]: uses a tower HTTP service as a
//! [`Transport`](payment_credentials_core::seam::Transport), and a port as a tower service.
//!
//! | you have | you want | use |
//! |---|---|---|
//! | a `Service<http::Request<B>>`: an HTTP client with layers around it | a port that sends its requests through this client | [`TowerTransport`] under a [`Gateway`](payment_credentials_core::Gateway) |
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
//! Don't use tower's `retry` or `hedge` with this operation, neither around a port nor below a
//! [`TowerTransport`]. Each attempt can mint a cryptogram, and card networks count cryptograms that are
//! never used. Below a [`TowerTransport`], a retry would also send the same signed request a second time,
//! although each attempt must be signed afresh. `payment-credentials-layers` has a `Retry` that repeats
//! only what may be repeated.
//!
//! # What a service doesn't report
//!
//! A tower service reports neither how far a request got nor which connection carried it. So:
//!
//! - While the service isn't ready, nothing has been sent. A call that ends then, or because the service
//!   fails to become ready, is `NotSent`. As soon as the service has been called, the delivery of every
//!   error is `Unknown`. A dropped call is `Unknown` too: behind a `buffer`, for example, it may still be
//!   sent.
//! - If the HTTP client reuses connections, bytes that a peer sent before the request can be read as the
//!   response to it, and they can be the response to another call. Turn reuse off, as the example below
//!   does, unless the client checks a connection for unread bytes before it uses it.
//! - An endpoint that is dialled at another address
//!   ([`connect_to`](payment_credentials_core::Endpoint::with_connect_to)) is rejected, because the HTTP
//!   client dials the host of the URI. Give the client a connector that dials the other address instead.
//! - For plain HTTP to `localhost`, the HTTP client looks the name up, if it looks up names at all.
//! - The HTTP client skips informational responses (1xx), so this crate can't count them.
//!
//! # hyper-util's client as the transport
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
//! /// Plain HTTP, for a service on this machine. For HTTPS, use a connector with TLS.
//! fn gateway(endpoint: Endpoint) -> Result<Gateway, BuildError> {
//!     let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
//!         // An idle connection can hold the response to another call.
//!         .pool_max_idle_per_host(0)
//!         // The client would repeat a request that was signed for one attempt.
//!         .retry_canceled_requests(false)
//!         .build(HttpConnector::new());
//!     let stack = ServiceBuilder::new()
//!         .timeout(Duration::from_secs(10))
//!         .service(client);
//!     let transport = Arc::new(TowerTransport::new(stack));
//!     Gateway::builder(endpoint, Arc::new(Unauthenticated)).build(transport)
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
