//! The contracts of the payment credentials ports, as test suites that any adapter can run.
//!
//! Each trait of `payment-credentials-core` that others implement says in its documentation what
//! it promises, clause by clause. Here each clause is a test of the same name, and one call runs
//! them all:
//!
//! | you implement | you write | and run |
//! |---|---|---|
//! | [`PaymentCredentialsPort`](payment_credentials_core::PaymentCredentialsPort), or a layer around one | [`port::Stage`] | [`port::run`] |
//! | [`CredentialsOpener`](payment_credentials_core::CredentialsOpener), for a KMS or an HSM | [`opener::Stage`] | [`opener::run`] |
//! | [`Transport`](payment_credentials_core::seam::Transport), over another HTTP client | [`transport::Stage`] | [`transport::run`] |
//!
//! [`transport`] is also the chapter to read for authors of transports: it has a whole one.
//!
//! # How to test your adapter
//!
//! A *stage* puts your adapter into a *scenario*: before a service that answers, refuses, hangs up
//! or can't be reached. It says what to ask for, and lets the suite look at the service past your
//! adapter. What can't be staged is declared, with the reason; the suite fails if the declaration is
//! wrong, in either direction, and the report shows the gap. Skipped is not passed.
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
//! /// An adapter that has lost its network, and the service that it will never reach.
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
//! #         unreachable!("nothing comes to be opened")
//! #     }
//! # }
//! struct UnpluggedStage;
//!
//! #[async_trait]
//! impl Stage for UnpluggedStage {
//!     fn cannot(&self) -> &[(Scenario, &'static str)] {
//!         const WHY: &str = "its cable is unplugged";
//!         &[
//!             (Scenario::Answers, WHY),
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
//! assert_eq!(report.named(Verdict::Kept), kept);
//! # });
//! ```
//!
//! A [`Report`] reads as a table of the clauses: what was kept, what was broken and what was seen
//! of that, what could not be staged and why.
//!
//! # What the suites don't see
//!
//! They validate from outside. That memory is wiped, that a dropped call leaks nothing, that TLS is
//! sound: an adapter has to hold those by other means.
//!
//! The suites need no runtime and know none: they run under tokio, under `pollster`, or whatever
//! drives your adapter. They never sleep. A wait is bounded by the stage's `patience`, which is spent
//! only where something is broken.

mod patience;
mod report;
mod said;
mod secrets;

pub mod opener;
pub mod port;
pub mod transport;

pub use report::{Report, Verdict};
