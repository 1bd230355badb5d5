//! Layers over any [`PaymentCredentialsPort`]: each layer is a port that wraps a port.
//!
//! A layer changes when or how often a call is made, or reports on calls. A layer never changes a request
//! or a response. It works over `HyperPort`, over a mock, over a port of your own, and over another layer.
//! Each layer keeps the contract of the port.
//!
//! | layer | what it does |
//! |---|---|
//! | [`Trace`] | makes a span of each call, with the fields that an audit needs |
//! | [`Metrics`] | counts calls and measures their duration |
//! | [`Retry`] | repeats a failed call if that may help, within a deadline |
//! | [`Deadline`] | sets a time limit for a port's calls or an opener's openings that have none of their own |
//! | [`PauseUntil`] | delays all calls while the service asks to wait |
//! | [`RateLimit`] | limits calls per second, of one port or of several that share an [`Allowance`] |
//! | [`ConcurrencyLimit`] | limits concurrent calls |
//!
//! [`KeyExpiry`] is no layer: it reports when the certificates of the configured keys expire.
//!
//! # The order
//!
//! From the outermost layer to the innermost (leave out those that you don't need):
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
//! - **`Trace` and `Metrics` around the opener too**: a wrong key after a rotation shows only in the
//!   openings, since every call before them succeeds. An opener doesn't know its merchant:
//!
//!   ```
//!   # use payment_credentials_core::{CredentialsOpener, MerchantId};
//!   # use payment_credentials_layers::{Metrics, Trace};
//!   fn observed<O: CredentialsOpener>(opener: O, merchant: MerchantId) -> impl CredentialsOpener {
//!       Trace::new(Metrics::new(opener)).with_merchant_id(merchant)
//!   }
//!   ```
//! - **`Trace` and `Metrics` outside of `Retry`** report calls as the application makes them, with the
//!   number of attempts. Inside of `Retry`, they would report attempts.
//! - **Or `Trace` and `Metrics` around the [`CredentialsGenerator`]**, which joins port and opener: then
//!   each call is counted once, with its final outcome.
//! - **`Retry` outside of the limits**, so that each attempt waits for its turn and no attempt keeps a
//!   place during a backoff. The deadline of `Retry` includes the waits in the limits.
//! - **`RateLimit` outside of `ConcurrencyLimit`**, so that no call holds a place while it waits for its
//!   turn.
//! - **`PauseUntil` inside of the limits**, so that a call that waits for its turn when a pause begins is
//!   delayed too. With the allowance of the `RateLimit`, calls begin at the rate again after a pause.
//! - **`Deadline` innermost**, around a port that has no deadline of its own; `HyperPort` has one.
//! - **One `Retry`**: two of them multiply their attempts, as the error's number of attempts shows.
//!
//! # Ports of your own in between
//!
//! A port of your own that holds ports only has to implement `generate`; reports about it are then correct,
//! but less exact: while such a port runs, its calls count as `Unknown`. If your port also passes the
//! [`Progress`](payment_credentials_core::seam::Progress) on, the layers around it can report more, such as
//! `NotSent` for a call that was never sent. If two attempts failed, return the result of
//! [`after`](payment_credentials_core::PortError::after), which is the error of the attempt that got
//! further. The later error alone could report `NotSent` for a call that the first port did send.
//!
//! ```
//! use payment_credentials_core::seam::Progress;
//! use payment_credentials_core::{
//!     CredentialsRequest, PaymentCredentialsPort, PortError, Repeatability, SealedCredentials,
//! };
//!
//! /// Calls the second port if the first one can't have minted anything.
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
//! All waits and limits use tokio's clock: a test that pauses this clock pauses all of them. Outside of a tokio
//! runtime, and within one that was built without timers, a call that needs a timer is an error of the kind
//! `Setup`, and isn't sent. (There tokio itself panics; the panic is caught, but the process's panic hook shows
//! it.) Await or drop each call that waits in a queue. A future that is kept without being polled delays the calls behind it.

mod allowance;
mod concurrency_limit;
mod deadline;
mod ending;
mod key_expiry;
mod metrics;
mod pause_until;
mod rate_limit;
mod requested_wait;
mod retry;
mod runtime;
mod trace;
mod wait;
mod within;

pub use self::metrics::{Metrics, Operation};
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
