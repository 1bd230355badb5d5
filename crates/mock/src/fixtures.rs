//! Answers of the service, sealed and opened, in published test values.
//!
//! Each [`Fixture`] is there three times: as the plaintext, as the JWE that holds it byte for
//! byte, and as core's types. [`FixtureOpener`] opens the JWEs without cryptography; to try a real
//! opener on them, give it [`OPENING_KEY_PEM`] under [`OPENING_KEY_ID`].

mod opener;

use std::fmt;

use payment_credentials_core::credentials::{NetworkTokenReason, NetworkTokenState};
use payment_credentials_core::{PaymentCredentials, ResponseHead, SealedCredentials};

pub use opener::FixtureOpener;

/// The private key that opens every fixture, PKCS#8 in PEM.
///
/// **Published, for tests only: it guards nothing.** Never trust it outside a test.
pub const OPENING_KEY_PEM: &str = include_str!("fixtures/fixture-key.pkcs8.pem");

/// The key id (`kid`) that every fixture's JWE names for [`OPENING_KEY_PEM`].
///
/// **Published, for tests only.**
pub const OPENING_KEY_ID: &str = "0f1c57a9e2d84b6390ab7c5d1e2f3a4b5c6d7e8f";

/// One response of the service.
///
/// Networks differ in their proof: Visa has a cryptogram and an ECI, Mastercard a cryptogram and
/// no ECI, American Express a security code and no cryptogram.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fixture {
    /// American Express network token with a security code, as v2 answers.
    AmericanExpressV2,
    /// American Express network token with a security code, as v3 answers.
    AmericanExpressV3,
    /// No network token: the card with its whole number, as v3 answers.
    CardFullV3,
    /// No network token: the card with a masked number, not chargeable, as v3 answers.
    CardMaskedV3,
    /// Mastercard network token with a cryptogram, as v2 answers.
    MastercardV2,
    /// Mastercard network token with a cryptogram, as v3 answers.
    MastercardV3,
    /// Visa network token with a cryptogram and an ECI, as v2 answers.
    VisaV2,
    /// Visa network token with a cryptogram and an ECI, as v3 answers.
    VisaV3,
}

/// The files of one fixture.
struct Stored {
    name: &'static str,
    plaintext: &'static str,
    compact: &'static str,
}

macro_rules! stored {
    ($name:literal) => {
        Stored {
            name: $name,
            plaintext: include_str!(concat!("fixtures/", $name, ".json")),
            compact: include_str!(concat!("fixtures/", $name, ".jwe")),
        }
    };
}

impl Fixture {
    /// Every fixture.
    pub const ALL: &[Self] = &[
        Self::AmericanExpressV2,
        Self::AmericanExpressV3,
        Self::CardFullV3,
        Self::CardMaskedV3,
        Self::MastercardV2,
        Self::MastercardV3,
        Self::VisaV2,
        Self::VisaV3,
    ];

    /// The response as a port gives it: the JWE, and the [`head`](Self::head).
    #[must_use]
    pub fn sealed(self) -> SealedCredentials {
        SealedCredentials::new(ours(self.compact().parse()), self.head())
    }

    /// The response as an opener gives it.
    #[must_use]
    pub fn opened(self) -> PaymentCredentials {
        ours(PaymentCredentials::from_plaintext(
            self.plaintext().as_bytes(),
        ))
    }

    /// What the JWE holds, byte for byte: JSON.
    #[must_use]
    pub fn plaintext(self) -> &'static str {
        self.stored().plaintext
    }

    /// The JWE in compact serialization.
    #[must_use]
    pub fn compact(self) -> &'static str {
        self.stored().compact
    }

    /// The head of the response: status 201, and a correlation id of the fixture's own.
    #[must_use]
    pub fn head(self) -> ResponseHead {
        let id = format!("fixture-{}", self.stored().name);
        ResponseHead::new(201).with_correlation_id(ours(id.parse()))
    }

    fn stored(self) -> Stored {
        match self {
            Self::AmericanExpressV2 => stored!("american-express-v2"),
            Self::AmericanExpressV3 => stored!("american-express-v3"),
            Self::CardFullV3 => stored!("card-full-v3"),
            Self::CardMaskedV3 => stored!("card-masked-v3"),
            Self::MastercardV2 => stored!("mastercard-v2"),
            Self::MastercardV3 => stored!("mastercard-v3"),
            Self::VisaV2 => stored!("visa-v2"),
            Self::VisaV3 => stored!("visa-v3"),
        }
    }
}

/// A network token in a state, as v3 answers it: no number, no proof, and perhaps a reason.
///
/// ```
/// use payment_credentials_core::credentials::{Account, Advice, NetworkTokenReason, NetworkTokenState};
/// use payment_credentials_mock::fixtures;
///
/// let credentials = fixtures::inactive(NetworkTokenState::Unprovisioned, Some(NetworkTokenReason::Declined));
/// let Account::NetworkToken(network_token) = credentials.account() else {
///     panic!("a network token");
/// };
/// let refused = network_token.number().expect_err("not chargeable");
/// assert_eq!(refused.advice(), Advice::Never);
/// ```
///
/// # Panics
///
/// If state or reason isn't a word of letters, digits and `_`, as all of the vendor's are.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "callers name the variants")]
pub fn inactive(
    state: NetworkTokenState,
    reason: Option<NetworkTokenReason>,
) -> PaymentCredentials {
    let state = word(state.as_str());
    let reason = reason.as_ref().map(|reason| word(reason.as_str()));
    let reason = reason.map(|reason| format!(r#","reason":"{reason}""#));
    let plaintext = format!(
        r#"{{"tokenizedCard":{{"id":"47CA8267360FD3EAE063AF598E0A5792","object":"tokenizedCard","source":"ONFILE","state":"{state}"{reason},"type":"visa"}}}}"#,
        reason = reason.unwrap_or_default(),
    );
    ours(PaymentCredentials::from_plaintext(plaintext.as_bytes()))
}

fn word(text: &str) -> &str {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    assert!(
        !text.is_empty() && text.bytes().all(is_word),
        "a state or a reason is a word of letters, digits and `_`"
    );
    text
}

/// Unwraps a value parsed from one of this crate's constants, each of which a test loads.
#[expect(clippy::expect_used, reason = "mocks may panic, and this one can't")]
pub(crate) fn ours<T, E: fmt::Debug>(made: Result<T, E>) -> T {
    made.expect("the crate's own constants are sound")
}

#[cfg(test)]
mod tests;
