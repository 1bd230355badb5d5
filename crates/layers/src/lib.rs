//! Layers over any [`PaymentCredentialsPort`]: each is a port that holds a port.
//!
//! A layer changes when a call is made, how often, or what is seen of it; never what is asked or
//! answered. It works over `HyperPort`, over a mock, over a port of your own, and over another
//! layer. Each keeps the contract of the port.
//!
//! | layer | what it does |
//! |---|---|
//! | [`Trace`] | makes a span of each call, with what an audit asks for |
//! | [`Metrics`] | counts calls and measures their time |
//! | [`Retry`] | makes a call again where that helps, within a deadline |
//! | [`Deadline`] | bounds the calls of a port, or the openings of an opener, that doesn't bound itself |
//! | [`PauseUntil`] | holds all calls back while the service asks to wait |
//! | [`RateLimit`] | limits calls per second, of one port or of several that share an [`Allowance`] |
//! | [`ConcurrencyLimit`] | limits concurrent calls |
//!
//! # The order
//!
//! From the outside to the inside, leaving out what isn't needed:
//!
//! ```
//! use std::time::Duration;
//! use payment_credentials_core::{BuildError, PaymentCredentialsPort};
//! use payment_credentials_layers::{ConcurrencyLimit, Metrics, RateLimit, Retry, RetryPolicy, Trace};
//!
//! fn layered<P: PaymentCredentialsPort>(port: P) -> Result<impl PaymentCredentialsPort, BuildError> {
//!     let port = ConcurrencyLimit::new(port, 100)?;
//!     let port = RateLimit::new(port, 50)?;
//!     let policy = RetryPolicy::default().deadline(Duration::from_secs(20));
//!     let port = Retry::with_policy(port, &policy);
//!     let port = Metrics::new(port);
//!     Ok(Trace::new(port))
//! }
//! ```
//!
//! - **`Trace` and `Metrics` around the opener too**: a wrong key after a rotation shows in the openings
//!   alone, as every call before them succeeds.
//! - **`Trace` and `Metrics` outside of `Retry`** report calls as the application makes them, with
//!   the number of attempts. Inside of it, they would report attempts.
//! - **Or `Trace` and `Metrics` around the [`CredentialsGenerator`]**, which joins both: then each call is
//!   counted once, with the way that it ended.
//! - **`Retry` outside of the limits**, so that each attempt waits for its turn and none keeps a
//!   place while it backs off. Its deadline counts those waits.
//! - **`PauseUntil` outside of `RateLimit`**, with the same allowance, so that calls begin at the rate again
//!   after a pause.
//! - **`RateLimit` outside of `ConcurrencyLimit`**, so that no call holds a place while it waits for
//!   its turn.
//! - **`Deadline` innermost**, around a port that has no deadline of its own; `HyperPort` has one.
//! - **One `Retry`**: two of them multiply their attempts, as the number in the error shows.
//!
//! # Ports of your own in between
//!
//! A port of your own that holds ports needs `generate` alone, and is reported truly: while it runs, its
//! calls count as `Unknown`. One that passes the [`Progress`](payment_credentials_core::seam::Progress)
//! on lets the layers around it say more, such as `NotSent` for a call that never left. Of two errors,
//! [`after`](payment_credentials_core::PortError::after) returns that of the attempt that got further;
//! the later one alone may say `NotSent` of a call that the first port sent.
//!
//! ```
//! use payment_credentials_core::seam::Progress;
//! use payment_credentials_core::{
//!     CredentialsRequest, PaymentCredentialsPort, PortError, Repeatability, SealedCredentials,
//! };
//!
//! /// Asks another port where the first one can't have minted anything.
//! #[derive(Debug)]
//! struct Failover<P>([P; 2]);
//!
//! #[async_trait::async_trait]
//! impl<P: PaymentCredentialsPort> PaymentCredentialsPort for Failover<P> {
//!     async fn generate(
//!         &self,
//!         request: &CredentialsRequest,
//!     ) -> Result<SealedCredentials, PortError> {
//!         self.generate_with(request, &Progress::default()).await
//!     }
//!
//!     async fn generate_with(
//!         &self,
//!         request: &CredentialsRequest,
//!         progress: &Progress,
//!     ) -> Result<SealedCredentials, PortError> {
//!         let [first, second] = &self.0;
//!         match first.generate_with(request, progress).await {
//!             Err(earlier) if earlier.repeatability() == Repeatability::Safe => {
//!                 let second = second.generate_with(request, progress).await;
//!                 second.map_err(|later| later.after(earlier))
//!             }
//!             ended => ended,
//!         }
//!     }
//! }
//! ```
//!
//! # Time
//!
//! Time is tokio's: a test that pauses it pauses every wait and every limit here. A call that waits
//! in a queue has to be awaited or dropped; one that is neither holds up those behind it.

mod allowance;
mod asked_wait;
mod concurrency_limit;
mod deadline;
mod ending;
mod key_expiry;
mod metrics;
mod pause_until;
mod rate_limit;
mod retry;
mod runtime;
mod trace;
mod wait;
mod within;

pub use self::metrics::Metrics;
pub use allowance::{Allowance, LocalAllowance};
pub use concurrency_limit::ConcurrencyLimit;
pub use deadline::Deadline;
pub use key_expiry::KeyExpiry;
pub use pause_until::PauseUntil;
pub use rate_limit::RateLimit;
pub use retry::{OnUnknownDelivery, Retry, RetryPolicy, RetryQuota};
pub use trace::Trace;

#[cfg(doc)]
use payment_credentials_core::{PaymentCredentialsPort, generator::CredentialsGenerator};
