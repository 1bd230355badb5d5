//! Message-level encryption, from the configuration's fields to the bytes that are sent.

/// The content of a stored vector.
macro_rules! stored {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/",
            $name
        ))
    };
}

mod keys;
mod operations;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use payment_credentials_config::Config;
use payment_credentials_core::seam::{MessageEncryption as _, Outgoing, Transport};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    ConfiguredKey, CredentialsOpener as _, CredentialsRequest, Endpoint, Environment, Gateway,
    KeyPurpose, PaymentCredentialsPort as _, SealedCredentials, TransportError,
};
use payment_credentials_jose::{JweMessageEncryption, ResponseKey, ResponseKeyring};
use payment_credentials_keys::Keystore;

use crate::fixtures::{copy, folder, signing_with, toml, vector};

/// The key id of the service's certificate; its private key is the stored `merchant-next`.
const SERVICE: &str = "1700000000000000000033";
/// The key id of the merchant's certificate in `service-new.p12`.
const MERCHANT: &str = "1700000000000000000017";
/// A certificate that expired in 2021.
const EXPIRED: &str = include_str!("expired.pem");
const DAY: u64 = 24 * 60 * 60;
/// When the service's certificate expires: the first of January 2056.
const END: u64 = 2_713_910_400;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn path(name: &str) -> String {
    vector(name).display().to_string()
}

/// A configuration with a signing keystore as the service creates it.
fn keystore(more: &str) -> Config {
    toml(&format!(
        "run_environment = 'apitest.cybersource.com'\nmerchant_id = 'keystore_mid'\n\
         authentication_type = 'JWT'\nkeys_directory = '{}'\nkey_file_name = 'service-new'\n\
         key_password = 'testpass'\n{more}",
        path("keystores/loads")
    ))
}

/// A configuration with the shared secret for signing, the service's certificate, and a key that
/// opens responses.
fn with_all_keys(more: &str) -> Config {
    signing_with(&format!(
        "mleForRequestPublicCertPath = '{}'\n{}\n{more}",
        path("keystores/loads/service.pem"),
        response_key()
    ))
}

fn response_key() -> String {
    format!(
        "responseMlePrivateKeyFilePath = '{}'\nresponseMleKID = '{}'",
        path("jwe/keys/merchant-3072.pkcs8.pem"),
        key_id("merchant-3072")
    )
}

/// The id of a stored key.
fn key_id(name: &str) -> String {
    let ids = stored!("jwe/keys/kids.json");
    let mut words = ids.split('"').skip_while(|word| *word != name);
    words.nth(2).expect("an id").to_owned()
}

/// Records the request, and returns a stored body.
#[derive(Debug)]
struct Service {
    sent: Mutex<Vec<Request<Bytes>>>,
    response: Bytes,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        self.sent
            .lock()
            .expect("unpoisoned")
            .push(outgoing.into_request());
        let mut response = Response::new(self.response.clone());
        *response.status_mut() = http::StatusCode::CREATED;
        let id = HeaderValue::from_static("6612345");
        response.headers_mut().insert("v-c-correlation-id", id);
        Ok(response)
    }
}

/// Returns the request of one call and the call's result.
async fn called(config: &Config, response: &'static str) -> (Request<Bytes>, SealedCredentials) {
    let service = Arc::new(Service {
        sent: Mutex::default(),
        response: Bytes::from_static(response.as_bytes()),
    });
    let keys = config.key_set().expect("keys");
    let endpoint = Endpoint::new(Environment::Test);
    let transport = Arc::clone(&service) as _;
    let gateway = Gateway::builder(endpoint, Arc::clone(keys.authenticator()))
        .encryption(Arc::clone(keys.encryption()))
        .build(transport)
        .expect("a gateway");
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
    let sealed = gateway.generate(&request).await.expect("credentials");
    let sent = service.sent.lock().expect("unpoisoned").pop();
    (sent.expect("a request"), sealed)
}

const BARE: &str = stored!("jwe/opens/cryptography-visa-v3/token.jwe");
const ENCRYPTED: &str = stored!("mle/answers/jwcrypto-json/body.json");

/// Decrypts the body with the service's private key.
async fn read_by_the_service(body: &Bytes) -> String {
    let key = stored!("jwe/keys/merchant-next.pkcs8.pem").as_bytes();
    let key = Keystore::read(key, None).expect("a key file").private_key();
    let key = ResponseKey::new(key.expect("a key"), SERVICE.parse().expect("an id"));
    let keys = ResponseKeyring::new([key]).expect("a keyring");
    let text = std::str::from_utf8(body).expect("text");
    assert!(text.starts_with(r#"{"encryptedRequest":"eyJ"#), "{text}");
    let response = text.replacen("encryptedRequest", "encryptedResponse", 1);
    let opened = JweMessageEncryption::default().opening_with(keys);
    let read = match opened.open(response.into()).await {
        Ok(ResponseBody::Decrypted(read)) => Some(read),
        _ => None,
    };
    let read = read.expect("sealed for the service");
    String::from_utf8(read.expose().to_vec()).expect("text")
}

/// The claims of the request's JWT.
fn claims(sent: &Request<Bytes>) -> String {
    let authorization = sent.headers()["authorization"].to_str().expect("text");
    let claims = authorization.split('.').nth(1).expect("claims");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64");
    String::from_utf8(claims).expect("text")
}

/// The purposes of the configured keys, with their ids.
fn jobs(config: &Config) -> Vec<(KeyPurpose, String)> {
    let inventory = config.inventory(at(1_800_000_000)).expect("an inventory");
    let keys = inventory.keys.iter();
    let id = |key: &ConfiguredKey| key.key_id.as_ref().map(ToString::to_string);
    keys.map(|key| (key.purpose, id(key).expect("an id")))
        .collect()
}

fn refusal(config: &Config) -> String {
    config.port().expect_err("refused").to_string()
}

#[tokio::test]
async fn one_line_encrypts_requests_for_the_certificate_in_the_keystore_that_signs() {
    let (clear, _) = called(&keystore(""), BARE).await;
    let (sent, _) = called(&keystore("request_mle = true"), BARE).await;
    assert_eq!(
        read_by_the_service(sent.body()).await.as_bytes(),
        clear.body()
    );
    assert!(!claims(&sent).contains("mle-kid"), "{}", claims(&sent));
}

#[tokio::test]
async fn a_shared_secret_encrypts_for_the_certificate_in_a_file_of_its_own() {
    for file in ["service.pem", "service.cer"] {
        let folder = folder(&format!("mle_{file}"));
        let certificate = vector(&format!("keystores/loads/{file}"));
        let certificate = copy(&certificate, &folder, "service.crt");
        let config = signing_with(&format!(
            "useMLEGlobally = true\nmleForRequestPublicCertPath = '{}'",
            certificate.display()
        ));
        let (sent, _) = called(&config, BARE).await;
        read_by_the_service(sent.body()).await;
    }
}

#[tokio::test]
async fn one_line_asks_for_encrypted_responses_and_opens_them() {
    let config = with_all_keys("response_mle = true");
    let (sent, sealed) = called(&config, ENCRYPTED).await;
    let claim = format!(r#""v-c-response-mle-kid":"{}""#, key_id("merchant-3072"));
    assert!(claims(&sent).contains(&claim), "{}", claims(&sent));
    assert!(!sent.body().starts_with(b"{\"encrypted"), "in the clear");
    let opening = format!(
        "opening_key_file = '{}'",
        path("jwe/keys/merchant.pkcs8.pem")
    );
    let opener = toml(&opening).opener().expect("an opener");
    opener.open(&sealed).await.expect("opened");
}

#[tokio::test]
async fn the_response_key_may_be_in_the_environment() {
    let pem = stored!("jwe/keys/merchant-3072.pkcs8.pem");
    let variables = [
        ("CYBERSOURCE_RESPONSE_MLE", "true"),
        ("CYBERSOURCE_RESPONSE_MLE_PRIVATE_KEY", pem),
        ("CYBERSOURCE_RESPONSE_MLE_KID", &key_id("merchant-3072")),
    ];
    let environment = Config::from_env(variables).expect("variables");
    called(&signing_with("").overridden_by(environment), ENCRYPTED).await;
}

#[test]
fn an_authenticator_alone_would_send_in_the_clear_and_is_rejected() {
    for on in ["request_mle = true", "response_mle = true"] {
        let error = with_all_keys(on)
            .authenticator()
            .expect_err("refused")
            .to_string();
        assert!(error.contains("Config::key_set"), "{error}");
    }
    assert!(with_all_keys("").authenticator().is_ok());
}
