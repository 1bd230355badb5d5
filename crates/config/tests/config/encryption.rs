//! Message-level encryption, from the configuration's fields to the bytes that are sent.

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

use crate::fixtures::{assert_says, copy, folder, signing_with, toml, vector, write};

/// The content of a stored vector.
macro_rules! stored {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/vectors/", $name))
    };
}

/// The key id of the service's certificate; its private key is the stored `merchant-next`.
const SERVICE: &str = "1700000000000000000033";
/// The key id of the merchant's certificate in `service-new.p12`.
const MERCHANT: &str = "1700000000000000000017";
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
fn a_keystore_of_the_service_has_its_key_id_and_a_configured_one_wins() {
    let answers = format!(
        "response_mle = true\nresponseMlePrivateKeyFilePath = '{}'\n\
         responseMlePrivateKeyFilePassword = 'testpass'\n",
        path("keystores/loads/service-new.p12")
    );
    let asked_for = |config: &Config| {
        let mut found = jobs(config)
            .into_iter()
            .filter(|(purpose, _)| *purpose == KeyPurpose::OpenResponses);
        found.next().expect("a key").1
    };
    assert_eq!(asked_for(&keystore(&answers)), MERCHANT);
    let portfolio = "use_metakey = true\nportfolio_id = 'keystore_mid'\nmerchant_id = 'shop'";
    let metakey = keystore(&answers).overridden_by(toml(portfolio));
    assert_eq!(asked_for(&metakey), MERCHANT);
    let named = keystore(&format!("{answers}responseMleKID = 'another'"));
    assert_eq!(asked_for(&named), "another");
}

#[test]
fn a_response_key_without_an_id_is_rejected() {
    for key in ["jwe/keys/merchant.pkcs8.pem", "keystores/loads/small.p12"] {
        let config = signing_with(&format!(
            "response_mle = true\nresponseMlePrivateKeyFilePath = '{}'\n\
             response_mle_private_key_file_password = 'testpass'",
            path(key)
        ));
        let error = refusal(&config);
        assert!(
            error.starts_with("TOML: response_mle_kid is missing"),
            "{error}"
        );
    }
}

#[test]
fn the_keystore_of_responses_has_the_services_certificate_too() {
    let folder = folder("mle_response_keystore");
    let signs = concat!(
        include_str!("expired.pem"),
        stored!("jwe/keys/merchant.pkcs8.pem"),
    );
    write(&folder, "signs.pem", signs);
    let config = toml(&format!(
        "run_environment = 'apitest.cybersource.com'\nmerchant_id = 'expired_mid'\n\
         authentication_type = 'JWT'\nkeys_directory = '{}'\nkey_file_name = 'signs.pem'\n\
         request_mle = true",
        folder.display()
    ));
    let error = refusal(&config);
    assert!(
        error.starts_with("TOML: mle_for_request_public_cert_path is missing; no key file"),
        "{error}"
    );
    let answers = toml(&format!(
        "response_mle = true\nresponse_mle_kid = 'answers'\nresponseMlePrivateKeyFilePath = '{}'\n\
         responseMlePrivateKeyFilePassword = 'testpass'",
        path("keystores/loads/service-new.p12")
    ));
    let found = jobs(&config.overridden_by(answers));
    assert!(
        found.contains(&(KeyPurpose::SealRequests, SERVICE.to_owned())),
        "{found:?}"
    );
    assert!(
        found.contains(&(KeyPurpose::OpenResponses, "answers".to_owned())),
        "{found:?}"
    );
}

#[test]
fn an_alias_names_another_certificate_in_the_keystore() {
    let config = keystore("request_mle = true\nmleKeyAlias = 'keystore_mid'");
    let found = jobs(&config);
    assert!(
        found.contains(&(KeyPurpose::SealRequests, MERCHANT.to_owned())),
        "{found:?}"
    );
    let unknown = keystore("request_mle = true\nmleKeyAlias = 'nobody'");
    let error = refusal(&unknown);
    assert!(
        error.contains("the common name that mleKeyAlias sets"),
        "{error}"
    );
}

#[test]
fn a_file_with_several_certificates_has_the_named_one() {
    let folder = folder("mle_several");
    let service = stored!("keystores/loads/service.pem");
    let both = write(
        &folder,
        "both.pem",
        [include_str!("expired.pem"), service].concat(),
    );
    let config = |more: &str| {
        signing_with(&format!(
            "request_mle = true\nmleForRequestPublicCertPath = '{}'\n{more}",
            both.display()
        ))
    };
    let found = jobs(&config(""));
    assert!(
        found.contains(&(KeyPurpose::SealRequests, SERVICE.to_owned())),
        "{found:?}"
    );
    let error = refusal(&config("request_mle_key_alias = 'nobody'"));
    assert!(
        error.contains("without the service's certificate"),
        "{error}"
    );
}

#[test]
fn a_shared_secret_without_a_certificate_file_names_the_missing_field() {
    let error = refusal(&signing_with("request_mle = true"));
    assert!(
        error.starts_with("TOML: mle_for_request_public_cert_path is missing; a shared secret"),
        "{error}"
    );
}

#[test]
fn b18_an_expired_certificate_is_rejected_and_one_that_expires_soon_is_noted() {
    let folder = folder("mle_expired");
    let expired = write(&folder, "expired.pem", include_str!("expired.pem"));
    let config = signing_with(&format!(
        "request_mle = true\nmleForRequestPublicCertPath = '{}'",
        expired.display()
    ));
    let error = refusal(&config);
    assert!(
        error.starts_with("TOML: mleForRequestPublicCertPath can't be used: ")
            && error.contains("has expired"),
        "{error}"
    );
    let config = with_all_keys("request_mle = true");
    for (now, is_noted) in [(END - 91 * DAY, false), (END - 89 * DAY, true)] {
        let notes: Vec<_> = config
            .inventory(at(now))
            .expect("an inventory")
            .notes
            .iter()
            .map(ToString::to_string)
            .collect();
        let note = "TOML: mleForRequestPublicCertPath holds a certificate of the service that \
                    expires in 89 days";
        if is_noted {
            assert_says(&notes, note);
        } else {
            assert!(
                !notes.iter().any(|it| it.contains("expires in")),
                "{notes:?}"
            );
        }
    }
    assert!(config.inventory(at(END + DAY)).is_err());
}

#[test]
fn the_port_has_the_keys_of_the_key_set() {
    let config = with_all_keys("request_mle = true\nresponse_mle = true");
    let port = config.port().expect("a port").configured_keys();
    let listed: Vec<_> = port.iter().map(|key| key.purpose).collect();
    let of_both = [
        KeyPurpose::SignRequests,
        KeyPurpose::SealRequests,
        KeyPurpose::OpenResponses,
    ];
    assert_eq!(listed, of_both);
    assert_eq!(config.key_set().expect("keys").configured_keys(), port);
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

#[test]
fn a_setting_for_this_operation_wins_over_one_for_all() {
    // The value in the map, and whether requests and responses are then encrypted; `None` means the
    // default for all merchants.
    let values = [
        ("true", Some(true), None),
        ("false", Some(false), None),
        ("'true'", Some(true), None),
        ("'true::'", Some(true), None),
        ("'::true'", None, Some(true)),
        ("'::false'", None, Some(false)),
        ("'FALSE :: True'", Some(false), Some(true)),
        ("'true::false'", Some(true), Some(false)),
        ("'::'", None, None),
    ];
    for (request, response) in [(false, false), (false, true), (true, false), (true, true)] {
        let all = format!("request_mle = {request}\nenableResponseMleGlobally = {response}\n");
        assert_eq!(is_on(&all), (request, response), "{all}");
        for (value, of_request, of_response) in values {
            let expected = (
                of_request.unwrap_or(request),
                of_response.unwrap_or(response),
            );
            let table = |operation| format!("{all}[mapToControlMLEonAPI]\n{operation} = {value}");
            for ours in [
                "postTokenPaymentCredentialsV3",
                "post_token_payment_credentials_v3",
                "post_token_payment_credentials_v3_with_http_info",
            ] {
                assert_eq!(is_on(&table(ours)), expected, "{}", table(ours));
            }
            let v2 = table("postTokenPaymentCredentials");
            assert_eq!(
                is_on(&format!("api_version = 'v2'\n{v2}")),
                expected,
                "{v2}"
            );
            let other = table("createPayment");
            assert_eq!(is_on(&other), (request, response), "{other}");
            // Under another name, what asks for encryption must not be left out silently.
            for nearly in [
                v2,
                table("postTokenPaymentCredentialV3"),
                table("post_token_payment_credentails_v3"),
            ] {
                if value.to_ascii_lowercase().contains("true") {
                    let error = refusal(&with_all_keys(&nearly));
                    assert!(
                        error.contains("v3 has postTokenPaymentCredentialsV3"),
                        "{error}"
                    );
                } else {
                    assert_eq!(is_on(&nearly), (request, response), "{nearly}");
                }
            }
        }
    }
    let broken = "[mapToControlMLEonAPI]\npostTokenPaymentCredentialsV3 = 'yes'";
    let error = refusal(&with_all_keys(broken));
    assert!(
        error.contains("must hold values `request::response`"),
        "{error}"
    );
}

/// Whether requests and responses are encrypted.
fn is_on(more: &str) -> (bool, bool) {
    let found = jobs(&with_all_keys(more));
    let has = |sought| found.iter().any(|(purpose, _)| *purpose == sought);
    (
        has(KeyPurpose::SealRequests),
        has(KeyPurpose::OpenResponses),
    )
}
