//! Message-level encryption of requests and responses, under each policy.

use aws_lc_rs::rsa::KeyPair;
use payment_credentials_sandbox::vault::{NOT_FOUND, VISA};
use payment_credentials_sandbox::{EncryptedContent, Mle, MleCheck, Policy, Sandbox};
use serde_json::{Value, json};

use super::client::Call;
use super::keystore;
use super::mle_sealing::{Sealed, asking, envelope, examined, failed, last, signed};
use super::opening::{Parts, open, open_text};
use super::signer::{BODY, Jwt, Signing, bearer, digest, secret, start};

fn response_key(sandbox: &Sandbox) -> &str {
    sandbox.merchant().response_key_pem().unwrap()
}

#[tokio::test]
async fn an_encrypted_request_is_opened_and_carried_out() {
    let sandbox = start(Policy::strict());
    let call = signed(&sandbox, Jwt::of(&sandbox), &Sealed::of(&sandbox).body());
    let (answer, outcome) = examined(&sandbox, &call).await;
    assert_eq!((answer.status, sandbox.minted()), (201, 1));
    assert_eq!(failed(&outcome), None);
    let key_id = sandbox.recipient_key_id().unwrap();
    assert_eq!(outcome.request_key_id(), Some(key_id));
    assert_eq!(outcome.opened_body(), Some(BODY.as_bytes()));
    assert_eq!(outcome.response_key_id(), None);
    // The response is the same as without encryption.
    assert_eq!(
        answer.header("content-type"),
        "application/jose;charset=utf-8"
    );
    open(&answer.body, sandbox.merchant());
}

#[tokio::test]
async fn what_is_behind_the_encryption_is_held_to_the_same_rules() {
    let sandbox = start(Policy::strict());
    for plaintext in [
        "",
        "[]",
        r#"{"a":1,"a":1}"#,
        r#"{"paymentCredentialType":1}"#,
    ] {
        let jwe = Sealed::of(&sandbox).jwe(plaintext);
        let body = json!({"encryptedRequest": jwe}).to_string();
        let call = signed(&sandbox, Jwt::of(&sandbox), &body);
        let (answer, outcome) = examined(&sandbox, &call).await;
        assert_eq!(
            (answer.status, failed(&outcome)),
            (400, None),
            "{plaintext}"
        );
    }
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn requests_are_encrypted_as_the_policy_has_it() {
    let check = Some(MleCheck::RequestMle);
    for (mle, clear, encrypted) in [
        (Mle::Off, None, check),
        (Mle::Optional, None, None),
        (Mle::Mandatory, check, None),
    ] {
        let sandbox = start(Policy::strict().with_request_mle(mle));
        let sealed = Sealed::of(&sandbox).body();
        for (body, failure) in [(BODY, clear), (&sealed, encrypted)] {
            let call = signed(&sandbox, Jwt::of(&sandbox), body);
            let (answer, outcome) = examined(&sandbox, &call).await;
            assert_eq!(failed(&outcome), failure, "{mle:?} {body}");
            let status = if failure.is_some() { 400 } else { 201 };
            assert_eq!(answer.status, status, "{mle:?} {body}");
        }
        assert_eq!(sandbox.minted(), if mle == Mle::Optional { 2 } else { 1 });
    }
}

#[tokio::test]
async fn answers_are_encrypted_as_the_policy_has_it() {
    for mle in [Mle::Off, Mle::Optional, Mle::Mandatory] {
        let sandbox = start(Policy::strict().with_response_mle(mle));
        let key_id = sandbox.merchant().response_key_id();
        let (answer, outcome) = examined(&sandbox, &asking(&sandbox, key_id)).await;
        assert_eq!((answer.status, failed(&outcome)), (201, None), "{mle:?}");
        if mle == Mle::Off {
            assert_eq!(outcome.response_key_id(), None);
            open(&answer.body, sandbox.merchant());
        } else {
            assert_eq!(outcome.response_key_id(), Some(key_id));
            let inner = open_text(&envelope(&answer), response_key(&sandbox)).unwrap();
            open(&inner, sandbox.merchant());
        }

        let call = signed(&sandbox, Jwt::of(&sandbox), BODY);
        let (answer, outcome) = examined(&sandbox, &call).await;
        let failure = (mle == Mle::Mandatory).then_some(MleCheck::ResponseMle);
        assert_eq!(failed(&outcome), failure, "{mle:?}");
        assert_eq!(answer.status, if failure.is_some() { 400 } else { 201 });
        assert_eq!(outcome.response_key_id(), None);
    }
}

#[tokio::test]
async fn an_encrypted_response_names_its_key() {
    let sandbox = start(Policy::strict());
    let key_id = sandbox.merchant().response_key_id();
    let answer = asking(&sandbox, key_id).answer(&sandbox).await;
    let parts = Parts::split(&envelope(&answer));
    assert_eq!(parts.header()["kid"], key_id);
    assert_eq!(parts.header()["alg"], "RSA-OAEP-256");
    assert_eq!(parts.header()["enc"], "A256GCM");
}

#[tokio::test]
async fn the_content_of_an_encrypted_response_has_three_shapes() {
    for content in [
        EncryptedContent::Json,
        EncryptedContent::Jwe,
        EncryptedContent::QuotedJwe,
    ] {
        let sandbox = start(Policy::strict().with_encrypted_content(content));
        let key_id = sandbox.merchant().response_key_id();
        let answer = asking(&sandbox, key_id).answer(&sandbox).await;
        let text = open_text(&envelope(&answer), response_key(&sandbox)).unwrap();
        let credentials: Value = match content {
            EncryptedContent::Jwe => open(&text, sandbox.merchant()),
            EncryptedContent::QuotedJwe => {
                let jwe: String = serde_json::from_str(&text).unwrap();
                open(&jwe, sandbox.merchant())
            }
            EncryptedContent::Json | _ => serde_json::from_str(&text).unwrap(),
        };
        assert!(credentials.is_object(), "{content:?}");
        assert_eq!(sandbox.minted(), 1);
    }
}

#[tokio::test]
async fn refusals_are_encrypted_too_once_it_is_known_for_whom() {
    let sandbox = start(Policy::strict());
    let key_id = sandbox.merchant().response_key_id();
    let jwt = || Jwt::of(&sandbox).claim("v-c-response-mle-kid", key_id);
    let path = Call::v3(NOT_FOUND).target;
    let call = signed(&sandbox, jwt().claim("request-resource-path", &*path), BODY);
    let mut elsewhere = call.clone();
    elsewhere.target = path;
    let answer = elsewhere.answer(&sandbox).await;
    assert_eq!(answer.status, 404);
    let text = open_text(&envelope(&answer), response_key(&sandbox)).unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["errors"][0]["type"], "notFound");

    // A request that can't be opened.
    let wrong = Sealed::of(&sandbox).with("kid", "1").body();
    let answer = signed(&sandbox, jwt(), &wrong).answer(&sandbox).await;
    assert_eq!(answer.status, 400);
    open_text(&envelope(&answer), response_key(&sandbox)).unwrap();

    // With invalid credentials the caller is unknown.
    let answer = call.answer(&sandbox).await;
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("Authentication Failed"));
}

#[tokio::test]
async fn a_response_key_is_its_owners_alone() {
    let sandbox = start(Policy::strict());
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    let theirs = asking(&sandbox, portfolio.response_key_id());
    theirs.send(&sandbox).await.map(drop).unwrap_err();
    assert_eq!(failed(&last(&sandbox)), Some(MleCheck::ResponseKeyId));

    // A portfolio that acts for the merchant may use its own response key, or the merchant's.
    let keys = secret(portfolio.shared_secret());
    for key_id in [portfolio.response_key_id(), merchant.response_key_id()] {
        let jwt = Jwt::new("HS256", portfolio.key_id(), portfolio.id(), merchant.id())
            .claim("v-c-response-mle-kid", key_id);
        let (answer, outcome) =
            examined(&sandbox, &bearer(&jwt.signed(Signing::Hmac(&keys)))).await;
        assert_eq!(answer.status, 201);
        assert_eq!(outcome.response_key_id(), Some(key_id));
    }
}

#[tokio::test]
async fn an_enrolled_certificate_is_sealed_for() {
    let other = Sandbox::builder(Policy::strict().into()).fresh_keys();
    let other = other.start().await.unwrap();
    let theirs = other.merchant().response_keystore().unwrap();
    let theirs = keystore::open(theirs, other.merchant().keystore_password());
    let certificate = &theirs.certificates[0];
    let policy = Policy::strict().with_response_key("sandbox_merchant", "mine", certificate);
    let sandbox = start(policy.unwrap());
    let answer = asking(&sandbox, "mine").answer(&sandbox).await;
    let pem = other.merchant().response_key_pem().unwrap();
    open_text(&envelope(&answer), pem).unwrap();
    open_text(&envelope(&answer), response_key(&sandbox)).unwrap_err();

    let again = |owner, id| Policy::strict().with_response_key(owner, id, certificate);
    assert_eq!(
        again("", "mine").unwrap_err().to_string(),
        "merchant id must not be empty"
    );
    let taken = again("m", "mine")
        .unwrap()
        .with_response_key("n", "mine", certificate);
    assert!(taken.unwrap_err().to_string().starts_with("key id"));
    let none = Policy::strict().with_response_key("m", "mine", b"none");
    assert!(none.unwrap_err().to_string().starts_with("certificate"));
}

#[test]
fn the_keystores_hold_both_halves_of_what_is_encrypted() {
    let sandbox = start(Policy::strict());
    let merchant = sandbox.merchant();
    let password = merchant.keystore_password();
    let requests = keystore::open(merchant.keystore().unwrap(), password);
    let responses = keystore::open(merchant.response_keystore().unwrap(), password);
    let recipient = sandbox.recipient_certificate_der().unwrap();
    for keystore in [&requests, &responses] {
        assert_eq!(keystore.certificates[1], recipient);
        assert!(keystore.names[1].contains(sandbox.recipient_key_id().unwrap()));
    }
    assert_ne!(requests.key, responses.key);
    assert!(responses.names[0].contains(merchant.response_key_id()));
    KeyPair::from_pkcs8(&responses.key).unwrap();
    let pem = sandbox.recipient_certificate_pem().unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
}

#[tokio::test]
async fn who_is_not_asked_may_encrypt_but_is_not_encrypted_for() {
    let sandbox = super::client::start();
    let sealed = Sealed::of(&sandbox).with("iat", now());
    let key_id = sandbox.merchant().response_key_id();
    let jwt = Jwt::of(&sandbox).claim("v-c-response-mle-kid", key_id);
    let call = signed(&sandbox, jwt, &sealed.body());
    let (answer, outcome) = examined(&sandbox, &call).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(outcome.opened_body(), Some(BODY.as_bytes()));
    assert_eq!(outcome.response_key_id(), None);
    open(&answer.body, sandbox.merchant());
}

/// Without authentication a sandbox uses the system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "there is no other clock to go by"
)]
fn now() -> u64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn the_record_shows_nothing_that_was_encrypted() {
    let sandbox = start(Policy::strict());
    let call = signed(&sandbox, Jwt::of(&sandbox), &Sealed::of(&sandbox).body());
    let (_, outcome) = examined(&sandbox, &call).await;
    let record = format!("{outcome:?} {:?}", sandbox.requests());
    assert!(record.contains("opened_body_length: Some("), "{record}");
    assert!(!record.contains("CRYPTOGRAM"), "{record}");
}

/// A digest of the plaintext would reveal something about it.
#[tokio::test]
async fn the_digest_is_that_of_the_bytes_that_were_sent() {
    let sandbox = start(Policy::strict());
    let sealed = Sealed::of(&sandbox).body();
    let jwt = Jwt::of(&sandbox).claim("digest", digest(BODY));
    let answer = jwt.call(&sandbox).body(sealed).answer(&sandbox).await;
    assert_eq!((answer.status, sandbox.minted()), (401, 0));
    assert_eq!(Call::v3(VISA).target, sandbox.requests()[0].path());
}
