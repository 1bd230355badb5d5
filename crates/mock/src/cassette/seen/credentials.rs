//! The values of opened credentials.

use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::credentials::{
    Account, BillTo, Card, CardType, IssuerDetails, Links, Metadata, NetworkName, NetworkToken,
    NetworkTokenReason, NetworkTokenSource, NetworkTokenState, ProcessingInformation, Text,
    TokenizedCardDetails, UnknownMembers, VerificationResult,
};
use payment_credentials_core::secret::{
    Cryptogram, NetworkTokenNumber, Pan, Personal, SecurityCode,
};

use super::Seen;

impl Seen {
    fn texts<const N: usize>(&mut self, values: [&Option<Text>; N]) {
        self.add_all(values.into_iter().flatten().map(Text::as_str));
    }

    fn personal<const N: usize>(&mut self, values: [&Option<Personal>; N]) {
        self.add_all(values.into_iter().flatten().map(Personal::expose));
    }

    fn unknown(&mut self, members: &UnknownMembers) {
        for name in members.names() {
            self.add(name);
            let json = members.expose(name).unwrap_or_default();
            match serde_json::from_str(json) {
                Ok(value) => self.json(&value),
                Err(_not_json) => self.add(json),
            }
        }
    }

    pub(in super::super) fn credentials(&mut self, credentials: &PaymentCredentials) {
        match credentials.account() {
            Account::NetworkToken(token) => self.network_token(token),
            Account::Card(card) => self.card(card),
            _ => {}
        }
        if let Some(card) = credentials.card_behind() {
            self.card(card);
        }
        if let Some(links) = &credentials.links {
            self.links(links);
        }
        if let Some(issuer) = &credentials.issuer {
            self.personal([&issuer.payment_account_reference]);
            self.unknown(&issuer.unknown);
        }
        if let Some(processing) = &credentials.processing_information {
            self.processing(processing);
        }
        if let Some(address) = &credentials.bill_to {
            self.address(address);
        }
        self.unknown(&credentials.unknown);
    }

    fn network_token(&mut self, token: &NetworkToken) {
        self.add_all(token.number().ok().map(NetworkTokenNumber::expose));
        self.add_all(token.cryptogram().ok().map(Cryptogram::expose));
        self.add_all(token.security_code().ok().map(SecurityCode::expose));
        self.texts([
            &token.id,
            &token.object,
            &token.eci,
            &token.requestor_id,
            &token.enrollment_id,
            &token.token_reference_id,
            &token.application_transaction_counter,
        ]);
        self.personal([&token.payment_account_reference]);
        self.add_all(token.state().map(NetworkTokenState::as_str));
        self.add_all(token.reason().map(NetworkTokenReason::as_str));
        self.add_all(token.network.as_ref().map(NetworkName::as_str));
        self.add_all(token.source.as_ref().map(NetworkTokenSource::as_str));
        if let Some(details) = &token.card {
            self.details(details);
        }
        if let Some(metadata) = &token.metadata {
            self.metadata(metadata);
        }
        if let Some(results) = &token.verification_results {
            let words = [&results.security_code, &results.address];
            self.add_all(words.into_iter().flatten().map(VerificationResult::as_str));
            self.unknown(&results.unknown);
        }
        self.unknown(&token.unknown);
    }

    fn details(&mut self, details: &TokenizedCardDetails) {
        self.personal([
            &details.number,
            &details.suffix,
            &details.expiration_month,
            &details.expiration_year,
        ]);
        self.texts([
            &details.issue_date,
            &details.activation_date,
            &details.expiration_printed,
            &details.security_code_printed,
        ]);
        self.add_all(details.card_type.as_ref().map(CardType::as_str));
        if let Some(terms) = &details.terms_and_conditions {
            self.texts([&terms.url]);
            self.unknown(&terms.unknown);
        }
        self.unknown(&details.unknown);
    }

    fn metadata(&mut self, metadata: &Metadata) {
        if let Some(art) = &metadata.card_art {
            if let Some(asset) = &art.combined_asset {
                self.texts([&asset.id]);
                if let Some(links) = &asset.links {
                    self.links(links);
                }
                self.unknown(&asset.unknown);
            }
            self.unknown(&art.unknown);
        }
        if let Some(issuer) = &metadata.issuer {
            self.issuer(issuer);
        }
        self.unknown(&metadata.unknown);
    }

    fn issuer(&mut self, issuer: &IssuerDetails) {
        self.texts([
            &issuer.name,
            &issuer.short_description,
            &issuer.long_description,
            &issuer.country,
            &issuer.account_prefix,
            &issuer.email,
            &issuer.phone_number,
            &issuer.url,
        ]);
        self.unknown(&issuer.unknown);
    }

    fn card(&mut self, card: &Card) {
        self.add_all(card.pan().ok().map(Pan::expose));
        self.add_all(card.masked_number().as_deref());
        self.add_all(card.card_type.as_ref().map(CardType::as_str));
        self.unknown(&card.unknown);
    }

    fn links(&mut self, links: &Links) {
        let all = [
            &links.this,
            &links.customer,
            &links.payment_instruments,
            &links.instrument_identifier,
            &links.tokenized_card,
        ];
        for link in all.into_iter().flatten() {
            self.texts([&link.href]);
            // An id is a part of the address.
            let address = link.href.as_ref().map(Text::as_str);
            self.add_all(address.unwrap_or_default().split('/'));
            self.unknown(&link.unknown);
        }
        self.unknown(&links.unknown);
    }

    fn processing(&mut self, processing: &ProcessingInformation) {
        self.texts([&processing.commerce_indicator]);
        self.unknown(&processing.unknown);
        let Some(options) = &processing.authorization_options else {
            return;
        };
        self.unknown(&options.unknown);
        let Some(initiator) = &options.initiator else {
            return;
        };
        self.unknown(&initiator.unknown);
        if let Some(first) = &initiator.merchant_initiated_transaction {
            self.texts([
                &first.previous_transaction_id,
                &first.original_authorized_amount,
                &first.processor_transaction_id,
            ]);
            self.unknown(&first.unknown);
        }
    }

    fn address(&mut self, address: &BillTo) {
        self.personal([
            &address.first_name,
            &address.last_name,
            &address.company,
            &address.address1,
            &address.address2,
            &address.locality,
            &address.administrative_area,
            &address.postal_code,
            &address.country,
            &address.email,
            &address.phone_number,
        ]);
        self.unknown(&address.unknown);
    }
}
