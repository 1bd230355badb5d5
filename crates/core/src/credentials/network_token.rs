use std::fmt;

use zeroize::Zeroizing;

use crate::open_enum::open_enum;
use crate::secret::{Cryptogram, NetworkTokenNumber, Personal, SecurityCode};

use super::chargeable::NotChargeable;
use super::details::{Metadata, TokenizedCardDetails, VerificationResults};
use super::expiry::Expiry;
use super::members_macro::{Take, take, take_as_text};
use super::payload::PayloadError;
use super::secret_json::Object;
use super::state::{NetworkTokenReason, NetworkTokenState};
use super::text::Text;
use super::unknown_members::UnknownMembers;

open_enum! {
    /// The card network that issued a network token.
    NetworkName {
        /// American Express.
        AmericanExpress = "americanexpress",
        /// Mastercard.
        Mastercard = "mastercard",
        /// Visa.
        Visa = "visa",
    }
}

open_enum! {
    /// Where a network token came from (v3).
    NetworkTokenSource {
        /// From the issuer.
        Issuer = "ISSUER",
        /// From a card on file.
        OnFile = "ONFILE",
        /// From another network token.
        Token = "TOKEN",
    }
}

take_as_text!(NetworkName, NetworkTokenSource);

/// A network token, with its one-use proof.
///
/// The accessors of the number, cryptogram and code fail if the network token isn't active or the response
/// doesn't hold them; [`NotChargeable::advice`] then returns what to do.
pub struct NetworkToken {
    state: Option<NetworkTokenState>,
    reason: Option<NetworkTokenReason>,
    number: SecretMember<NetworkTokenNumber>,
    cryptogram: SecretMember<Cryptogram>,
    security_code: SecretMember<SecurityCode>,
    expiration_month: Option<Personal>,
    expiration_year: Option<Personal>,
    /// The tokenized card's id in the vault (v3).
    pub id: Option<Text>,
    /// Always `tokenizedCard` (v3).
    pub object: Option<Text>,
    /// Where the network token came from (v3).
    pub source: Option<NetworkTokenSource>,
    /// The card network.
    pub network: Option<NetworkName>,
    /// The raw e-commerce indicator (ECI): pass it on unchanged.
    pub eci: Option<Text>,
    /// The token requestor id (TRID), 11 digits.
    pub requestor_id: Option<Text>,
    /// The id of the card's enrolment at the network.
    pub enrollment_id: Option<Text>,
    /// The id of the network token at the network.
    pub token_reference_id: Option<Text>,
    /// The payment account reference (PAR) (v3).
    pub payment_account_reference: Option<Personal>,
    /// The application transaction counter (ATC), which grows with each cryptogram (v3, Visa).
    pub application_transaction_counter: Option<Text>,
    /// The card behind the network token, as the token service provider returns it.
    pub card: Option<TokenizedCardDetails>,
    /// The card's appearance and its issuer (v2).
    pub metadata: Option<Metadata>,
    /// How the card was verified when the network token was made (v3).
    pub verification_results: Option<VerificationResults>,
    /// Members that this version doesn't know.
    pub unknown: UnknownMembers,
}

/// The one-use proof of a network token.
#[derive(Debug)]
#[non_exhaustive]
pub enum Proof<'a> {
    /// A cryptogram, such as Visa's TAVV.
    Cryptogram(&'a Cryptogram),
    /// A dynamic code: American Express, or Visa's DTVV.
    SecurityCode(&'a SecurityCode),
}

/// A secret member: present, absent, or present but invalid.
enum SecretMember<T> {
    Absent,
    Malformed,
    There(T),
}

impl<T> SecretMember<T> {
    fn read<E>(
        text: Option<Zeroizing<String>>,
        parse: fn(Zeroizing<String>) -> Result<T, E>,
    ) -> Self {
        match text.map(parse) {
            None => Self::Absent,
            Some(Err(_unusable)) => Self::Malformed,
            Some(Ok(secret)) => Self::There(secret),
        }
    }

    fn there(&self, otherwise: NotChargeable) -> Result<&T, NotChargeable> {
        match self {
            Self::There(secret) => Ok(secret),
            Self::Absent | Self::Malformed => Err(otherwise),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for SecretMember<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Malformed => f.write_str("malformed"),
            Self::There(secret) => secret.fmt(f),
        }
    }
}

impl Take for NetworkToken {
    fn take(object: &mut Object<'_, '_>, name: &str) -> Result<Option<Self>, PayloadError> {
        let Some(mut members) = object.take_object(name)? else {
            return Ok(None);
        };
        let object = &mut members;
        Ok(Some(Self {
            state: take(object, "state")?,
            reason: take(object, "reason")?,
            number: SecretMember::read(
                object.take_text("number"),
                NetworkTokenNumber::from_plaintext,
            ),
            cryptogram: SecretMember::read(
                object.take_text("cryptogram"),
                Cryptogram::from_plaintext,
            ),
            security_code: SecretMember::read(
                object.take_text("securityCode"),
                SecurityCode::from_plaintext,
            ),
            expiration_month: take(object, "expirationMonth")?,
            expiration_year: take(object, "expirationYear")?,
            id: take(object, "id")?,
            object: take(object, "object")?,
            source: take(object, "source")?,
            network: take(object, "type")?,
            eci: take(object, "eci")?,
            requestor_id: take(object, "requestorId")?,
            enrollment_id: take(object, "enrollmentId")?,
            token_reference_id: take(object, "tokenReferenceId")?,
            payment_account_reference: take(object, "paymentAccountReference")?,
            application_transaction_counter: take(object, "applicationTransactionCounter")?,
            card: take(object, "card")?,
            metadata: take(object, "metadata")?,
            verification_results: take(object, "verificationResults")?,
            unknown: members.into_unknown(),
        }))
    }
}

impl NetworkToken {
    /// The network token's state. v2 may leave it out; the network token can then still be charged.
    #[must_use]
    pub fn state(&self) -> Option<&NetworkTokenState> {
        self.state.as_ref()
    }

    /// Why the network token isn't active, if the response has a reason (v3).
    #[must_use]
    pub fn reason(&self) -> Option<&NetworkTokenReason> {
        self.reason.as_ref()
    }

    /// The number that replaces the PAN in the authorisation.
    ///
    /// # Errors
    ///
    /// [`NotChargeable`] if the network token isn't active, or the response holds no number of 12 to 19
    /// digits.
    pub fn number(&self) -> Result<&NetworkTokenNumber, NotChargeable> {
        self.active()?;
        match &self.number {
            SecretMember::Absent => Err(NotChargeable::MissingNumber),
            SecretMember::Malformed => Err(NotChargeable::BadNumber),
            SecretMember::There(number) => Ok(number),
        }
    }

    /// The network token's own expiry month and year, which differ from the card's.
    ///
    /// # Errors
    ///
    /// [`NotChargeable`] if the network token isn't active, or month or year is missing or invalid.
    pub fn expiry(&self) -> Result<Expiry, NotChargeable> {
        self.active()?;
        Expiry::read(
            self.expiration_month.as_ref(),
            self.expiration_year.as_ref(),
        )
    }

    /// The cryptogram.
    ///
    /// # Errors
    ///
    /// [`NotChargeable`] if the network token isn't active, or the response holds no cryptogram.
    pub fn cryptogram(&self) -> Result<&Cryptogram, NotChargeable> {
        self.active()?;
        self.cryptogram.there(NotChargeable::MissingCryptogram)
    }

    /// The dynamic security code.
    ///
    /// # Errors
    ///
    /// [`NotChargeable`] if the network token isn't active, or the response holds no security code.
    pub fn security_code(&self) -> Result<&SecurityCode, NotChargeable> {
        self.active()?;
        self.security_code.there(NotChargeable::MissingSecurityCode)
    }

    /// The proof in the response; the cryptogram if the response holds both kinds.
    ///
    /// # Errors
    ///
    /// [`NotChargeable`] if the network token isn't active, or the response holds neither kind.
    pub fn proof(&self) -> Result<Proof<'_>, NotChargeable> {
        self.active()?;
        self.cryptogram()
            .map(Proof::Cryptogram)
            .or_else(|_none| self.security_code().map(Proof::SecurityCode))
            .map_err(|_neither| NotChargeable::MissingProof)
    }

    fn active(&self) -> Result<(), NotChargeable> {
        match &self.state {
            None | Some(NetworkTokenState::Active) => Ok(()),
            Some(state) => Err(NotChargeable::State {
                state: state.clone(),
                reason: self.reason.clone(),
            }),
        }
    }
}

impl fmt::Debug for NetworkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkToken")
            .field("state", &self.state)
            .field("reason", &self.reason)
            .field("network", &self.network)
            .field("number", &self.number)
            .field("cryptogram", &self.cryptogram)
            .field("security_code", &self.security_code)
            .field("eci", &self.eci)
            .field("unknown", &self.unknown)
            .finish_non_exhaustive()
    }
}
