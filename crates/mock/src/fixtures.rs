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

/// The files of one fixture.
struct Stored {
    name: &'static str,
    plaintext: &'static str,
    compact: &'static str,
}

/// Defines the fixtures: each variant with its files.
macro_rules! fixtures {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $file:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every fixture.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            fn stored(self) -> Stored {
                match self {
                    $(Self::$variant => Stored {
                        name: $file,
                        plaintext: include_str!(concat!("fixtures/", $file, ".json")),
                        compact: include_str!(concat!("fixtures/", $file, ".jwe")),
                    },)+
                }
            }
        }
    };
}

fixtures! {
    /// One ready-made response of the service.
    ///
    /// The proof differs by card network: Visa has a cryptogram and an ECI, Mastercard has a cryptogram
    /// and no ECI, and American Express has a security code and no cryptogram.
    ///
    /// A card in place of a network token exists in v3 alone, and so do the reasons for `UNPROVISIONED`; the
    /// states exist in both versions.
    Fixture {
        /// An American Express network token without a proof, as a request for `NETWORK_TOKEN` gets it,
        /// from v2 of the API.
        AmericanExpressNumberOnlyV2 = "american-express-number-only-v2",
        /// An American Express network token without a proof, as a request for `NETWORK_TOKEN` gets it,
        /// from v3 of the API.
        AmericanExpressNumberOnlyV3 = "american-express-number-only-v3",
        /// An American Express network token with a security code, from v2 of the API.
        AmericanExpressV2 = "american-express-v2",
        /// An American Express network token with a security code, from v3 of the API.
        AmericanExpressV3 = "american-express-v3",
        /// An American Express card that has no network token, with its full PAN, from v3 of the API.
        CardFullAmericanExpressV3 = "card-full-american-express-v3",
        /// A JCB card that has no network token, with its full PAN, from v3 of the API.
        CardFullJcbV3 = "card-full-jcb-v3",
        /// A Mastercard card that has no network token, with its full PAN, from v3 of the API.
        CardFullMastercardV3 = "card-full-mastercard-v3",
        /// A Visa card that has no network token, with its full PAN, from v3 of the API.
        CardFullV3 = "card-full-v3",
        /// A Visa card that has no network token, with a masked PAN that can't be charged, from v3 of
        /// the API.
        CardMaskedV3 = "card-masked-v3",
        /// A network token in the state `DELETED`, without a number, from v2 of the API.
        DeletedV2 = "deleted-v2",
        /// A network token in the state `DELETED`, without a number, from v3 of the API.
        DeletedV3 = "deleted-v3",
        /// A network token in the state `EXPIRED`, without a number, from v2 of the API.
        ExpiredV2 = "expired-v2",
        /// A network token in the state `EXPIRED`, without a number, from v3 of the API.
        ExpiredV3 = "expired-v3",
        /// A Mastercard network token without a proof, as a request for `NETWORK_TOKEN` gets it, from
        /// v2 of the API.
        MastercardNumberOnlyV2 = "mastercard-number-only-v2",
        /// A Mastercard network token without a proof, as a request for `NETWORK_TOKEN` gets it, from
        /// v3 of the API.
        MastercardNumberOnlyV3 = "mastercard-number-only-v3",
        /// A Mastercard network token with a dynamic code, as a request for `SECURITY_CODE` gets it,
        /// from v2 of the API.
        MastercardSecurityCodeV2 = "mastercard-security-code-v2",
        /// A Mastercard network token with a dynamic code, as a request for `SECURITY_CODE` gets it,
        /// from v3 of the API.
        MastercardSecurityCodeV3 = "mastercard-security-code-v3",
        /// A Mastercard network token with a cryptogram, from v2 of the API.
        MastercardV2 = "mastercard-v2",
        /// A Mastercard network token with a cryptogram, from v3 of the API.
        MastercardV3 = "mastercard-v3",
        /// A network token in the state `SUSPENDED`, without a number, from v2 of the API.
        SuspendedV2 = "suspended-v2",
        /// A network token in the state `SUSPENDED`, without a number, from v3 of the API.
        SuspendedV3 = "suspended-v3",
        /// No network token: `UNPROVISIONED` with the reason `CARD_NOT_ALLOWED`, from v3 of the API.
        UnprovisionedCardNotAllowedV3 = "unprovisioned-card-not-allowed-v3",
        /// No network token: `UNPROVISIONED` with the reason `CARD_NOT_ELIGIBLE`, from v3 of the API.
        UnprovisionedCardNotEligibleV3 = "unprovisioned-card-not-eligible-v3",
        /// No network token: `UNPROVISIONED` with the reason `CARD_VERIFICATION_FAILED`, from v3 of the
        /// API.
        UnprovisionedCardVerificationFailedV3 = "unprovisioned-card-verification-failed-v3",
        /// No network token: `UNPROVISIONED` with the reason `DECLINED`, from v3 of the API.
        UnprovisionedDeclinedV3 = "unprovisioned-declined-v3",
        /// No network token: `UNPROVISIONED` with the reason `INVALID_REQUEST`, from v3 of the API.
        UnprovisionedInvalidRequestV3 = "unprovisioned-invalid-request-v3",
        /// No network token: `UNPROVISIONED` with the reason `SERVICE_UNAVAILABLE`, from v3 of the API.
        UnprovisionedServiceUnavailableV3 = "unprovisioned-service-unavailable-v3",
        /// No network token: `UNPROVISIONED` with the reason `SYSTEM_ERROR`, from v3 of the API.
        UnprovisionedSystemErrorV3 = "unprovisioned-system-error-v3",
        /// No network token: the state `UNPROVISIONED`, from v2 of the API, which has no reasons.
        UnprovisionedV2 = "unprovisioned-v2",
        /// A Visa network token without a proof, as a request for `NETWORK_TOKEN` gets it, from v2 of
        /// the API.
        VisaNumberOnlyV2 = "visa-number-only-v2",
        /// A Visa network token without a proof, as a request for `NETWORK_TOKEN` gets it, from v3 of
        /// the API.
        VisaNumberOnlyV3 = "visa-number-only-v3",
        /// A Visa network token with a dynamic code, as a request for `SECURITY_CODE` gets it, from v3
        /// of the API.
        VisaSecurityCodeV3 = "visa-security-code-v3",
        /// A Visa network token with a cryptogram and an ECI, from v2 of the API.
        VisaV2 = "visa-v2",
        /// A Visa network token with a cryptogram and an ECI, from v3 of the API.
        VisaV3 = "visa-v3",
    }
}

impl Fixture {
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
