//! What an application receives for each kind of stored card.

use std::collections::HashSet;

use payment_credentials::credentials::{
    Account, Advice, NetworkToken, NetworkTokenState, NotChargeable, Proof,
};
use payment_credentials::generator::GeneratedCredentials;
use payment_credentials::request::{PaymentCredentialType, RequestBody, TransactionType};
use payment_credentials::seam::Unauthenticated;
use payment_credentials::{ApiVersion, PaymentCredentialsPort, PortErrorKind, Refusal};
use payment_credentials_sandbox::vault;

use crate::stage::{VERSIONS, ask, generator, opener, port, request, sandbox};

fn network_token(generated: &GeneratedCredentials) -> &NetworkToken {
    match generated.credentials.account() {
        Account::NetworkToken(token) => token,
        other => panic!("not a network token: {other:?}"),
    }
}

#[tokio::test]
async fn each_brand_gives_a_network_token_with_its_proof() {
    let sandbox = sandbox().await;
    for version in VERSIONS {
        let generator = generator(&sandbox, version);
        for (token_id, digits, has_cryptogram) in [
            (vault::VISA, 16, true),
            (vault::VISA_GUIDE_7010, 16, true),
            (vault::MASTERCARD, 16, true),
            (vault::AMERICAN_EXPRESS, 15, false),
        ] {
            let generated = ask(&generator, token_id).await.expect("credentials");
            let token = network_token(&generated);
            assert_eq!(token.number().expect("a number").expose().len(), digits);
            assert!(token.expiry().is_ok());
            let proof = token.proof().expect("a proof");
            assert_eq!(
                matches!(proof, Proof::Cryptogram(_)),
                has_cryptogram,
                "{token_id}"
            );
            assert_eq!(generated.head.status(), 201);
            assert!(generated.correlation_id().is_some());
            assert!(generated.unique_transaction_id().is_some());
            assert!(
                generated.credentials.unknown.is_empty(),
                "{:?}",
                generated.credentials
            );
            assert!(token.unknown.is_empty(), "{:?}", token.unknown);
        }
    }
}

#[tokio::test]
async fn each_call_mints_a_cryptogram_of_its_own() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let mut cryptograms = HashSet::new();
    for _ in 0..5 {
        let generated = ask(&generator, vault::VISA).await.expect("credentials");
        let cryptogram = network_token(&generated)
            .cryptogram()
            .expect("a cryptogram");
        assert!(cryptograms.insert(cryptogram.expose().to_owned()));
    }
    assert_eq!(sandbox.minted(), 5);
}

#[tokio::test]
async fn the_requested_kind_of_credentials_is_returned() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let asked = |kind| RequestBody::default().with_payment_credential_type(kind);

    let alone = asked(PaymentCredentialType::NetworkToken);
    let generated = generator
        .generate(&request(vault::VISA, alone))
        .await
        .expect("credentials");
    let token = network_token(&generated);
    assert!(token.number().is_ok());
    assert_eq!(token.proof().err(), Some(NotChargeable::MissingProof));

    let dtvv = asked(PaymentCredentialType::SecurityCode);
    let generated = generator
        .generate(&request(vault::VISA, dtvv))
        .await
        .expect("credentials");
    assert!(network_token(&generated).security_code().is_ok());

    let funding =
        asked(PaymentCredentialType::Cryptogram).with_transaction_type(TransactionType::Aft);
    let generated = generator
        .generate(&request(vault::VISA, funding))
        .await
        .expect("credentials");
    assert!(network_token(&generated).cryptogram().is_ok());

    let cryptogram = asked(PaymentCredentialType::Cryptogram);
    let refused = generator
        .generate(&request(vault::AMERICAN_EXPRESS, cryptogram))
        .await;
    let error = refused.expect_err("American Express has none");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Invalid));
    assert_eq!(error.port_error().reason(), Some("invalidCombination"));
}

#[tokio::test]
async fn a_card_without_a_network_token_is_returned_as_a_card() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let full = ask(&generator, vault::CARD_ONLY_FULL)
        .await
        .expect("credentials");
    let Account::Card(card) = full.credentials.account() else {
        panic!("not a card")
    };
    assert_eq!(card.pan().expect("a PAN").masked(), "411111XXXXXX1111");
    let masked = ask(&generator, vault::CARD_ONLY_MASKED)
        .await
        .expect("credentials");
    let Account::Card(card) = masked.credentials.account() else {
        panic!("not a card")
    };
    assert_eq!(card.pan().err(), Some(NotChargeable::MaskedNumber));
    assert!(masked.credentials.bill_to.is_some());
}

#[tokio::test]
async fn a_network_token_that_is_not_active_comes_with_advice() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    for (token_id, state, advice) in [
        (
            vault::SUSPENDED,
            NetworkTokenState::Suspended,
            Advice::TryLater,
        ),
        (
            vault::DELETED,
            NetworkTokenState::Deleted,
            Advice::AskForCard,
        ),
        (
            vault::EXPIRED,
            NetworkTokenState::Expired,
            Advice::AskForCard,
        ),
        (
            vault::UNPROVISIONED_DECLINED,
            NetworkTokenState::Unprovisioned,
            Advice::UseAnotherWay,
        ),
        (
            vault::UNPROVISIONED_SYSTEM_ERROR,
            NetworkTokenState::Unprovisioned,
            Advice::TryLater,
        ),
        (
            vault::UNPROVISIONED_CARD_VERIFICATION_FAILED,
            NetworkTokenState::Unprovisioned,
            Advice::AskForCard,
        ),
    ] {
        let generated = ask(&generator, token_id).await.expect("credentials");
        let token = network_token(&generated);
        assert_eq!(token.state(), Some(&state));
        assert_eq!(
            token.number().expect_err("no number").advice(),
            advice,
            "{state:?}"
        );
    }
}

#[tokio::test]
async fn a_sealed_response_can_be_opened_elsewhere() {
    let sandbox = sandbox().await;
    let port = port(&sandbox, ApiVersion::V2, Unauthenticated)
        .build()
        .expect("a port");
    let sealed = port
        .generate(&request(vault::VISA, RequestBody::default()))
        .await
        .expect("sealed credentials");
    let opened = tokio::task::spawn_blocking(move || {
        let opener = opener(&sandbox);
        payment_credentials_mock::block_on(async {
            payment_credentials::CredentialsOpener::open(&opener, &sealed).await
        })
    });
    assert!(opened.await.expect("done").is_ok());
}

#[tokio::test]
async fn many_calls_at_once_each_get_their_own_response() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let generator = generator.clone();
        calls.spawn(async move { ask(&generator, vault::MASTERCARD).await });
    }
    let mut cryptograms = HashSet::new();
    while let Some(call) = calls.join_next().await {
        let generated = call.expect("a call").expect("credentials");
        let cryptogram = network_token(&generated)
            .cryptogram()
            .expect("a cryptogram");
        assert!(cryptograms.insert(cryptogram.expose().to_owned()));
    }
    assert_eq!((cryptograms.len(), sandbox.minted()), (64, 64));
}
