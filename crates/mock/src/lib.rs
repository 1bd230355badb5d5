//! Mocks, a scripted fake and fixtures for the ports of `payment-credentials-core`.
//!
//! With this crate, the unit tests of an application that charges stored cards need no network, no
//! keys and no async runtime. Add it to `[dev-dependencies]`. Apart from this crate and
//! `payment-credentials-core`, such tests need no other crate. Beside the 15 crates of mockall, the two need 19, themselves
//! included; a cold build of them all takes about eight times the processor time of one of `serde_json` (dev profile,
//! November 2026).
//!
//! The chapter `testing` of the crate `payment-credentials` takes one small application from production through each of
//! these tools to the sandbox and the contract suite.
//!
//! | you want to | use |
//! |---|---|
//! | a port that responds, refuses or times out, in one line | [`answers`], [`refuses`], [`times_out`], [`fails`] |
//! | an opener that opens or doesn't, in one line | [`opens`], [`does_not_open`] |
//! | define the results in order, and inspect the calls afterwards | [`scripted`], [`scripted_opener`] |
//! | say which requests are expected, by token id, type of credentials and profile | [`request_for`], [`any_request`] |
//! | define the expected calls, their number and their arguments | the [`mockall`] mocks: [`MockPaymentCredentialsPort`], [`MockCredentialsOpener`] |
//! | use a real response of the service, sealed or opened | [`fixtures`] |
//! | open a sealed fixture without keys | [`fixtures::FixtureOpener`] |
//! | use an error that the real adapter returns | [`failures`] |
//! | record calls once and play them again | [`cassette`] |
//! | make a port or an opener slow, flaky or failing | [`faults`] |
//! | write an adapter | mocks of the seams, such as [`MockTransport`] |
//! | run a future to its end in a test without an async runtime | [`block_on`] |
//!
//! Use the scripted fake unless you need a mock: a test with it lists the calls in their order, and
//! survives refactoring. Fakes and mocks never invent a result. A call for which the test defined no
//! result panics, and the panic message states the reason. A result that no call used fails the test when the
//! fake is dropped.
//!
//! # One line
//!
//! ```
//! use payment_credentials_core::{CredentialsRequest, generator::CredentialsGenerator};
//! use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
//! use payment_credentials_mock::{answers, block_on, refuses, request_for};
//!
//! let port = refuses(503).times(3).then(answers(Fixture::VisaV3));
//! let port = port.to(request_for("7010000000016241111".parse()?));
//!
//! let generator = CredentialsGenerator::new(port, FixtureOpener);
//! let request = CredentialsRequest::new("7010000000016241111".parse()?);
//! let called = (0..4).map(|_| block_on(generator.generate(&request)).is_ok());
//! assert_eq!(called.collect::<Vec<_>>(), [false, false, false, true]);
//! # Ok::<(), payment_credentials_core::ParseValueError>(())
//! ```
//!
//! # The scripted fake
//!
//! ```
//! use std::sync::Arc;
//! use payment_credentials_core::{
//!     CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, generator::CredentialsGenerator,
//! };
//! use payment_credentials_mock::{
//!     block_on, failures, fixtures::{Fixture, FixtureOpener}, scripted,
//! };
//!
//! let (port, script) = scripted();
//! script.will_return(Ok(Fixture::MastercardV3.sealed()));
//! script.will_return(Err(failures::refused(410)));
//!
//! let port: Arc<dyn PaymentCredentialsPort> = Arc::new(port);
//! let opener: Arc<dyn CredentialsOpener> = Arc::new(FixtureOpener);
//! let generator = CredentialsGenerator::new(port, opener);
//! let request = CredentialsRequest::new("7010000000016241111".parse()?);
//!
//! let generated = block_on(generator.generate(&request))?;
//! assert_eq!(generated.head, Fixture::MastercardV3.head());
//! let gone = block_on(generator.generate(&request)).expect_err("refused");
//! assert_eq!(gone.status(), Some(410));
//!
//! assert_eq!(script.calls().len(), 2);
//! script.assert_done(); // Fails the test if a result is left over.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The mocks
//!
//! [`mockall`] generates the mocks. This crate re-exports `mockall` for its predicates and
//! [`mockall::Sequence`]. Each mock has a method `checkpoint`, and one method `expect_…` for each
//! method of its trait. If an expectation is not met, dropping the mock fails the test. An expectation made with
//! [`request_for`] or [`wanted`] then says what was wanted and what came instead.
//!
//! ```
//! use std::sync::Arc;
//! use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
//! use payment_credentials_mock::{
//!     MockPaymentCredentialsPort, block_on, fixtures::Fixture, request_for,
//! };
//!
//! let mut mock = MockPaymentCredentialsPort::new();
//! mock.expect_generate()
//!     .with(request_for("7010000000016241111".parse()?))
//!     .times(1)
//!     .returning(|_| Ok(Fixture::VisaV3.sealed()));
//!
//! let port: Arc<dyn PaymentCredentialsPort> = Arc::new(mock);
//! let request = CredentialsRequest::new("7010000000016241111".parse()?);
//! assert!(block_on(port.generate(&request)).is_ok());
//! # Ok::<(), payment_credentials_core::ParseValueError>(())
//! ```
//!
//! # The fixtures
//!
//! The fixtures are responses of v2 and v3 of the API: network tokens of Visa, Mastercard and American
//! Express with each kind of proof and without one, network tokens in each state with each reason, and cards in
//! place of a network token. [`Fixture::ALL`](fixtures::Fixture::ALL) lists them. All contain published test
//! values: none can be charged. [`failures`] has an error of each kind.
//!
//! ```
//! use payment_credentials_core::credentials::{Account, Advice, NetworkTokenState};
//! use payment_credentials_mock::fixtures::{self, Fixture};
//!
//! let credentials = Fixture::CardMaskedV3.opened();
//! assert!(matches!(credentials.account(), Account::Card(card) if card.pan().is_err()));
//!
//! let expired = fixtures::inactive(NetworkTokenState::Expired, None);
//! let Account::NetworkToken(network_token) = expired.account() else { panic!("a network token") };
//! let refused = network_token.proof().expect_err("not chargeable");
//! assert_eq!(refused.advice(), Advice::AskForCard);
//! ```

mod compared;
mod draw;
mod mocks;
mod request_matcher;
mod scripted;
mod wanted;

pub mod cassette;
pub mod failures;
pub mod faults;
pub mod fixtures;

pub use mockall;
pub use mocks::{
    MockClock, MockCredentialsOpener, MockMessageEncryption, MockOffload,
    MockPaymentCredentialsPort, MockRequestAuthenticator, MockTransport,
};
pub use pollster::block_on;
pub use request_matcher::{RequestMatcher, any_request, request_for};
pub use scripted::{
    Script, ScriptedOpener, ScriptedPort, answers, does_not_open, fails, opens, refuses, scripted,
    scripted_opener, times_out,
};
pub use wanted::wanted;
