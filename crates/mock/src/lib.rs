//! Mocks, a scripted fake and fixtures for the ports of `payment-credentials-core`.
//!
//! For the unit tests of an application that charges stored cards: no network, no keys, no
//! runtime. Make it a dev-dependency; with core, nothing else is needed.
//!
//! | you want to | use |
//! |---|---|
//! | say what comes back, in order, and see what was asked | [`scripted`], [`scripted_opener`] |
//! | state which calls must come, how often, with which arguments | the [`mockall`] mocks: [`MockPaymentCredentialsPort`], [`MockCredentialsOpener`] |
//! | have a real response of the service, sealed or opened | [`fixtures`] |
//! | open a sealed fixture without keys | [`fixtures::FixtureOpener`] |
//! | have an error that the real adapter makes | [`failures`] |
//! | write an adapter | mocks of the seams, such as [`MockTransport`] |
//! | await in a test without a runtime | [`block_on`] |
//!
//! Reach for the scripted fake first: its tests read as a story and survive refactoring. Neither
//! fake nor mock ever makes up a response: a call that it has no response for panics and says so.
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
//! script.answer(Ok(Fixture::MastercardV3.sealed()));
//! script.answer(Err(failures::refused(410)));
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
//! assert_eq!(script.asked().len(), 2);
//! script.done(); // Fails the test if a response is left over.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The mocks
//!
//! Made by [`mockall`], which is re-exported for its predicates and [`mockall::Sequence`]. Each
//! has a `checkpoint` and one `expect_…` for each method of its trait; an expectation that is not
//! met fails the test when the mock is dropped.
//!
//! ```
//! use std::sync::Arc;
//! use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
//! use payment_credentials_mock::{MockPaymentCredentialsPort, block_on, fixtures::Fixture};
//!
//! let mut mock = MockPaymentCredentialsPort::new();
//! mock.expect_generate()
//!     .withf(|request| request.token_id().as_str() == "7010000000016241111")
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
//! Visa, Mastercard and American Express as v2 and v3 of the API answer, and v3's answer with a
//! card in place of a network token. All are published test values: none can be charged.
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

mod mocks;
mod scripted;

pub mod failures;
pub mod fixtures;

pub use mockall;
pub use mocks::{
    MockClock, MockCredentialsOpener, MockMessageEncryption, MockOffload,
    MockPaymentCredentialsPort, MockRequestAuthenticator, MockTransport,
};
pub use pollster::block_on;
pub use scripted::{Script, ScriptedOpener, ScriptedPort, scripted, scripted_opener};
