//! The response of each entry of the vault.

use payment_credentials_sandbox::vault::{self, ENTRIES};
use serde_json::{Value, json};

use super::client::{Answer, Call, shared, start};
use super::opening::{Parts, open};

/// Status, `type` and message of the entries that return a refusal.
const REFUSALS: [(&str, u16, &str, &str); 10] = [
    (
        vault::BAD_REQUEST,
        400,
        "invalidRequest",
        "Invalid HTTP Body",
    ),
    (vault::DECLINED, 403, "declined", "Request declined"),
    (vault::FORBIDDEN, 403, "forbidden", "Request not permitted"),
    (vault::NOT_FOUND, 404, "notFound", "Token not found"),
    (vault::GONE, 410, "notAvailable", "Token not available."),
    (vault::PROFILE, 424, "notFound", "Profile not found"),
    (
        vault::TOO_MANY_REQUESTS,
        429,
        "tooManyRequests",
        "Too many requests",
    ),
    (
        vault::INTERNAL_ERROR,
        500,
        "internalError",
        "Internal error",
    ),
    (
        vault::BAD_GATEWAY,
        502,
        "badGateway",
        "Network token service unavailable",
    ),
    (
        vault::SERVICE_UNAVAILABLE,
        503,
        "serviceUnavailable",
        "Service unavailable",
    ),
];

/// State and reason of the entries whose network token can't be used.
const INACTIVE: [(&str, &str, Option<&str>); 10] = [
    (vault::SUSPENDED, "SUSPENDED", None),
    (vault::DELETED, "DELETED", None),
    (vault::EXPIRED, "EXPIRED", None),
    (
        vault::UNPROVISIONED_CARD_NOT_ELIGIBLE,
        "UNPROVISIONED",
        Some("CARD_NOT_ELIGIBLE"),
    ),
    (
        vault::UNPROVISIONED_CARD_NOT_ALLOWED,
        "UNPROVISIONED",
        Some("CARD_NOT_ALLOWED"),
    ),
    (
        vault::UNPROVISIONED_CARD_VERIFICATION_FAILED,
        "UNPROVISIONED",
        Some("CARD_VERIFICATION_FAILED"),
    ),
    (
        vault::UNPROVISIONED_DECLINED,
        "UNPROVISIONED",
        Some("DECLINED"),
    ),
    (
        vault::UNPROVISIONED_SERVICE_UNAVAILABLE,
        "UNPROVISIONED",
        Some("SERVICE_UNAVAILABLE"),
    ),
    (
        vault::UNPROVISIONED_SYSTEM_ERROR,
        "UNPROVISIONED",
        Some("SYSTEM_ERROR"),
    ),
    (
        vault::UNPROVISIONED_INVALID_REQUEST,
        "UNPROVISIONED",
        Some("INVALID_REQUEST"),
    ),
];

fn both(id: &str) -> [(Call, &'static str); 2] {
    [(Call::v2(id), "v2"), (Call::v3(id), "v3")]
}

fn check_ids(answer: &Answer) {
    let correlation_id = answer.header("v-c-correlation-id");
    assert_eq!(correlation_id.len(), 22);
    assert!(correlation_id.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(!answer.header("uniquetransactionid").is_empty());
    assert!(answer.header("date").ends_with(" GMT"));
}

#[tokio::test]
async fn every_entry_answers_with_the_status_it_promises() {
    let mut asked = 0;
    for entry in ENTRIES {
        let statuses = [entry.status_v2(), entry.status_v3()];
        for ((call, version), status) in both(entry.id()).into_iter().zip(statuses) {
            asked += 1;
            if entry.id() == vault::NEVER_RESPONDS {
                // Another test covers this entry, and ends its sandbox.
                assert_eq!(status, None);
                continue;
            }
            let answer = call.send(shared()).await;
            assert_eq!(
                answer.as_ref().ok().map(|answer| answer.status),
                status,
                "{version} {}",
                entry.description()
            );
            if let Ok(answer) = answer {
                check_ids(&answer);
            }
        }
    }
    assert_eq!(asked, 2 * 31);
}

#[tokio::test]
async fn every_success_is_a_jwe_for_the_merchant() {
    let merchant = shared().merchant();
    let mut opened = 0;
    for entry in ENTRIES
        .iter()
        .filter(|entry| entry.id() != vault::OTHER_KEY)
    {
        for (call, version) in both(entry.id()) {
            let expected = match version {
                "v2" => entry.status_v2(),
                _ => entry.status_v3(),
            };
            if expected != Some(201) {
                continue;
            }
            let answer = call.answer(shared()).await;
            let content_type = answer.header("content-type");
            assert_eq!(content_type, "application/jose;charset=utf-8");
            let jwe = Parts::split(&answer.body);
            assert_eq!(
                jwe.header(),
                json!({
                    "kid": merchant.opening_key_id(),
                    "cty": "json",
                    "typ": "JWT",
                    "enc": "A256GCM",
                    "alg": "RSA-OAEP-256",
                })
            );
            assert_eq!(jwe.lengths(), [256, 12, 16]);
            assert!(jwe.open(merchant).unwrap().is_object());
            opened += 1;
        }
    }
    // Five network tokens, and ten that can't be used, each in v2 and v3; two cards in v3.
    assert_eq!(opened, 2 * (5 + 10) + 2);
}

#[tokio::test]
async fn refusals_have_the_vendors_shape() {
    for (id, status, kind, message) in REFUSALS {
        for (call, version) in both(id) {
            let answer = call.answer(shared()).await;
            assert_eq!(answer.status, status, "{version}");
            assert_eq!(answer.errors(), [(kind.to_owned(), message.to_owned())]);
        }
    }
}

#[tokio::test]
async fn a_throttled_caller_is_told_when_to_come_back() {
    let call = Call::v3(vault::TOO_MANY_REQUESTS);
    assert_eq!(call.answer(shared()).await.header("retry-after"), "2");
}

#[tokio::test]
async fn an_unlisted_token_id_is_not_found() {
    for id in [
        "1",
        "7E57C0DEFACE0000CAFE0000BEEF9999",
        "47ca8267360fd3eae063af598e0a5792",
    ] {
        for (call, _) in both(id) {
            let answer = call.answer(shared()).await;
            assert_eq!(answer.status, 404);
            let errors = answer.errors();
            assert_eq!(errors[0].0, "notFound");
            assert!(errors[0].1.starts_with("Token not found"), "{errors:?}");
        }
    }
}

#[tokio::test]
async fn a_network_token_of_no_use_has_a_state_and_no_number() {
    for (id, state, reason) in INACTIVE {
        for (call, version) in both(id) {
            let answer = call.answer(shared()).await;
            let plaintext = open(&answer.body, shared().merchant());
            let card = &plaintext["tokenizedCard"];
            assert_eq!(card["state"], state);
            // v2 documents no reason.
            let expected = if version == "v2" { None } else { reason };
            assert_eq!(card["reason"].as_str(), expected);
            for absent in ["number", "cryptogram", "securityCode", "expirationYear"] {
                assert_eq!(card[absent], Value::Null, "{absent}");
            }
        }
    }
}

#[tokio::test]
async fn a_card_without_network_token_is_told_in_v3() {
    for (id, number) in [
        (vault::CARD_ONLY_MASKED, "462294XXXXXX6791"),
        (vault::CARD_ONLY_FULL, "4111111111111111"),
    ] {
        let answer = Call::v3(id).answer(shared()).await;
        let plaintext = open(&answer.body, shared().merchant());
        assert_eq!(
            plaintext["card"],
            json!({
                "number": number,
                "expirationMonth": "12",
                "expirationYear": "2030",
                "type": "001",
            })
        );
        assert_eq!(plaintext["billTo"]["country"], "US");
        assert_eq!(plaintext["tokenizedCard"], Value::Null);
        assert_eq!(Call::v2(id).answer(shared()).await.status, 404);
    }
}

#[tokio::test]
async fn the_other_key_is_not_the_merchants() {
    let answer = Call::v3(vault::OTHER_KEY).answer(shared()).await;
    let jwe = Parts::split(&answer.body);
    let header = jwe.header();
    let key_id = header["kid"].as_str().unwrap();
    assert_eq!(key_id.len(), 40);
    assert_ne!(key_id, shared().merchant().opening_key_id());
    assert!(jwe.open(shared().merchant()).is_err());
}

#[tokio::test]
async fn the_edge_page_is_html() {
    let answer = Call::v3(vault::EDGE_PAGE).answer(shared()).await;
    assert_eq!(answer.header("content-type"), "text/html");
    assert!(answer.body.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn ids_are_new_in_each_response() {
    let call = Call::v3(vault::NOT_FOUND);
    let first = call.answer(shared()).await;
    let second = call.answer(shared()).await;
    for name in ["v-c-correlation-id", "uniquetransactionid"] {
        assert_ne!(first.header(name), second.header(name));
    }
}

#[tokio::test]
async fn an_entry_that_never_answers_is_recorded_and_ends_with_the_sandbox() {
    for call in [
        Call::v2(vault::NEVER_RESPONDS),
        Call::v3(vault::NEVER_RESPONDS),
    ] {
        let sandbox = start();
        let mut stream = super::client::connect(&sandbox).await.unwrap();
        call.write(&mut stream).await.unwrap();
        while sandbox.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(sandbox.requests()[0].status(), None);
        drop(sandbox);
        assert!(Answer::read(&mut stream).await.is_err());
    }
}

#[tokio::test]
async fn an_entry_that_closes_is_recorded() {
    let sandbox = start();
    assert!(Call::v3(vault::CLOSES).send(&sandbox).await.is_err());
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].status(), None);
    assert_eq!(sandbox.minted(), 0);
}
