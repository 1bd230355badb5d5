//! Compares the ids in credentials with the id of the requested stored card.

use crate::id::TokenId;

use super::account::Account;
use super::details::{Link, Links};
use super::{PaymentCredentials, Text};

/// Whether credentials name the requested stored card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Confirmation {
    /// They name it: the token id is among their ids.
    Confirmed,
    /// They don't name it. That proves nothing: the id of a customer or a payment instrument is correctly
    /// absent, and most responses of v2 hold no id at all.
    NotConfirmed,
}

impl PaymentCredentials {
    /// Returns whether these credentials name the requested stored card.
    ///
    /// HTTP/1.1 matches responses to requests only by their order. A peer that breaks this order returns
    /// the response of another call, and the status doesn't reveal that. This method does, if the response
    /// holds ids: it reads `tokenizedCard.id` and the ids in the paths of `_links`
    /// (`/tms/v2/tokenized-cards/{id}`), and compares them whole and byte for byte.
    ///
    /// `Confirmed` means that the response is for that stored card, or, if the request named a customer or
    /// an instrument, for any stored card below it. `Confirmed` doesn't mean that the response belongs to
    /// this call rather than to another call for the same id. [`Confirmation::NotConfirmed`] describes what
    /// the opposite doesn't mean.
    ///
    /// ```
    /// use payment_credentials_core::{PaymentCredentials, credentials::Confirmation};
    ///
    /// let credentials = PaymentCredentials::from_plaintext(br#"{
    ///     "_links": {"instrumentIdentifier": {"href": "/tms/v1/instrumentidentifiers/701"}},
    ///     "tokenizedCard": {"id": "47CA", "state": "ACTIVE"}
    /// }"#)?;
    /// for token_id in ["47CA", "701"] {
    ///     assert_eq!(credentials.confirms(&token_id.parse()?), Confirmation::Confirmed);
    /// }
    /// assert_eq!(credentials.confirms(&"70".parse()?), Confirmation::NotConfirmed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn confirms(&self, token_id: &TokenId) -> Confirmation {
        let own = match self.account() {
            Account::NetworkToken(token) => token.id.as_ref().map(Text::as_str),
            Account::Card(_) => None,
        };
        let linked = self.links.iter().flat_map(hrefs).flat_map(ids);
        if own
            .into_iter()
            .chain(linked)
            .any(|id| id == token_id.as_str())
        {
            Confirmation::Confirmed
        } else {
            Confirmation::NotConfirmed
        }
    }
}

/// The addresses of the links that this version knows.
fn hrefs(links: &Links) -> impl Iterator<Item = &str> {
    let links = [
        &links.this,
        &links.customer,
        &links.payment_instruments,
        &links.instrument_identifier,
        &links.tokenized_card,
    ];
    let hrefs = links.into_iter().flatten();
    hrefs.filter_map(|Link { href, .. }| href.as_ref().map(Text::as_str))
}

/// The ids in the address of a resource, `…/tms/{version}/{collection}/{id}[/{collection}/{id}…]`. The
/// names of collections between them are never read as ids.
fn ids(href: &str) -> impl Iterator<Item = &str> {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let (_, resource) = path.split_once("/tms/").unwrap_or_default();
    resource.split('/').skip(2).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, token_id: &str, expected: Confirmation) {
        let credentials = PaymentCredentials::from_plaintext(json.as_bytes()).expect("credentials");
        let token_id = token_id.parse().expect("a token id");
        assert_eq!(
            credentials.confirms(&token_id),
            expected,
            "{json} {token_id}"
        );
    }

    fn linked(name: &str, href: &str) -> String {
        format!(r#"{{"card":{{}},"_links":{{"{name}":{{"href":"{href}"}}}}}}"#)
    }

    #[test]
    fn an_id_counts_wherever_the_response_tells_it() {
        let own = r#"{"tokenizedCard":{"id":"47CA8267"}}"#;
        check(own, "47CA8267", Confirmation::Confirmed);
        for (name, href) in [
            ("self", "/tms/v2/tokens/701/payment-credentials"),
            (
                "self",
                "https://api.cybersource.com/tms/v3/tokens/701/payment-credentials?x=1",
            ),
            ("customer", "/tms/v2/customers/701"),
            (
                "paymentInstruments",
                "/tms/v2/customers/701/payment-instruments",
            ),
            (
                "paymentInstruments",
                "/tms/v2/customers/5/payment-instruments/701",
            ),
            ("instrumentIdentifier", "/tms/v1/instrumentidentifiers/701"),
            ("tokenizedCard", "/tms/v2/tokenized-cards/701#top"),
        ] {
            check(&linked(name, href), "701", Confirmation::Confirmed);
        }
    }

    #[test]
    fn no_part_of_an_id_and_no_other_word_is_one() {
        let own = r#"{"tokenizedCard":{"id":"47CA8267","tokenReferenceId":"99"}}"#;
        for other in ["47CA", "47CA82670", "47ca8267", "99"] {
            check(own, other, Confirmation::NotConfirmed);
        }
        let link = linked("self", "/tms/v2/tokens/7010/payment?id=5#6");
        for other in ["tms", "v2", "tokens", "payment", "701", "010", "5", "6"] {
            check(&link, other, Confirmation::NotConfirmed);
        }
        check(&linked("self", "701"), "701", Confirmation::NotConfirmed);
        check(
            &linked("other", "/tms/v1/x/701"),
            "701",
            Confirmation::NotConfirmed,
        );
        check(r#"{"card":{}}"#, "701", Confirmation::NotConfirmed);
    }
}
