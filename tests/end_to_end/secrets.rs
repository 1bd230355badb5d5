//! No error and no `Debug` shows a secret, whatever goes wrong.

use std::error::Error;
use std::fmt::Write as _;

use payment_credentials::ApiVersion;
use payment_credentials::answer::Account;
use payment_credentials::request::{BillTo, OrderInformation, RequestBody};
use payment_credentials::secret::Cryptogram;
use payment_credentials_sandbox::vault;

use crate::stage::{ask, generator, request, sandbox};

/// Everything that an error can be made to say.
fn said(error: &dyn Error) -> String {
    let mut said = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        write!(said, " {inner} {inner:?}").expect("written");
        cause = inner.source();
    }
    said
}

#[tokio::test]
async fn errors_show_neither_request_nor_answer_nor_address() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let bill_to = BillTo::default()
        .with_email("canary@example.com")
        .with_first_name("Canary");
    let order = OrderInformation::default().with_bill_to(bill_to);
    let body = RequestBody::default().with_order_information(order);
    let key = sandbox
        .merchant()
        .opening_key_pem()
        .lines()
        .nth(3)
        .expect("a line")
        .to_owned();
    let host = "apitest.cybersource.com";
    let path = "payment-credentials/";
    let mut failed = 0;
    for entry in vault::ENTRIES
        .iter()
        .filter(|entry| entry.id() != vault::NEVER_ANSWERS)
    {
        let request = request(entry.id(), body.clone());
        if let Err(error) = generator.generate(&request).await {
            failed += 1;
            let said = said(&error);
            for secret in [
                "canary@example.com",
                "Canary",
                "411111",
                "<html",
                host,
                path,
                &key,
            ] {
                assert!(!said.contains(secret), "{secret} in {said}");
            }
            assert_eq!(error.to_string().lines().count(), 1);
        }
    }
    assert!(failed >= 12, "{failed}");
}

#[tokio::test]
async fn debug_of_what_was_got_shows_no_secret() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    for token_id in [vault::VISA, vault::AMERICAN_EXPRESS, vault::CARD_ONLY_FULL] {
        let generated = ask(&generator, token_id).await.expect("credentials");
        let shown = format!("{generated:?} {generated:#?} {generator:?}");
        let (number, proof) = match generated.credentials.account() {
            Account::NetworkToken(token) => {
                let number = token.number().expect("a number").expose();
                let cryptogram = token.cryptogram().ok().map(Cryptogram::expose);
                (number, cryptogram)
            }
            Account::Card(card) => (card.pan().expect("a PAN").expose(), None),
            other => panic!("{other:?}"),
        };
        for secret in [Some(number), proof].into_iter().flatten() {
            assert!(!shown.contains(secret), "{shown}");
        }
        let line = sandbox
            .merchant()
            .opening_key_pem()
            .lines()
            .nth(3)
            .expect("a line");
        assert!(!shown.contains(line));
    }
}
