//! The contracts of the payment credentials ports, as test suites that any adapter can run.
//!
//! Adapters implement traits of `payment-credentials-core`. The documentation of each such trait
//! states its contract, clause by clause. In this crate each clause is a test of the same name, and
//! one call runs all tests of a contract:
//!
//! | you implement | you write | and run |
//! |---|---|---|
//! | [`PaymentCredentialsPort`](payment_credentials_core::PaymentCredentialsPort), or a layer around one | [`port::Stage`] | [`port::run`] |
//! | [`CredentialsOpener`](payment_credentials_core::CredentialsOpener), for a KMS or an HSM | [`opener::Stage`] | [`opener::run`] |
//! | [`Transport`](payment_credentials_core::seam::Transport), over another HTTP client | [`transport::Stage`] | [`transport::run`] |
//!
//! The module [`transport`] also explains how to write a transport, with a complete example.
//!
//! # How to test your adapter
//!
//! A *stage* puts your adapter into a *scenario*: the adapter calls a service that responds, refuses,
//! closes the connection or can't be reached. The stage also provides the request to send, and lets the
//! suite observe the service directly, without your adapter. If a scenario can't be staged, the stage
//! declares it, with the reason. The suite fails if a declared scenario is staged or an undeclared one
//! is not, and the report lists each scenario that was not staged: a skipped test has not passed.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicUsize, Ordering};
//!
//! use async_trait::async_trait;
//! use payment_credentials_contract::Verdict;
//! use payment_credentials_contract::port::{self, GivenId, Scenario, Service, Stage, Staged};
//! use payment_credentials_core::{
//!     CredentialsOpener, CredentialsRequest, Delivery, PaymentCredentials, PaymentCredentialsPort,
//!     Phase, PortError, PortErrorKind, Repeatability, SealedCredentials,
//! };
//!
//! /// An adapter without a network.
//! #[derive(Debug)]
//! struct Unplugged;
//!
//! #[async_trait]
//! impl PaymentCredentialsPort for Unplugged {
//!     async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
//!         let (kind, phase) = (PortErrorKind::Connect, Phase::Connect);
//!         Err(PortError::new(kind, Delivery::NotSent, phase, Repeatability::Safe))
//!     }
//! }
//!
//! /// The service, which the adapter never reaches.
//! #[derive(Debug, Default)]
//! struct FarAway(AtomicUsize);
//!
//! impl Service for FarAway {
//!     fn asked(&self) -> usize {
//!         self.0.load(Ordering::SeqCst)
//!     }
//!
//!     fn gave(&self) -> GivenId {
//!         GivenId::None
//!     }
//! }
//!
//! # #[derive(Debug)]
//! # struct NoOpener;
//! # #[async_trait]
//! # impl CredentialsOpener for NoOpener {
//! #     async fn open(&self, _: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
//! #         unreachable!("there is no response to open")
//! #     }
//! # }
//! struct UnpluggedStage;
//!
//! #[async_trait]
//! impl Stage for UnpluggedStage {
//!     fn cannot(&self) -> &[(Scenario, &'static str)] {
//!         const WHY: &str = "its cable is unplugged";
//!         &[
//!             (Scenario::Responds, WHY),
//!             (Scenario::HangsUp, WHY),
//!             (Scenario::Refuses, WHY),
//!             (Scenario::Silent, WHY),
//!         ]
//!     }
//!
//!     async fn stage(&self, scenario: Scenario) -> Option<Staged> {
//!         let request = CredentialsRequest::new("7010000000016241111".parse().ok()?);
//!         match scenario {
//!             Scenario::Unreachable => Some(Staged::new(
//!                 Arc::new(Unplugged),
//!                 Arc::new(NoOpener),
//!                 Arc::new(FarAway::default()),
//!                 request,
//!             )),
//!             _ => None,
//!         }
//!     }
//! }
//!
//! # pollster::block_on(async {
//! let report = port::run(&UnpluggedStage).await;
//! report.assert_kept();
//!
//! let kept = ["errors say how far it got", "secrets stay inside"];
//! assert_eq!(report.clauses_with(Verdict::Kept), kept);
//! # });
//! ```
//!
//! A [`Report`] prints a table of the clauses: which were kept, which were broken and what the suite
//! observed, and which could not be staged and why.
//!
//! # What the suites can't test
//!
//! The suites observe an adapter from outside. They can't test that memory is wiped, that a dropped
//! call leaks nothing or that TLS is secure: an adapter has to ensure this by other means.
//!
//! The suites need no async runtime and depend on none: they run on tokio, on `pollster`, or on any
//! other executor that drives your adapter. They never sleep. The stage's `patience` bounds each wait,
//! and a wait takes that long only if something is broken.

mod patience;
mod report;
mod said;
mod secrets;

pub mod opener;
pub mod port;
pub mod transport;

pub use report::{Report, Verdict};
