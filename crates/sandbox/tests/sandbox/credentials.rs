//! The cryptograms and security codes of network tokens.

use std::collections::HashSet;

use payment_credentials_sandbox::vault;
use serde_json::Value;

use super::client::{Call, shared, start};
use super::opening::open;

/// The request's credential type, and what accompanies the number: a member and its length, nothing, or a
/// refusal with this message.
type Row = (&'static str, &'static str, &'static str, Expected);

enum Expected {
    Nothing,
    Proof(&'static str, usize),
    Refused(&'static str),
}
use Expected::{Nothing, Proof, Refused};

const ROWS: [Row; 24] = [
    ("v2", vault::VISA, "", Proof("cryptogram", 28)),
    ("v3", vault::VISA, "", Proof("cryptogram", 28)),
    ("v2", vault::VISA, "CRYPTOGRAM", Proof("cryptogram", 28)),
    ("v3", vault::VISA, "CRYPTOGRAM", Proof("cryptogram", 28)),
    ("v2", vault::VISA, "SECURITY_CODE", Refused("v3 only")),
    ("v3", vault::VISA, "SECURITY_CODE", Proof("securityCode", 3)),
    ("v2", vault::VISA, "NETWORK_TOKEN", Nothing),
    ("v3", vault::VISA, "NETWORK_TOKEN", Nothing),
    ("v2", vault::MASTERCARD, "", Proof("cryptogram", 28)),
    ("v3", vault::MASTERCARD, "", Proof("cryptogram", 28)),
    (
        "v2",
        vault::MASTERCARD,
        "CRYPTOGRAM",
        Proof("cryptogram", 28),
    ),
    (
        "v3",
        vault::MASTERCARD,
        "CRYPTOGRAM",
        Proof("cryptogram", 28),
    ),
    (
        "v2",
        vault::MASTERCARD,
        "SECURITY_CODE",
        Proof("securityCode", 3),
    ),
    (
        "v3",
        vault::MASTERCARD,
        "SECURITY_CODE",
        Proof("securityCode", 3),
    ),
    ("v2", vault::MASTERCARD, "NETWORK_TOKEN", Nothing),
    ("v3", vault::MASTERCARD, "NETWORK_TOKEN", Nothing),
    ("v2", vault::AMERICAN_EXPRESS, "", Proof("securityCode", 4)),
    ("v3", vault::AMERICAN_EXPRESS, "", Proof("securityCode", 4)),
    (
        "v2",
        vault::AMERICAN_EXPRESS,
        "CRYPTOGRAM",
        Refused("no cryptogram"),
    ),
    (
        "v3",
        vault::AMERICAN_EXPRESS,
        "CRYPTOGRAM",
        Refused("no cryptogram"),
    ),
    (
        "v2",
        vault::AMERICAN_EXPRESS,
        "SECURITY_CODE",
        Proof("securityCode", 4),
    ),
    (
        "v3",
        vault::AMERICAN_EXPRESS,
        "SECURITY_CODE",
        Proof("securityCode", 4),
    ),
    ("v2", vault::AMERICAN_EXPRESS, "NETWORK_TOKEN", Nothing),
    ("v3", vault::AMERICAN_EXPRESS, "NETWORK_TOKEN", Nothing),
];

fn call(version: &str, id: &str) -> Call {
    match version {
        "v2" => Call::v2(id),
        _ => Call::v3(id),
    }
}

async fn opened(call: &Call, sandbox: &payment_credentials_sandbox::Sandbox) -> Value {
    let answer = call.answer(sandbox).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    open(&answer.body, sandbox.merchant())
}

#[tokio::test]
async fn the_proof_is_the_one_asked_for() {
    for (version, id, asked, expected) in ROWS {
        let body = match asked {
            "" => "{}".to_owned(),
            asked => format!(r#"{{"paymentCredentialType":"{asked}","transactionType":"ECOM"}}"#),
        };
        let call = call(version, id).body(body);
        let case = format!("{version} {id} {asked}");
        if let Refused(message) = expected {
            let answer = call.answer(shared()).await;
            assert_eq!(answer.status, 400, "{case}");
            let errors = answer.errors();
            assert_eq!(errors[0].0, "invalidCombination", "{case}");
            assert!(errors[0].1.contains(message), "{errors:?}");
            continue;
        }
        let plaintext = opened(&call, shared()).await;
        let card = &plaintext["tokenizedCard"];
        assert_eq!(card["state"], "ACTIVE", "{case}");
        assert!(card["number"].as_str().unwrap().len() >= 15, "{case}");
        for member in ["cryptogram", "securityCode"] {
            let length = card[member].as_str().map(str::len);
            match expected {
                Proof(name, wanted) if name == member => assert_eq!(length, Some(wanted), "{case}"),
                Proof(..) | Nothing | Refused(_) => assert_eq!(length, None, "{case} {member}"),
            }
        }
    }
}

#[tokio::test]
async fn published_example_values_are_answered() {
    for id in [vault::VISA, vault::VISA_GUIDE_7010, vault::VISA_GUIDE_7040] {
        let v2 = opened(&Call::v2(id), shared()).await;
        let href = v2["_links"]["self"]["href"].as_str().unwrap();
        assert_eq!(href, Call::v2(id).target);
        assert_eq!(v2["tokenizedCard"]["number"], "4895370016750801");
        assert_eq!(v2["tokenizedCard"]["type"], "visa");
        assert_eq!(v2["card"]["number"], "411111XXXXXX1111");
        let v3 = opened(&Call::v3(id), shared()).await;
        assert_eq!(v3["tokenizedCard"]["id"], vault::VISA);
        assert_eq!(v3["tokenizedCard"]["number"], "4323126880354068");
        assert_eq!(v3["tokenizedCard"]["requestorId"], "40010052236");
    }
}

#[tokio::test]
async fn nothing_is_minted_twice() {
    let sandbox = start();
    let mut seen = HashSet::new();
    let mut counters = Vec::new();
    for _ in 0..5 {
        let plaintext = opened(&Call::v3(vault::VISA), &sandbox).await;
        let card = &plaintext["tokenizedCard"];
        assert!(seen.insert(card["cryptogram"].as_str().unwrap().to_owned()));
        counters.push(card["applicationTransactionCounter"].clone());
    }
    assert_eq!(counters, ["12345", "12346", "12347", "12348", "12349"]);
    assert_eq!(sandbox.minted(), 5);

    let call = Call::v3(vault::VISA).body(r#"{"paymentCredentialType":"NETWORK_TOKEN"}"#);
    let plaintext = opened(&call, &sandbox).await;
    let card = &plaintext["tokenizedCard"];
    assert_eq!(card["applicationTransactionCounter"], Value::Null);
    assert_eq!(card["eci"], Value::Null);
    opened(&Call::v3(vault::SUSPENDED), &sandbox).await;
    opened(&Call::v3(vault::CARD_ONLY_FULL), &sandbox).await;
    assert_eq!(sandbox.minted(), 5);
}

#[tokio::test]
async fn only_visa_in_v3_counts_transactions() {
    for (version, id) in [
        ("v2", vault::VISA),
        ("v3", vault::MASTERCARD),
        ("v3", vault::AMERICAN_EXPRESS),
    ] {
        let plaintext = opened(&call(version, id), shared()).await;
        let counter = &plaintext["tokenizedCard"]["applicationTransactionCounter"];
        assert_eq!(counter, &Value::Null);
    }
}

#[tokio::test]
async fn account_funding_needs_visa_and_a_cryptogram() {
    let cryptogram = r#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"AFT"}"#;
    let code = r#"{"paymentCredentialType":"SECURITY_CODE","transactionType":"AFT"}"#;
    let usual = r#"{"transactionType":"AFT"}"#;
    for version in ["v2", "v3"] {
        for (id, body, refused) in [
            (vault::VISA, cryptogram, None),
            (vault::VISA, code, Some("needs paymentCredentialType")),
            (vault::VISA, usual, Some("needs paymentCredentialType")),
            (vault::MASTERCARD, cryptogram, Some("needs a Visa card")),
            (
                vault::AMERICAN_EXPRESS,
                cryptogram,
                Some("needs a Visa card"),
            ),
        ] {
            let answer = call(version, id).body(body).answer(shared()).await;
            match refused {
                None => assert_eq!(answer.status, 201),
                Some(message) => {
                    assert_eq!(answer.status, 400);
                    let errors = answer.errors();
                    assert_eq!(errors[0].0, "invalidCombination");
                    assert!(errors[0].1.contains(message), "{errors:?}");
                }
            }
        }
    }
}
