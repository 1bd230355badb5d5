//! Other libraries open what this project seals, and vice versa.

use std::sync::Arc;

use payment_credentials_auth::{JwtAuthenticator, SharedSecret, SharedSecretKey};
use payment_credentials_core::seam::{Clock as _, MessageEncryption as _, SystemClock};
use payment_credentials_core::secret::Password;
use payment_credentials_core::{
    CredentialsOpener as _, CredentialsRequest, Endpoint, Environment, PaymentCredentialsPort as _,
    SealedContent,
};
use payment_credentials_hyper::HyperPort;
use payment_credentials_jose::{JweMessageEncryption, Recipient};
use payment_credentials_keys::Keystore;
use payment_credentials_sandbox::{EncryptedContent, vault};
use serde_json::{Value, json};

use crate::Outcome;
use crate::library::{Encryption, Library};
use crate::stage::Stage;

const REQUEST: &str = r#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#;
const CREDENTIALS: &str = include_str!("../../vectors/jwe/generate/payloads/visa-v3.json");

/// Opens a request of this project's client with the library.
///
/// The sandbox doesn't expose its private key, so the merchant's key replaces the service's.
pub(crate) async fn open_our_request(stage: &Stage, library: Library) -> Outcome<String> {
    let merchant = stage.sandbox.merchant();
    let password = Password::from(merchant.keystore_password());
    let keystore = Keystore::read(merchant.response_keystore()?, Some(&password))?;
    let now = SystemClock.now();
    let recipient = Recipient::new(keystore.certificate(merchant.id())?, now)?;
    let ours = JweMessageEncryption::default().sealing_for(recipient);

    let body: Value = serde_json::from_slice(&ours.seal(REQUEST.into(), now).await?)?;
    let jwe = body["encryptedRequest"]
        .as_str()
        .ok_or("it isn't encrypted")?;
    let opened = library.open(jwe, merchant.response_key_pem()?).await?;
    if opened.plaintext != REQUEST {
        return Err("it isn't what was sealed".into());
    }
    if opened.header["kid"] != merchant.response_key_id() {
        return Err("it names another key".into());
    }
    Ok(opened.header.to_string())
}

/// Opens a response that the library sealed with this project's client, down to the credentials.
pub(crate) async fn seal_an_answer(
    stage: &Stage,
    library: Library,
    content: EncryptedContent,
) -> Outcome<String> {
    let merchant = stage.sandbox.merchant();
    let (key, key_id) = (merchant.opening_key_pem(), merchant.opening_key_id());
    let inner = library.seal(answer_header(key_id), CREDENTIALS, key);
    let content = match content {
        EncryptedContent::Jwe => inner.await?,
        EncryptedContent::QuotedJwe => json!(inner.await?).to_string(),
        _ => CREDENTIALS.to_owned(),
    };
    let (key, key_id) = (merchant.response_key_pem()?, merchant.response_key_id());
    let jwe = library.seal(answer_header(key_id), &content, key).await?;

    let body = json!({"encryptedResponse": jwe}).to_string();
    let plaintext = stage.open_answer(body).await?;
    stage.open_credentials(plaintext).await?;
    Ok("down to the credentials".to_owned())
}

fn answer_header(key_id: &str) -> Value {
    json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": key_id, "cty": "json", "typ": "JWT"})
}

/// Calls the sandbox with all encryption and decryption done by the library.
pub(crate) async fn call(stage: &Stage, library: Library) -> Outcome<String> {
    let merchant = stage.sandbox.merchant();
    let sealed = port(stage, library)?
        .generate(&CredentialsRequest::new(vault::VISA.parse()?))
        .await?;
    stage.opener.open(&sealed).await?;
    if let SealedContent::Jwe(jwe) = sealed.content() {
        let opened = library
            .open(jwe.as_str(), merchant.opening_key_pem())
            .await?;
        serde_json::from_str::<Value>(&opened.plaintext)?["tokenizedCard"]
            .as_object()
            .ok_or("it holds no network token")?;
    }

    let requests = stage.sandbox.requests();
    let received = requests.last().ok_or("it sent nothing")?;
    let mle = received.mle().ok_or("it was refused before")?;
    let keys = (mle.request_key_id(), mle.response_key_id());
    let expected = (
        stage.sandbox.recipient_key_id()?,
        merchant.response_key_id(),
    );
    if keys != (Some(expected.0), Some(expected.1)) {
        return Err(format!("it was encrypted for {keys:?}").into());
    }
    let tolerated = received.tolerated();
    if !tolerated.is_empty() {
        return Err(format!("it had to be tolerant: {tolerated:?}").into());
    }
    Ok("nothing tolerated".to_owned())
}

fn port(stage: &Stage, library: Library) -> Outcome<HyperPort> {
    let merchant = stage.sandbox.merchant();
    let secret = SharedSecret::from_base64(merchant.shared_secret())?;
    let key = SharedSecretKey::new(merchant.id().parse()?, merchant.key_id().parse()?, secret);
    let authenticator = Arc::new(JwtAuthenticator::with_shared_secret(key));
    let endpoint =
        Endpoint::new(Environment::Test).with_connect_to(stage.sandbox.address().into())?;
    let encryption = Encryption {
        library,
        recipient: stage.sandbox.recipient_certificate_pem()?.to_owned(),
        recipient_key_id: stage.sandbox.recipient_key_id()?.to_owned(),
        response_key: merchant.response_key_pem()?.to_owned(),
        response_key_id: merchant.response_key_id().parse()?,
    };
    Ok(HyperPort::builder(endpoint, authenticator)
        .extra_root(stage.sandbox.root_certificate_der())
        .encryption(Arc::new(encryption))
        .build()?)
}
