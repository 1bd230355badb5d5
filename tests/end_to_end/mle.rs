//! Message-level encryption in both directions, against a sandbox that opens and seals with its own code.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials::auth::{
    HttpSignatureAuthenticator, JwtAuthenticator, JwtFormat, ResponseKeyClaim, SharedSecret,
    SharedSecretKey,
};
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::HyperPort;
use payment_credentials::jose::{JweMessageEncryption, Recipient, ResponseKey, ResponseKeyring};
use payment_credentials::keys::{Certificate, Keystore, PrivateKey};
use payment_credentials::seam::{Clock as _, KeySet, SystemClock};
use payment_credentials::secret::Password;
use payment_credentials::{
    ApiVersion, CredentialsOpener as _, CredentialsRequest, Delivery, PaymentCredentialsPort as _,
    Phase, PortError, PortErrorKind, Refusal, Repeatability,
};
use payment_credentials_layers as layers;
use payment_credentials_sandbox::{
    EncryptedContent, Mle, MleCheck, MleOutcome, Policy, Sandbox, Tolerated, vault,
};
use tokio::task::{JoinSet, yield_now};

use super::stage::{VERSIONS, ask, opener, port};

async fn sandbox(policy: Policy) -> Sandbox {
    let started = Sandbox::start(policy.into()).await;
    started.expect("a sandbox")
}

fn secret_key(sandbox: &Sandbox) -> SharedSecretKey {
    let merchant = sandbox.merchant();
    let secret = SharedSecret::from_base64(merchant.shared_secret()).expect("a secret");
    let owner = merchant.id().parse().expect("a merchant id");
    SharedSecretKey::new(owner, merchant.key_id().parse().expect("a key id"), secret)
}

fn jwt(sandbox: &Sandbox) -> JwtAuthenticator {
    JwtAuthenticator::with_shared_secret(secret_key(sandbox))
}

fn recipient(sandbox: &Sandbox) -> Recipient {
    let pem = sandbox.recipient_certificate_pem().expect("a certificate");
    let certificate = Certificate::from_pem(pem).expect("a certificate");
    Recipient::new(&certificate, SystemClock.now()).expect("a recipient")
}

/// The merchant's response key, with its own key id or another one.
fn response_key(sandbox: &Sandbox, key_id: &str) -> ResponseKey {
    let pem = sandbox.merchant().response_key_pem().expect("a key");
    let key = PrivateKey::from_pem(pem).expect("a key");
    ResponseKey::new(key, key_id.parse().expect("a key id"))
}

fn keyring(key: ResponseKey) -> ResponseKeyring {
    ResponseKeyring::new([key]).expect("a keyring")
}

/// Encryption in both directions, with the merchant's own keys.
pub(crate) fn both(sandbox: &Sandbox) -> JweMessageEncryption {
    let key = response_key(sandbox, sandbox.merchant().response_key_id());
    JweMessageEncryption::default()
        .sealing_for(recipient(sandbox))
        .opening_with(keyring(key))
}

pub(crate) fn encrypting(
    sandbox: &Sandbox,
    version: ApiVersion,
    encryption: JweMessageEncryption,
) -> HyperPort {
    let port = port(sandbox, version, jwt(sandbox)).encryption(Arc::new(encryption));
    port.build().expect("a port")
}

async fn refused(port: &HyperPort, token_id: &str) -> PortError {
    let request = CredentialsRequest::new(token_id.parse().expect("a token id"));
    port.generate(&request).await.expect_err("a refusal")
}

/// What the sandbox recorded of the last request's encryption.
fn seen(sandbox: &Sandbox) -> MleOutcome {
    let requests = sandbox.requests();
    let outcome = requests.last().and_then(|request| request.mle());
    outcome.expect("it was examined").clone()
}

#[tokio::test]
async fn both_directions_are_encrypted_whatever_a_response_contains() {
    for content in [
        EncryptedContent::Json,
        EncryptedContent::Jwe,
        EncryptedContent::QuotedJwe,
    ] {
        let policy = Policy::strict()
            .with_request_mle(Mle::Mandatory)
            .with_response_mle(Mle::Mandatory)
            .with_encrypted_content(content);
        let sandbox = sandbox(policy).await;
        for version in VERSIONS {
            let port = encrypting(&sandbox, version, both(&sandbox));
            let generator = CredentialsGenerator::new(port, opener(&sandbox));
            for token_id in [vault::VISA, vault::AMERICAN_EXPRESS, vault::SUSPENDED] {
                ask(&generator, token_id).await.expect("credentials");
                let outcome = seen(&sandbox);
                let merchant = sandbox.merchant();
                assert_eq!(outcome.request_key_id(), sandbox.recipient_key_id().ok());
                assert_eq!(outcome.response_key_id(), Some(merchant.response_key_id()));
                assert!(outcome.tolerated().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_keystore_of_the_service_has_the_keys_of_both_directions() {
    let sandbox = sandbox(Policy::strict()).await;
    for (owner, file, password) in [
        (
            sandbox.merchant().id(),
            sandbox.merchant().response_keystore(),
            sandbox.merchant().keystore_password(),
        ),
        (
            sandbox.portfolio().id(),
            sandbox.portfolio().response_keystore(),
            sandbox.portfolio().keystore_password(),
        ),
    ] {
        let file = file.expect("a keystore");
        let keystore = Keystore::read(file, Some(&Password::from(password))).expect("a keystore");
        let service = keystore.certificate(Recipient::COMMON_NAME);
        let recipient = Recipient::new(service.expect("a certificate"), SystemClock.now());
        let key = ResponseKey::from_keystore(&keystore, owner).expect("a key");
        assert_eq!(key.key_id().as_str().len(), 22);
        if owner == sandbox.merchant().id() {
            let encryption = JweMessageEncryption::default()
                .sealing_for(recipient.expect("a recipient"))
                .opening_with(keyring(key));
            let port = encrypting(&sandbox, ApiVersion::V3, encryption);
            let request = CredentialsRequest::new(vault::VISA.parse().expect("an id"));
            let sealed = port.generate(&request).await.expect("credentials");
            opener(&sandbox).open(&sealed).await.expect("opened");
        }
    }
}

#[tokio::test]
async fn each_direction_works_without_the_other() {
    let sandbox = sandbox(Policy::strict()).await;
    let key = response_key(&sandbox, sandbox.merchant().response_key_id());
    let requests = JweMessageEncryption::default().sealing_for(recipient(&sandbox));
    let answers = JweMessageEncryption::default().opening_with(keyring(key));
    for (encryption, encrypted) in [
        (JweMessageEncryption::default(), (false, false)),
        (requests, (true, false)),
        (answers, (false, true)),
    ] {
        let port = encrypting(&sandbox, ApiVersion::V3, encryption);
        let generator = CredentialsGenerator::new(port, opener(&sandbox));
        ask(&generator, vault::VISA).await.expect("credentials");
        let outcome = seen(&sandbox);
        let found = (
            outcome.request_key_id().is_some(),
            outcome.response_key_id().is_some(),
        );
        assert_eq!(found, encrypted);
    }
}

/// Row C30.
#[tokio::test]
async fn an_encrypted_refusal_is_opened_and_one_that_cannot_be_keeps_its_status() {
    let sandbox = sandbox(Policy::strict()).await;
    let port = encrypting(&sandbox, ApiVersion::V3, both(&sandbox));
    let error = refused(&port, vault::NOT_FOUND).await;
    let kind = PortErrorKind::Refused(Refusal::NotFound);
    assert_eq!((error.kind(), error.reason()), (kind, Some("notFound")));
    assert!(seen(&sandbox).response_key_id().is_some());

    // Another key with the same key id.
    let pem = sandbox.merchant().opening_key_pem();
    let key = PrivateKey::from_pem(pem).expect("a key");
    let key_id = sandbox.merchant().response_key_id().parse();
    let key = ResponseKey::new(key, key_id.expect("a key id"));
    let encryption = JweMessageEncryption::default().opening_with(keyring(key));
    let port = encrypting(&sandbox, ApiVersion::V3, encryption);
    let error = refused(&port, vault::NOT_FOUND).await;
    assert_eq!((error.kind(), error.reason()), (kind, None));
    assert!(error.vendor_errors().is_empty() && error.correlation_id().is_some());
    let cause = error
        .source()
        .expect("why there are no details")
        .to_string();
    assert!(
        cause.ends_with("does not open with the configured key"),
        "{cause}"
    );
    let error = refused(&port, vault::VISA).await;
    assert_eq!(
        (error.kind(), error.phase(), error.delivery()),
        (
            PortErrorKind::Decrypt,
            Phase::OpenResponse,
            Delivery::Answered
        )
    );
}

#[tokio::test]
async fn what_the_service_demands_and_the_client_does_not_send_is_explained() {
    let policy = || Policy::strict().with_explanations();
    for (policy, check) in [
        (
            policy().with_request_mle(Mle::Mandatory),
            MleCheck::RequestMle,
        ),
        (
            policy().with_response_mle(Mle::Mandatory),
            MleCheck::ResponseMle,
        ),
    ] {
        let sandbox = sandbox(policy).await;
        let port = encrypting(&sandbox, ApiVersion::V3, JweMessageEncryption::default());
        let error = refused(&port, vault::VISA).await;
        assert_eq!(error.status(), Some(400));
        assert_eq!(error.reason(), Some(check.name()));
        assert_eq!(sandbox.minted(), 0);
    }
}

#[tokio::test]
async fn a_request_that_is_encrypted_for_another_service_is_explained() {
    let elsewhere = sandbox(Policy::strict()).await;
    let sandbox = sandbox(Policy::strict().with_explanations()).await;
    let encryption = JweMessageEncryption::default().sealing_for(recipient(&elsewhere));
    let port = encrypting(&sandbox, ApiVersion::V3, encryption);
    let error = refused(&port, vault::VISA).await;
    assert_eq!(error.reason(), Some(MleCheck::RecipientKeyId.name()));
    let outcome = seen(&sandbox);
    let failure = outcome.failure().expect("it was refused");
    assert_eq!(Some(failure.got()), elsewhere.recipient_key_id().ok());
}

/// Row E3: a misconfiguration that the vendor's users mistook for a network fault.
#[tokio::test]
async fn a_response_key_that_the_service_does_not_know_resets_the_connection_or_is_explained() {
    let unknown = |sandbox: &Sandbox| {
        let key = response_key(sandbox, "1234");
        let encryption = JweMessageEncryption::default().opening_with(keyring(key));
        encrypting(sandbox, ApiVersion::V3, encryption)
    };
    let terse = sandbox(Policy::strict()).await;
    let error = refused(&unknown(&terse), vault::VISA).await;
    assert_eq!(
        (error.kind(), error.delivery(), error.repeatability()),
        (
            PortErrorKind::Reset,
            Delivery::Unknown,
            Repeatability::MayRepeat
        )
    );
    assert_eq!(terse.minted(), 0);
    let cause = error.source().expect("what else it may be");
    assert!(cause.to_string().contains("the key id \"1234\""), "{cause}");
    assert!(cause.source().is_some(), "and the reset itself");

    let explaining = sandbox(Policy::strict().with_explanations()).await;
    let error = refused(&unknown(&explaining), vault::VISA).await;
    assert_eq!(error.reason(), Some(MleCheck::ResponseKeyId.name()));
}

/// Row E3: five calls at once, each attempt on a connection of its own, through a retry layer that
/// may repeat them.
#[tokio::test]
async fn an_unknown_response_key_causes_no_retry_storm_and_the_error_says_what_to_check() {
    let sandbox = sandbox(Policy::strict()).await;
    let key = response_key(&sandbox, "1234");
    let encryption = JweMessageEncryption::default().opening_with(keyring(key));
    let port = encrypting(&sandbox, ApiVersion::V3, encryption);
    let retry = layers::Retry::with_policy(
        port,
        &layers::RetryPolicy::default()
            .max_retries(9)
            .on_unknown_delivery(layers::OnUnknownDelivery::Repeat)
            .backoff(Duration::ZERO, Duration::ZERO),
    );
    let retry = Arc::new(retry);
    let mut calls = JoinSet::new();
    for _ in 0..5 {
        let retry = Arc::clone(&retry);
        calls.spawn(async move {
            let request = CredentialsRequest::new(vault::VISA.parse().expect("an id"));
            retry.generate(&request).await.expect_err("reset")
        });
    }
    let mut attempts = 0;
    while let Some(call) = calls.join_next().await {
        let error = call.expect("no panic");
        let reported = (error.kind(), error.delivery());
        assert_eq!(reported, (PortErrorKind::Reset, Delivery::Unknown));
        let source = error.source().expect("a source").to_string();
        assert!(
            source.contains("check the response-MLE key id and the name of its claim"),
            "{source}"
        );
        attempts += error.attempts();
    }
    // The first four calls that ended were repeated; from the fifth on, no call was.
    assert_eq!(attempts, 5 + 4);
    assert_eq!(sandbox.requests().len(), 9);
    assert_eq!((sandbox.connections(), sandbox.minted()), (9, 0));
}

#[tokio::test]
async fn the_claim_of_the_response_key_can_have_its_old_name() {
    let sandbox = sandbox(Policy::tolerant()).await;
    let format = JwtFormat::default().with_response_key(ResponseKeyClaim::ApiResponse);
    let port = port(&sandbox, ApiVersion::V3, jwt(&sandbox).format(format))
        .encryption(Arc::new(both(&sandbox)))
        .build();
    let generator = CredentialsGenerator::new(port.expect("a port"), opener(&sandbox));
    ask(&generator, vault::VISA).await.expect("credentials");
    let requests = sandbox.requests();
    assert_eq!(requests[0].tolerated(), [Tolerated::ApiResponseKeyId]);
}

#[tokio::test]
async fn an_http_signature_with_encryption_is_rejected() {
    let sandbox = sandbox(Policy::strict()).await;
    let signature = HttpSignatureAuthenticator::new(secret_key(&sandbox));
    let port = port(&sandbox, ApiVersion::V3, signature);
    let error = port
        .encryption(Arc::new(both(&sandbox)))
        .build()
        .expect_err("no port")
        .to_string();
    assert!(error.contains("can't be carried"), "{error}");
    assert_eq!(sandbox.connections(), 0);
}

#[tokio::test]
async fn encryption_is_switched_on_and_off_while_calls_run() {
    let sandbox = sandbox(Policy::strict()).await;
    let clear = KeySet::new(Arc::new(jwt(&sandbox)));
    let encrypted =
        KeySet::with_encryption(Arc::new(jwt(&sandbox)), Arc::new(both(&sandbox))).expect("keys");
    let port = encrypting(&sandbox, ApiVersion::V3, JweMessageEncryption::default());
    let opener = Arc::new(opener(&sandbox));
    let mut calls = JoinSet::new();
    for wave in 0..8 {
        for _ in 0..25 {
            let (port, opener) = (port.clone(), Arc::clone(&opener));
            calls.spawn(async move {
                let request = CredentialsRequest::new(vault::VISA.parse().expect("an id"));
                let sealed = port.generate(&request).await.expect("credentials");
                opener.open(&sealed).await.expect("opened");
            });
        }
        yield_now().await;
        let keys = if wave % 2 == 0 { &encrypted } else { &clear };
        port.replace_keys(keys.clone())
            .expect("keys of the same merchant");
    }
    while let Some(call) = calls.join_next().await {
        call.expect("no panic");
    }
    let requests = sandbox.requests();
    let outcomes = requests.iter().filter_map(|request| request.mle());
    let (on, off): (Vec<_>, Vec<_>) =
        outcomes.partition(|outcome| outcome.request_key_id().is_some());
    assert_eq!(on.len() + off.len(), 200);
    assert!(!on.is_empty() && !off.is_empty());
    // Both directions of a call use one key set.
    assert!(on.iter().all(|outcome| outcome.response_key_id().is_some()));
    assert!(
        off.iter()
            .all(|outcome| outcome.response_key_id().is_none())
    );
}
