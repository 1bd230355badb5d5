//! What an application gets for each kind of stored card and each kind of failure.

use std::collections::HashSet;
use std::time::Duration;

use payment_credentials::answer::{
    Account, Advice, NetworkToken, NotChargeable, Proof, TokenState,
};
use payment_credentials::jose::{JweOpener, JweRefusal, Keyring, PrivateKey};
use payment_credentials::request::{PaymentCredentialType, RequestBody, TransactionType};
use payment_credentials::seam::Unauthenticated;
use payment_credentials::service::{CredentialsGenerator, GeneratedCredentials};
use payment_credentials::{
    ApiVersion, CredentialsRequest, Delivery, PaymentCredentialsPort, Phase, PortErrorKind,
    Refusal, Retry, RetryAfter, UnexpectedAnswer,
};
use payment_credentials_sandbox::vault;

use crate::stage::{ask, generator, opener, port, request, sandbox};

const VERSIONS: [ApiVersion; 2] = [ApiVersion::V2, ApiVersion::V3];

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
async fn the_asked_kind_of_credentials_is_what_comes() {
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
    assert_eq!(error.reason(), Some("invalidCombination"));
}

#[tokio::test]
async fn a_card_without_a_network_token_comes_as_a_card() {
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
async fn a_network_token_that_is_not_active_is_an_answer_with_advice() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    for (token_id, state, advice) in [
        (vault::SUSPENDED, TokenState::Suspended, Advice::TryLater),
        (vault::DELETED, TokenState::Deleted, Advice::AskForCard),
        (vault::EXPIRED, TokenState::Expired, Advice::AskForCard),
        (
            vault::UNPROVISIONED_DECLINED,
            TokenState::Unprovisioned,
            Advice::Never,
        ),
        (
            vault::UNPROVISIONED_SYSTEM_ERROR,
            TokenState::Unprovisioned,
            Advice::TryLater,
        ),
        (
            vault::UNPROVISIONED_CARD_VERIFICATION_FAILED,
            TokenState::Unprovisioned,
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

/// A token id, the status that it is refused with, and what the error must say.
const REFUSALS: [(&str, u16, Refusal, Delivery, Retry); 9] = {
    use Delivery::{Answered, Unknown};
    use Retry::{MayRepeat, Never, Safe};
    [
        (vault::BAD_REQUEST, 400, Refusal::Invalid, Answered, Never),
        (vault::FORBIDDEN, 403, Refusal::Forbidden, Answered, Never),
        (vault::NOT_FOUND, 404, Refusal::NotFound, Answered, Never),
        (vault::GONE, 410, Refusal::Gone, Answered, Never),
        (vault::PROFILE, 424, Refusal::Dependency, Answered, Never),
        (
            vault::TOO_MANY_REQUESTS,
            429,
            Refusal::Throttled,
            Answered,
            Safe,
        ),
        (
            vault::INTERNAL_ERROR,
            500,
            Refusal::Upstream,
            Unknown,
            MayRepeat,
        ),
        (
            vault::BAD_GATEWAY,
            502,
            Refusal::Upstream,
            Unknown,
            MayRepeat,
        ),
        (
            vault::SERVICE_UNAVAILABLE,
            503,
            Refusal::Unavailable,
            Answered,
            Safe,
        ),
    ]
};

#[tokio::test]
async fn each_refusal_has_its_kind_and_can_be_traced() {
    let sandbox = sandbox().await;
    for version in VERSIONS {
        let generator = generator(&sandbox, version);
        for (token_id, status, refusal, delivery, retry) in REFUSALS {
            let error = ask(&generator, token_id).await.expect_err("refused");
            assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
            assert_eq!(error.status(), Some(status));
            assert_eq!(
                (error.delivery(), error.retry()),
                (delivery, retry),
                "{status}"
            );
            assert!(error.correlation_id().is_some() && error.unique_transaction_id().is_some());
            assert!(error.reason().is_some(), "{status}");
        }
    }
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn a_throttled_call_is_told_how_long_to_wait() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::TOO_MANY_REQUESTS)
        .await
        .expect_err("refused");
    let wait = RetryAfter::Delay(Duration::from_secs(2));
    assert_eq!(error.retry_after(), Some(wait));
}

#[tokio::test]
async fn an_unknown_profile_id_is_told_apart_from_an_unknown_token_id() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let with_profile = |id: &str| {
        let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
        request.with_profile_id(id.parse().expect("a profile id"))
    };
    let known = with_profile("93B32398-AD51-4CC2-A682-EA3E93614EB1");
    generator.generate(&known).await.expect("credentials");
    let unknown = with_profile("00000000-0000-0000-0000-000000000000");
    let error = generator.generate(&unknown).await.expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::Dependency));
}

#[tokio::test]
async fn a_jwe_for_another_key_is_refused_by_its_key_id() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::OTHER_KEY)
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Token, Phase::Open)
    );
    assert_eq!(
        (error.delivery(), error.retry()),
        (Delivery::Answered, Retry::Never)
    );
    assert!(error.correlation_id().is_some());
    let source = std::error::Error::source(&error).expect("a cause");
    let refusal = source.downcast_ref::<JweRefusal>().expect("a refusal");
    assert!(
        matches!(refusal, JweRefusal::KeyNotConfigured { .. }),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_wrong_key_under_the_right_name_does_not_open() {
    let sandbox = sandbox().await;
    let pem = include_bytes!("../vectors/jwe/keys/merchant.pkcs8.pem");
    let id = sandbox
        .merchant()
        .opening_key_id()
        .parse()
        .expect("a key id");
    let wrong = PrivateKey::from_pem(pem).expect("a key").with_key_id(id);
    let opener = JweOpener::new(Keyring::new([wrong]).expect("a keyring"));
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .build()
        .expect("a port");
    let generator = CredentialsGenerator::new(port, opener);
    let error = ask(&generator, vault::VISA).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Decrypt, Delivery::Answered)
    );
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn the_old_key_opens_while_it_stays_in_the_ring() {
    let sandbox = sandbox().await;
    let merchant = sandbox.merchant();
    let named = |pem: &[u8], id: &str| {
        let key = PrivateKey::from_pem(pem).expect("a key");
        key.with_key_id(id.parse().expect("a key id"))
    };
    let next = named(
        include_bytes!("../vectors/jwe/keys/merchant-next.pkcs8.pem"),
        "next",
    );
    let old = named(
        merchant.opening_key_pem().as_bytes(),
        &merchant.opening_key_id().to_uppercase(),
    );
    let opener = JweOpener::new(Keyring::new([next, old]).expect("a keyring"));
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .build()
        .expect("a port");
    ask(&CredentialsGenerator::new(port, opener), vault::VISA)
        .await
        .expect("credentials");
}

#[tokio::test]
async fn a_web_page_in_between_is_told_as_such() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::EDGE_PAGE)
        .await
        .expect_err("refused");
    assert_eq!(
        error.kind(),
        PortErrorKind::Unexpected(UnexpectedAnswer::Html)
    );
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_leaves_the_outcome_open() {
    let sandbox = sandbox().await;
    let generator = generator(&sandbox, ApiVersion::V3);
    let error = ask(&generator, vault::CLOSES).await.expect_err("closed");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Reset, Delivery::Unknown)
    );
    assert_eq!(error.retry(), Retry::MayRepeat);
    ask(&generator, vault::VISA)
        .await
        .expect("the next call has a connection of its own");
}

#[tokio::test]
async fn a_service_that_never_answers_ends_at_the_deadline() {
    let sandbox = sandbox().await;
    let deadline = Duration::from_millis(300);
    let port = port(&sandbox, ApiVersion::V3, Unauthenticated)
        .call_deadline(deadline)
        .build()
        .expect("a port");
    let generator = CredentialsGenerator::new(port, opener(&sandbox));
    let error = ask(&generator, vault::NEVER_ANSWERS)
        .await
        .expect_err("late");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Deadline, Phase::Headers)
    );
    assert_eq!(
        (error.delivery(), error.retry()),
        (Delivery::Unknown, Retry::Never)
    );
}

#[tokio::test]
async fn a_sealed_answer_can_be_opened_elsewhere() {
    let sandbox = sandbox().await;
    let port = port(&sandbox, ApiVersion::V2, Unauthenticated)
        .build()
        .expect("a port");
    let sealed = port
        .generate(&request(vault::VISA, RequestBody::default()))
        .await;
    let sealed = sealed.expect("sealed credentials");
    let opened = tokio::task::spawn_blocking(move || {
        let opener = opener(&sandbox);
        payment_credentials_mock::block_on(async {
            payment_credentials::CredentialsOpener::open(&opener, &sealed).await
        })
    });
    assert!(opened.await.expect("done").is_ok());
}

#[tokio::test]
async fn many_calls_at_once_each_get_their_own_answer() {
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
