//! What is recorded of a response or an error: words of the grammar, and what is there.

use std::error::Error as _;
use std::time::SystemTime;

use payment_credentials_core::credentials::{
    Account, Card, CardType, Confirmation, NetworkName, NetworkToken, NetworkTokenReason,
    NetworkTokenSource, NetworkTokenState, NotChargeable, Text, VerificationResult,
};
use payment_credentials_core::{PaymentCredentials, PortError, ResponseHead, RetryAfter, TokenId};

use super::encoding::Encoding;
use super::entry::Lines;
use super::grammar::{MAX_WAIT, OTHER, PRESENT};
use super::words::{
    CARD_TYPES, CHECKS, COMMERCE_INDICATORS, ECIS, NETWORKS, REASONS, SOURCES, STATES,
    TOKEN_REASONS,
};

/// The brand of a number, by its first digits; it is never one of the number's own digits.
fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'4', ..] => "visa",
        [b'2' | b'5', ..] => "mastercard",
        [b'3', b'4' | b'7', ..] => "american-express",
        [b'3', b'5', ..] => "jcb",
        _ => OTHER,
    }
}

/// The head of a success.
pub(super) fn of_head(head: &ResponseHead) -> Lines {
    let mut lines = Lines::default();
    add_head(&mut lines, head);
    lines
}

fn add_head(lines: &mut Lines, head: &ResponseHead) {
    lines.add("status", head.status().min(999).to_string());
    let has_id = head.correlation_id().is_some();
    lines.add_if("correlation id", has_id, PRESENT);
    let has_id = head.unique_transaction_id().is_some();
    lines.add_if("unique transaction id", has_id, PRESENT);
    let wait = head
        .retry_after()
        .and_then(|wait| seconds(wait, head.date()));
    if let Some(seconds) = wait {
        lines.add("retry after", seconds.min(MAX_WAIT).to_string());
    }
}

/// A time to wait until is recorded as the wait from the response's own time on.
fn seconds(wait: RetryAfter, date: Option<SystemTime>) -> Option<u64> {
    match wait {
        RetryAfter::Delay(delay) => Some(delay.as_secs()),
        RetryAfter::At(time) => {
            let wait = time.duration_since(date?).unwrap_or_default();
            Some(wait.as_secs())
        }
        _ => None,
    }
}

/// An error: what a caller can branch on.
pub(super) fn of_error(error: &PortError) -> Lines {
    let mut lines = Lines::default();
    lines.add("kind", error.kind().name());
    lines.add("delivery", error.delivery().name());
    lines.add("phase", error.phase().name());
    lines.add("repeatability", error.repeatability().name());
    let attempts = error.attempts().min(1000);
    lines.add_if("attempts", attempts != 1, &attempts.to_string());
    lines.add_word("reason", error.reason(), REASONS);
    if let Some(skew) = error.clock_skew() {
        let is_behind = skew.seconds() > 0;
        lines.add("clock skew", if is_behind { "behind" } else { "ahead" });
    }
    if let Some(head) = error.head() {
        add_head(&mut lines, head);
    }
    let has_cause = error.source().is_some();
    lines.add_if("cause", has_cause, PRESENT);
    lines
}

/// Opened credentials, of a request for this token id.
pub(super) fn of_credentials(credentials: &PaymentCredentials, token_id: &TokenId) -> Lines {
    let mut lines = Lines::default();
    match credentials.account() {
        Account::NetworkToken(token) => {
            lines.add("account", "network-token");
            add_network_token(&mut lines, token);
            if let Some(card) = credentials.card_behind() {
                add_card(&mut lines, card);
            }
        }
        Account::Card(card) => {
            lines.add("account", "card");
            add_card(&mut lines, card);
        }
        _ => lines.add("account", OTHER),
    }
    let issuer = credentials.issuer.as_ref();
    let reference = issuer.is_some_and(|issuer| issuer.payment_account_reference.is_some());
    lines.add_names("issuer", &[("paymentAccountReference", reference)]);
    let processing = credentials.processing_information.as_ref();
    let indicator = processing.and_then(|processing| text(processing.commerce_indicator.as_ref()));
    lines.add_word("commerce indicator", indicator, COMMERCE_INDICATORS);
    add_billing_address(&mut lines, credentials);
    let named = credentials.confirms(token_id) == Confirmation::Confirmed;
    lines.add_if("token id", named, "named");
    lines
}

fn text(text: Option<&Text>) -> Option<&str> {
    text.map(Text::as_str)
}

fn add_network_token(lines: &mut Lines, token: &NetworkToken) {
    let state = token.state().map(NetworkTokenState::as_str);
    lines.add_word("state", state, STATES);
    let reason = token.reason().map(NetworkTokenReason::as_str);
    lines.add_word("reason", reason, TOKEN_REASONS);
    let network = token.network.as_ref().map(NetworkName::as_str);
    lines.add_word("network", network, NETWORKS);
    let source = token.source.as_ref().map(NetworkTokenSource::as_str);
    lines.add_word("source", source, SOURCES);
    match token.number() {
        Ok(number) => lines.add("number", brand(number.expose())),
        Err(NotChargeable::BadNumber) => lines.add("number", PRESENT),
        Err(_none) => {}
    }
    lines.add_if("expiry", token.expiry().is_ok(), PRESENT);
    if let Ok(cryptogram) = token.cryptogram() {
        lines.add("cryptogram", Encoding::of(cryptogram.expose()).to_string());
    }
    if let Ok(code) = token.security_code() {
        lines.add("security code", Encoding::of(code.expose()).to_string());
    }
    lines.add_word("eci", text(token.eci.as_ref()), ECIS);
    lines.add_names(
        "members",
        &[
            (
                "applicationTransactionCounter",
                token.application_transaction_counter.is_some(),
            ),
            ("enrollmentId", token.enrollment_id.is_some()),
            ("id", token.id.is_some()),
            ("object", token.object.is_some()),
            (
                "paymentAccountReference",
                token.payment_account_reference.is_some(),
            ),
            ("requestorId", token.requestor_id.is_some()),
            ("tokenReferenceId", token.token_reference_id.is_some()),
        ],
    );
    if let Some(results) = &token.verification_results {
        let [code, address] = [&results.security_code, &results.address];
        let [code, address] = [code, address].map(|it| it.as_ref().map(VerificationResult::as_str));
        lines.add_word("security code check", code, CHECKS);
        lines.add_word("address check", address, CHECKS);
    }
    if let Some(details) = &token.card {
        lines.add_names(
            "details",
            &[
                ("expirationMonth", details.expiration_month.is_some()),
                ("expirationYear", details.expiration_year.is_some()),
                ("number", details.number.is_some()),
                ("suffix", details.suffix.is_some()),
            ],
        );
        let card_type = details.card_type.as_ref().map(CardType::as_str);
        lines.add_word("details type", card_type, CARD_TYPES);
    }
}

fn add_card(lines: &mut Lines, card: &Card) {
    let kind = match card.pan() {
        Ok(_) => "full",
        Err(NotChargeable::MaskedNumber) => "masked",
        Err(NotChargeable::BadNumber) => "malformed",
        Err(_none) => "no-number",
    };
    lines.add("card", kind);
    if let Some(number) = card.masked_number() {
        lines.add("card brand", brand(&number));
    }
    let card_type = card.card_type.as_ref().map(CardType::as_str);
    lines.add_word("card type", card_type, CARD_TYPES);
    lines.add_if("card expiry", card.expiry().is_ok(), PRESENT);
}

fn add_billing_address(lines: &mut Lines, credentials: &PaymentCredentials) {
    let Some(address) = &credentials.bill_to else {
        return;
    };
    lines.add_names(
        "billing address",
        &[
            ("address1", address.address1.is_some()),
            ("address2", address.address2.is_some()),
            ("administrativeArea", address.administrative_area.is_some()),
            ("company", address.company.is_some()),
            ("country", address.country.is_some()),
            ("email", address.email.is_some()),
            ("firstName", address.first_name.is_some()),
            ("lastName", address.last_name.is_some()),
            ("locality", address.locality.is_some()),
            ("phoneNumber", address.phone_number.is_some()),
            ("postalCode", address.postal_code.is_some()),
        ],
    );
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_to_wait_until_is_recorded_as_a_wait_from_the_responses_own_time_on() {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
        let until = RetryAfter::At(date + Duration::from_secs(5));
        assert_eq!(seconds(until, Some(date)), Some(5));
        assert_eq!(seconds(until, None), None);
        assert_eq!(
            seconds(RetryAfter::At(date), Some(date + Duration::from_secs(1))),
            Some(0)
        );
        assert_eq!(
            seconds(RetryAfter::Delay(Duration::from_secs(7)), None),
            Some(7)
        );
    }

    #[test]
    fn a_brand_follows_from_the_first_digits() {
        for (number, expected) in [
            ("4111111111111111", "visa"),
            ("5555555555554444", "mastercard"),
            ("2XXXXX", "mastercard"),
            ("378282246310005", "american-express"),
            ("3566111111111113", "jcb"),
            ("6011111111111117", "other"),
            ("", "other"),
        ] {
            assert_eq!(brand(number), expected, "{number}");
        }
    }
}
