//! The credentials in a response: a network token with its one-use proof, or a card.
//!
//! The same types serve v2 and v3 of the API. Members and values are those of the vendor's OpenAPI
//! document, its examples and its TMS developer guide. Everything but the account is optional. Values that
//! the vendor may add are accepted, and members that this version doesn't know are kept beside the known
//! ones. No type here implements `Deserialize`: [`PaymentCredentials::from_plaintext`] is the only parser.

mod account;
mod card;
mod chargeable;
mod confirmation;
mod details;
mod expiry;
mod members_macro;
mod network_token;
mod payload;
mod secret_json;
mod state;
mod text;
mod unknown_members;

use std::fmt;

use members_macro::take;
use secret_json::Document;

pub use account::Account;
pub use card::{Card, CardType};
pub use chargeable::{Advice, NotChargeable};
pub use confirmation::Confirmation;
pub use details::{
    AuthorizationOptions, BillTo, CardArt, CardArtAsset, Initiator, IssuerAccount, IssuerDetails,
    Link, Links, MerchantInitiatedTransaction, Metadata, ProcessingInformation, TermsAndConditions,
    TokenizedCardDetails, VerificationResult, VerificationResults,
};
pub use expiry::Expiry;
pub use network_token::{NetworkName, NetworkToken, NetworkTokenSource, Proof};
pub use payload::{PayloadError, PayloadErrorKind};
pub use state::{NetworkTokenReason, NetworkTokenState};
pub use text::Text;
pub use unknown_members::UnknownMembers;

/// Opened payment credentials.
///
/// Numbers, cryptograms and codes have secret types: they are redacted in `Debug`, readable only through
/// `expose`, and wiped on drop. The value can't be cloned, compared or serialized: charge with it, then
/// drop it.
///
/// ```
/// use payment_credentials_core::{PaymentCredentials, credentials::{Account, Proof}};
///
/// let plaintext = br#"{"tokenizedCard": {
///     "state": "ACTIVE", "number": "4895370016750801", "type": "visa",
///     "expirationMonth": "12", "expirationYear": "2031",
///     "cryptogram": "AwAAAADggP/Ce5+ZciCXQUUAAAA=", "eci": "05"
/// }}"#;
/// let credentials = PaymentCredentials::from_plaintext(plaintext)?;
///
/// match credentials.account() {
///     Account::NetworkToken(token) => {
///         assert_eq!(token.number()?.masked(), "489537XXXXXX0801");
///         assert_eq!(token.expiry()?.to_string(), "12/2031");
///         assert!(matches!(token.proof()?, Proof::Cryptogram(_)));
///         assert_eq!(token.eci.as_ref().expect("an ECI").as_str(), "05");
///     }
///     Account::Card(card) => println!("{}", card.pan()?.masked()),
///     _ => unreachable!("this response holds a network token"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PaymentCredentials {
    account: Account,
    card: Option<Card>,
    /// Links to related resources, as text; the library never follows one.
    pub links: Option<Links>,
    /// The issuer's account behind the card.
    pub issuer: Option<IssuerAccount>,
    /// How to mark the payment (v2).
    pub processing_information: Option<ProcessingInformation>,
    /// The billing name and address from the vault (v3).
    pub bill_to: Option<BillTo>,
    /// Members that this version doesn't know.
    pub unknown: UnknownMembers,
}

impl PaymentCredentials {
    /// Parses an opened plaintext; for openers.
    ///
    /// # Errors
    ///
    /// [`PayloadError`] if the plaintext isn't one JSON object (UTF-8, at most 16 levels deep, no duplicate
    /// member), or holds neither a network token nor a card. A network token that isn't chargeable is no
    /// error here; its accessors return [`NotChargeable`].
    pub fn from_plaintext(plaintext: &[u8]) -> Result<Self, PayloadError> {
        let mut document = Document::parse(plaintext)?;
        let mut object = document.object()?;
        let token: Option<NetworkToken> = take(&mut object, "tokenizedCard")?;
        let card: Option<Card> = take(&mut object, "card")?;
        let (account, card) = match (token, card) {
            (Some(token), card) => (Account::NetworkToken(token.into()), card),
            (None, Some(card)) => (Account::Card(card.into()), None),
            (None, None) => return Err(PayloadError::new(PayloadErrorKind::NoAccount, None)),
        };
        Ok(Self {
            account,
            card,
            links: take(&mut object, "_links")?,
            issuer: take(&mut object, "issuer")?,
            processing_information: take(&mut object, "processingInformation")?,
            bill_to: take(&mut object, "billTo")?,
            unknown: object.into_unknown(),
        })
    }

    /// The account to charge.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The card behind a network token, if the response has it; its number is usually masked.
    #[must_use]
    pub fn card_behind(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// The payment account reference (PAR), from whichever member of the response holds it.
    ///
    /// An account has the same PAR across its PAN and its network tokens. The PAR isn't a secret, but it
    /// doesn't belong in logs either.
    #[must_use]
    pub fn payment_account_reference(&self) -> Option<&str> {
        let issuer = self.issuer.as_ref();
        let beside = issuer.and_then(|issuer| issuer.payment_account_reference.as_ref());
        let within = match &self.account {
            Account::NetworkToken(token) => token.payment_account_reference.as_ref(),
            Account::Card(_) => None,
        };
        within.or(beside).map(crate::secret::Personal::expose)
    }
}

impl fmt::Debug for PaymentCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentCredentials")
            .field("account", &self.account)
            .field("unknown", &self.unknown)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
