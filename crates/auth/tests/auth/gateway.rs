//! Authentication within a gateway: the signed request is the one that is sent, and no request is
//! sent unencrypted by mistake.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Response, StatusCode};
use payment_credentials_auth::{
    AccessToken, BearerAuthenticator, HttpSignatureAuthenticator, body_digest,
};
use payment_credentials_core::seam::{
    Clock, MessageEncryption, Outgoing, RequestAuthenticator, Transport,
};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    ConfiguredKey, CredentialsRequest, EncryptionError, Endpoint, Environment, Gateway, KeyId,
    PaymentCredentialsPort as _, TransportError,
};

use crate::fixtures::{NOW, at, claims, id, jwt, secret_key, unsigned};

/// A transport that records its request, a clock that stands still, and an encryption that reverses
/// the body.
#[derive(Debug, Default)]
struct Bench(Mutex<Option<http::Request<Bytes>>>);

#[async_trait]
impl Transport for Bench {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        *self.0.lock().expect("unpoisoned") = Some(outgoing.into_request());
        let mut answer = Response::new(Bytes::from_static(b"eyJ9.a.b.c.d"));
        *answer.status_mut() = StatusCode::CREATED;
        Ok(answer)
    }
}

impl Clock for Bench {
    fn now(&self) -> SystemTime {
        at(NOW)
    }
}

#[async_trait]
impl MessageEncryption for Bench {
    fn is_active(&self) -> bool {
        true
    }

    fn response_key_id(&self) -> Option<KeyId> {
        Some(id("response-key"))
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _now: SystemTime) -> Result<Bytes, EncryptionError> {
        Ok(body.iter().rev().copied().collect())
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        Ok(ResponseBody::Received(body))
    }
}

fn sent(authenticator: impl RequestAuthenticator + 'static) -> http::Request<Bytes> {
    let bench = Arc::new(Bench::default());
    let transport: Arc<dyn Transport> = Arc::clone(&bench) as _;
    let endpoint = Endpoint::new(Environment::Test);
    let carries_message_encryption = authenticator.carries_message_encryption();
    let mut builder =
        Gateway::builder(endpoint, Arc::new(authenticator)).clock(Arc::clone(&bench) as _);
    if carries_message_encryption {
        builder = builder.encryption(Arc::clone(&bench) as _);
    }
    let gateway = builder.build(transport).expect("a gateway");
    let request = CredentialsRequest::new(id("7010000000016241111"));
    pollster::block_on(gateway.generate(&request)).expect("credentials");
    let sent = bench.0.lock().expect("unpoisoned").take();
    sent.expect("a request")
}

#[test]
fn a_jwt_is_over_the_encrypted_body_and_names_the_response_key() {
    let request = sent(jwt());
    let claims = claims(request.headers());
    assert_eq!(request.body(), "}{");
    assert_eq!(
        claims["digest"].as_str(),
        body_digest(request.body()).as_deref()
    );
    assert_eq!(claims["request-host"].as_str(), request.uri().host());
    assert_eq!(claims["request-resource-path"], request.uri().path());
    assert_eq!(claims["request-method"], "post");
    assert_eq!(claims["iat"], NOW - 5);
    assert_eq!(claims["v-c-response-mle-kid"], "response-key");
    assert!(request.headers()["authorization"].is_sensitive());
}

#[test]
fn an_http_signature_is_over_what_is_sent() {
    let authenticator = HttpSignatureAuthenticator::new(secret_key());
    let request = sent(authenticator.clone());
    let mut signed = unsigned();
    signed.body = request.body().clone();
    let expected = authenticator.headers(&signed, at(NOW)).expect("headers");
    assert_eq!(expected.len(), 4);
    for (name, value) in &expected {
        assert_eq!(request.headers()[name], value);
    }
    assert!(request.headers()["signature"].is_sensitive());
    assert!(!request.headers()["date"].is_sensitive());
}

/// Reliability B17: the vendor's SDKs send such requests unencrypted.
#[test]
fn http_signature_with_encryption_is_refused_before_anything_is_sent() {
    let bench = Arc::new(Bench::default());
    let access_token: AccessToken = "abc".parse().expect("an access token");
    let build = |authenticator: Arc<dyn RequestAuthenticator>| {
        let endpoint = Endpoint::new(Environment::Test);
        Gateway::builder(endpoint, authenticator)
            .encryption(Arc::clone(&bench) as _)
            .build(Arc::clone(&bench) as _)
    };
    let error = build(Arc::new(HttpSignatureAuthenticator::new(secret_key())));
    assert_eq!(
        error.expect_err("refused").to_string(),
        "message-level encryption can't be carried by this authenticator; use a JWT, or turn the \
         encryption off"
    );
    assert!(build(Arc::new(jwt())).is_ok());
    assert!(build(Arc::new(BearerAuthenticator::new(Arc::new(access_token)))).is_ok());
}
