//! The client's part of message-level encryption, written for these tests on cryptographic primitives.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use payment_credentials_sandbox::{MleCheck, MleFailure, MleOutcome, Sandbox};
use serde_json::{Value, json};
use yasna::{ASN1Result, BERReader, parse_der};

use super::client::{Answer, Call};
use super::signer::{BODY, Jwt, NOW, digest};

/// A valid encrypted request, unless a test changes its parts.
#[derive(Clone)]
pub(crate) struct Sealed {
    certificate: Vec<u8>,
    pub(crate) header: Value,
}

impl Sealed {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        Self {
            certificate: sandbox.recipient_certificate_der().unwrap().to_vec(),
            header: json!({
                "alg": "RSA-OAEP-256",
                "enc": "A256GCM",
                "kid": sandbox.recipient_key_id().unwrap(),
                "iat": NOW,
                "cty": "JWT",
            }),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name).unwrap();
        self
    }

    pub(crate) fn jwe(&self, plaintext: &str) -> String {
        let header = BASE64URL.encode(self.header.to_string());
        let (mut content_key, mut vector) = ([0; 32], [0; 12]);
        rand::fill(&mut content_key).unwrap();
        rand::fill(&mut vector).unwrap();
        let public_key = PublicEncryptingKey::from_der(&public_key(&self.certificate)).unwrap();
        let public_key = OaepPublicEncryptingKey::new(public_key).unwrap();
        let algorithm = match self.header["alg"].as_str() {
            Some("RSA-OAEP") => &OAEP_SHA1_MGF1SHA1,
            _ => &OAEP_SHA256_MGF1SHA256,
        };
        let mut room = vec![0; public_key.ciphertext_size()];
        let encrypted_key = public_key
            .encrypt(algorithm, &content_key, &mut room, None)
            .unwrap();
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key).unwrap());
        let mut text = plaintext.as_bytes().to_vec();
        let tag = cipher
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(vector),
                Aad::from(header.as_bytes()),
                &mut text,
            )
            .unwrap();
        let encode = |bytes: &[u8]| BASE64URL.encode(bytes);
        let rest = [&*encrypted_key, &vector, &text, tag.as_ref()].map(encode);
        format!("{header}.{}", rest.join("."))
    }

    pub(crate) fn body(&self) -> String {
        json!({"encryptedRequest": self.jwe(BODY)}).to_string()
    }
}

/// `SubjectPublicKeyInfo`, which follows the version and five other members of the certificate.
fn public_key(certificate: &[u8]) -> Vec<u8> {
    let read = |reader: BERReader<'_, '_>| -> ASN1Result<Vec<u8>> {
        reader.read_sequence(|certificate| {
            let key = certificate.next().read_sequence(|signed| {
                for _ in 0..6 {
                    signed.next().read_der()?;
                }
                let key = signed.next().read_der()?;
                while signed.read_optional(der)?.is_some() {}
                Ok(key)
            })?;
            certificate.next().read_der()?;
            certificate.next().read_der()?;
            Ok(key)
        })
    };
    parse_der(certificate, read).unwrap()
}

fn der(reader: BERReader<'_, '_>) -> ASN1Result<Vec<u8>> {
    reader.read_der()
}

/// A call with a body, signed by the merchant's shared secret.
pub(crate) fn signed(sandbox: &Sandbox, jwt: Jwt, body: &str) -> Call {
    let call = jwt.claim("digest", digest(body)).call(sandbox);
    call.body(body)
}

/// The same call as `signed`, which also requests an encrypted response.
pub(crate) fn asking(sandbox: &Sandbox, key_id: &str) -> Call {
    let jwt = Jwt::of(sandbox).claim("v-c-response-mle-kid", key_id);
    signed(sandbox, jwt, BODY)
}

/// Sends a call, and returns the recorded outcome of its encryption.
pub(crate) async fn examined(sandbox: &Sandbox, call: &Call) -> (Answer, MleOutcome) {
    let answer = call.answer(sandbox).await;
    (answer, last(sandbox))
}

/// The outcome of encryption of the last request.
pub(crate) fn last(sandbox: &Sandbox) -> MleOutcome {
    let requests = sandbox.requests();
    requests.last().unwrap().mle().unwrap().clone()
}

pub(crate) fn failed(outcome: &MleOutcome) -> Option<MleCheck> {
    outcome.failure().map(MleFailure::check)
}

/// The JWE of an encrypted response.
pub(crate) fn envelope(answer: &Answer) -> String {
    assert_eq!(
        answer.header("content-type"),
        "application/json;charset=utf-8"
    );
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["encryptedResponse"].as_str().unwrap().to_owned()
}
