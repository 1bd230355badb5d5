//! The values that pass between the parts, as `Debug` shows them to an implementer of a part.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use payment_credentials::seam::{MessageEncryption, Outgoing, Transport};
use payment_credentials::wire::{self, ResponseBody};
use payment_credentials::{
    ApiVersion, ConfiguredKey, CredentialsOpener as _, EncryptionError, Endpoint, Environment,
    Gateway, KeyId, PaymentCredentialsPort as _, TransportError,
};
use payment_credentials_sandbox::vault;

use super::canaries::{self, Signer};
use super::scan::{Scan, assert_clean};
use super::sealer::{PRIVATE_PEM, opener};
use crate::stage::request;

/// Answers every request with the same plaintext, and records the requests' `Debug` output.
struct Wire {
    plaintext: &'static str,
    sent: Mutex<String>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        // An application that logs headers sees the secret ones marked as such.
        let headers = outgoing.request().headers();
        *self.sent.lock().expect("unpoisoned") = format!("{outgoing:?} {headers:?}");
        let body = Bytes::from_static(self.plaintext.as_bytes());
        let answer = Response::builder().status(201).body(body);
        Ok(answer.expect("a response"))
    }
}

/// Treats every body as one that was encrypted and has already been opened.
#[derive(Debug)]
struct Opened;

#[async_trait]
impl MessageEncryption for Opened {
    fn is_active(&self) -> bool {
        true
    }

    fn response_key_id(&self) -> Option<KeyId> {
        None
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _now: SystemTime) -> Result<Bytes, EncryptionError> {
        Ok(body)
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        Ok(ResponseBody::Decrypted(
            zeroize::Zeroizing::new(body.to_vec()).into(),
        ))
    }
}

#[tokio::test]
async fn credentials_that_arrive_unsealed() {
    let mut scan = Scan::begin();
    let signer = Signer::new(&mut scan);
    let plaintext = canaries::network_token(&mut scan).to_string();
    let wire = Arc::new(Wire {
        plaintext: plaintext.leak(),
        sent: Mutex::default(),
    });
    let endpoint = Endpoint::new(Environment::Test);
    let gateway = Gateway::builder(endpoint, Arc::new(signer.clone()))
        .encryption(Arc::new(Opened))
        .build(Arc::clone(&wire) as _)
        .expect("a gateway");
    let request = request(vault::VISA, canaries::body(&mut scan));
    let sealed = gateway.generate(&request).await.expect("credentials");
    scan.shown("unsealed credentials", &sealed);
    scan.shown("their content", &sealed.content());
    let opened = opener(PRIVATE_PEM)
        .open(&sealed)
        .await
        .expect("credentials");
    scan.shown("the opened credentials", &opened);
    scan.shown("the gateway", &gateway);
    let sent = wire.sent.lock().expect("unpoisoned").clone();
    scan.saw("Debug of the outgoing request", &sent);
    let asked = signer.asked.lock().expect("unpoisoned").clone();
    scan.saw("Debug of the request to sign", &asked);
    assert_clean(&scan);
}

#[test]
fn requests_and_responses_of_the_codec() {
    let mut scan = Scan::begin();
    let request = request(vault::VISA, canaries::body(&mut scan));
    let encoded = wire::encode(&request, ApiVersion::V3);
    scan.shown("an encoded request", &encoded);
    let plaintext = canaries::card(&mut scan).to_string();
    scan.shown(
        "a response's body",
        &ResponseBody::Received(plaintext.clone().into()),
    );
    assert_clean(&scan);
}
