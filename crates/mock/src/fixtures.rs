//! Responses of the service, sealed and opened, with published test values.
//!
//! Each [`Fixture`] exists in three forms: the plaintext, the JWE that contains this plaintext byte
//! for byte, and the types of `payment-credentials-core`. [`FixtureOpener`] opens the JWEs without
//! cryptography. To test a real opener with them, configure it with [`OPENING_KEY_PEM`] under the key
//! id [`OPENING_KEY_ID`].

mod opener;

use std::fmt;

use payment_credentials_core::credentials::{NetworkTokenReason, NetworkTokenState};
use payment_credentials_core::{PaymentCredentials, ResponseHead, SealedCredentials};

pub use opener::FixtureOpener;

/// The private key that opens every fixture, PKCS#8 in PEM.
///
/// **Published, for tests only: it protects nothing.** Never trust it outside a test.
pub const OPENING_KEY_PEM: &str = include_str!("fixtures/fixture-key.pkcs8.pem");

/// The key id of [`OPENING_KEY_PEM`]: the `kid` in the header of every fixture's JWE.
///
/// **Published, for tests only.**
pub const OPENING_KEY_ID: &str = "0f1c57a9e2d84b6390ab7c5d1e2f3a4b5c6d7e8f";

/// One ready-made response of the service.
///
/// The proof differs by card network: Visa has a cryptogram and an ECI, Mastercard has a cryptogram
/// and no ECI, and American Express has a security code and no cryptogram.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Fixture {
    /// An American Express network token with a security code, from v2 of the API.
    AmericanExpressV2,
    /// An American Express network token with a security code, from v3 of the API.
    AmericanExpressV3,
    /// A card that has no network token, with its full PAN, from v3 of the API.
    CardFullV3,
    /// A card that has no network token, with a masked PAN that can't be charged, from v3 of the API.
    CardMaskedV3,
    /// A Mastercard network token with a cryptogram, from v2 of the API.
    MastercardV2,
    /// A Mastercard network token with a cryptogram, from v3 of the API.
    MastercardV3,
    /// A Visa network token with a cryptogram and an ECI, from v2 of the API.
    VisaV2,
    /// A Visa network token with a cryptogram and an ECI, from v3 of the API.
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

    /// The sealed credentials as a port returns them: the JWE and the [`head`](Self::head).
    #[must_use]
    pub fn sealed(self) -> SealedCredentials {
        SealedCredentials::new(ours(self.compact().parse()), self.head())
    }

    /// The payment credentials as an opener returns them.
    #[must_use]
    pub fn opened(self) -> PaymentCredentials {
        ours(PaymentCredentials::from_plaintext(
            self.plaintext().as_bytes(),
        ))
    }

    /// The JSON that the JWE contains, byte for byte.
    #[must_use]
    pub fn plaintext(self) -> &'static str {
        self.stored().plaintext
    }

    /// The JWE in compact serialization.
    #[must_use]
    pub fn compact(self) -> &'static str {
        self.stored().compact
    }

    /// The head of the response: status 201 and a correlation id that only this fixture has.
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

/// Credentials with a network token in this state, as v3 of the API sends them: without a number,
/// without a proof, and with the reason if there is one.
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
/// assert_eq!(refused.advice(), Advice::UseAnotherWay);
/// ```
///
/// # Panics
///
/// If the state or the reason isn't a word of ASCII letters, digits and `_`. All states and reasons
/// of the vendor are such words.
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
        "a state or a reason is a word of ASCII letters, digits and `_`, not {text:?}; \
         pass one of the vendor's"
    );
    text
}

/// Unwraps a value that was parsed from one of this crate's constants. A test parses each of them.
#[expect(
    clippy::expect_used,
    reason = "a mock may panic, and this parse succeeds"
)]
pub(crate) fn ours<T, E: fmt::Debug>(made: Result<T, E>) -> T {
    made.expect("the fixtures of payment-credentials-mock are valid; please report this bug")
}

#[cfg(test)]
mod tests;
