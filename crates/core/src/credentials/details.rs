//! The members beside the account: links, issuer, processing information, billing address.

use crate::open_enum::open_enum;
use crate::secret::Personal;

use super::card::CardType;
use super::members_macro::{members, take_as_text};
use super::text::Text;

open_enum! {
    /// The result of a verification of the card.
    VerificationResult {
        /// It matches.
        Match = "MATCH",
        /// It doesn't match.
        NoMatch = "NO_MATCH",
        /// Not supported.
        NotSupported = "NOT_SUPPORTED",
        /// It matches in part.
        PartialMatch = "PARTIAL_MATCH",
        /// It matches in part; the format isn't supported.
        PartialMatchFormatUnsupported = "PARTIAL_MATCH_FORMAT_UNSUPPORTED",
        /// Not done.
        Skipped = "SKIPPED",
    }
}

take_as_text!(VerificationResult);

members! {
    /// Links to related resources, as text; the library never follows one.
    pub struct Links {
        /// This resource (v2).
        this: Link = "self";
        /// The customer.
        customer: Link = "customer";
        /// The customer's payment instruments.
        payment_instruments: Link = "paymentInstruments";
        /// The instrument identifier.
        instrument_identifier: Link = "instrumentIdentifier";
        /// The tokenized card.
        tokenized_card: Link = "tokenizedCard";
    }

    /// One link.
    pub struct Link {
        /// The link's address, as text; the library never follows it.
        href: Text = "href";
    }

    /// The issuer's account behind the card.
    pub struct IssuerAccount {
        /// The payment account reference (PAR).
        payment_account_reference: Personal = "paymentAccountReference";
    }

    /// How to mark the payment (v2).
    pub struct ProcessingInformation {
        /// The commerce indicator, such as `vbv` or `internet`.
        commerce_indicator: Text = "commerceIndicator";
        /// The party that starts the payment.
        authorization_options: AuthorizationOptions = "authorizationOptions";
    }

    /// Options of the authorisation.
    pub struct AuthorizationOptions {
        /// The party that starts the payment.
        initiator: Initiator = "initiator";
    }

    /// The party that starts the payment.
    pub struct Initiator {
        /// The first payment of a series that the merchant starts.
        merchant_initiated_transaction: MerchantInitiatedTransaction = "merchantInitiatedTransaction";
    }

    /// The first payment of a series that the merchant starts.
    pub struct MerchantInitiatedTransaction {
        /// The network transaction id of that payment.
        previous_transaction_id: Text = "previousTransactionId";
        /// The amount of that payment.
        original_authorized_amount: Text = "originalAuthorizedAmount";
        /// The id of that payment at the processor.
        processor_transaction_id: Text = "processorTransactionId";
    }

    /// The billing name and address, from the vault.
    pub struct BillTo {
        /// Given name.
        first_name: Personal = "firstName";
        /// Family name.
        last_name: Personal = "lastName";
        /// Company.
        company: Personal = "company";
        /// First line of the address.
        address1: Personal = "address1";
        /// Second line of the address.
        address2: Personal = "address2";
        /// City.
        locality: Personal = "locality";
        /// State or province.
        administrative_area: Personal = "administrativeArea";
        /// Postal code.
        postal_code: Personal = "postalCode";
        /// Country.
        country: Personal = "country";
        /// E-mail address.
        email: Personal = "email";
        /// Phone number.
        phone_number: Personal = "phoneNumber";
    }

    /// The card behind a network token, as the token service provider returns it.
    pub struct TokenizedCardDetails {
        /// The card's number, usually masked.
        number: Personal = "number";
        /// The card's last digits.
        suffix: Personal = "suffix";
        /// Month of expiry, 01 to 12.
        expiration_month: Personal = "expirationMonth";
        /// Year of expiry, four digits.
        expiration_year: Personal = "expirationYear";
        /// The card's type.
        card_type: CardType = "type";
        /// When the card was issued.
        issue_date: Text = "issueDate";
        /// When the card was activated.
        activation_date: Text = "activationDate";
        /// Whether the expiry is printed on the card.
        expiration_printed: Text = "expirationPrinted";
        /// Whether the security code is printed on the card.
        security_code_printed: Text = "securityCodePrinted";
        /// The issuer's terms.
        terms_and_conditions: TermsAndConditions = "termsAndConditions";
    }

    /// The issuer's terms.
    pub struct TermsAndConditions {
        /// The address of the terms.
        url: Text = "url";
    }

    /// How the card was verified when the network token was made (v3).
    pub struct VerificationResults {
        /// The security code.
        security_code: VerificationResult = "securityCode";
        /// The address.
        address: VerificationResult = "address";
    }

    /// The card's appearance and its issuer (v2).
    pub struct Metadata {
        /// The card's picture.
        card_art: CardArt = "cardArt";
        /// The card's issuer.
        issuer: IssuerDetails = "issuer";
    }

    /// The card's picture.
    pub struct CardArt {
        /// The whole picture.
        combined_asset: CardArtAsset = "combinedAsset";
    }

    /// One picture.
    pub struct CardArtAsset {
        /// The picture's id.
        id: Text = "id";
        /// The addresses of the picture.
        links: Links = "_links";
    }

    /// The issuer of the card.
    pub struct IssuerDetails {
        /// Name.
        name: Text = "name";
        /// Short description of the card.
        short_description: Text = "shortDescription";
        /// Long description of the card.
        long_description: Text = "longDescription";
        /// Country.
        country: Text = "country";
        /// The first digits of the account's number.
        account_prefix: Text = "accountPrefix";
        /// E-mail address for card holders.
        email: Text = "email";
        /// Phone number for card holders.
        phone_number: Text = "phoneNumber";
        /// Web site.
        url: Text = "url";
    }
}
