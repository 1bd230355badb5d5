//! A signer of requests, written for these tests.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{
    AuthenticationCheck, AuthenticationFailure, AuthenticationOutcome, Policy, Sandbox,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::{Answer, Call};

/// The time in all of these tests, and the same time as an HTTP date.
pub(crate) const NOW: u64 = 1_780_000_000;
pub(crate) const DATE: &str = "Thu, 28 May 2026 20:26:40 GMT";
pub(crate) const HOST: &str = "apitest.cybersource.com";
pub(crate) const BODY: &str = r#"{"paymentCredentialType":"CRYPTOGRAM"}"#;

/// The readings of requests: a guard holds in both.
pub(crate) const READINGS: [fn() -> Policy; 2] = [Policy::strict, Policy::tolerant];

pub(crate) fn start(policy: Policy) -> Sandbox {
    let policy = policy.with_clock(|| UNIX_EPOCH + Duration::from_secs(NOW));
    Sandbox::start_blocking(policy.into()).unwrap()
}

/// Sends a call, and returns the recorded outcome of its authentication.
pub(crate) async fn examined(sandbox: &Sandbox, call: &Call) -> (Answer, AuthenticationOutcome) {
    let answer = call.answer(sandbox).await;
    let requests = sandbox.requests();
    let request = requests.last().unwrap();
    (answer, request.authentication().unwrap().clone())
}

#[track_caller]
pub(crate) fn assert_refused(
    (answer, outcome): &(Answer, AuthenticationOutcome),
    check: AuthenticationCheck,
    what: &str,
) {
    let failed = outcome.failure().map(AuthenticationFailure::check);
    assert_eq!(failed, Some(check), "{what} {outcome:?}");
    assert_eq!(answer.status, 401, "{what}");
}

#[track_caller]
pub(crate) fn assert_admitted((answer, outcome): &(Answer, AuthenticationOutcome), what: &str) {
    assert!(outcome.failure().is_none(), "{what} {outcome:?}");
    assert_eq!(answer.status, 201, "{what}");
}

pub(crate) fn digest(body: &str) -> String {
    STANDARD.encode(digest::digest(&SHA256, body.as_bytes()))
}

#[derive(Clone, Copy)]
pub(crate) enum Signing<'a> {
    Hmac(&'a [u8]),
    Rsa(&'a KeyPair),
    Unsigned,
}

/// A valid JWT, unless a test changes its members.
#[derive(Clone)]
pub(crate) struct Jwt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl Jwt {
    pub(crate) fn new(algorithm: &str, key_id: &str, owner: &str, merchant_id: &str) -> Self {
        Self {
            header: json!({"alg": algorithm, "kid": key_id, "typ": "JWT"}),
            claims: json!({
                "digest": digest(BODY),
                "digestAlgorithm": "SHA-256",
                "exp": NOW + 120,
                "iat": NOW,
                "iss": owner,
                "jti": Uuid::new_v4().to_string(),
                "request-host": HOST,
                "request-method": "post",
                "request-resource-path": Call::v3(VISA).target,
                "v-c-jwt-version": "2",
                "v-c-merchant-id": merchant_id,
            }),
        }
    }

    /// A JWT of version 1, as the vendor's older SDKs make them.
    pub(crate) fn version_1(certificate: &[u8], merchant_id: &str) -> Self {
        Self {
            header: json!({
                "alg": "RS256",
                "v-c-merchant-id": merchant_id,
                "x5c": [STANDARD.encode(certificate)],
            }),
            claims: json!({"digest": digest(BODY), "digestAlgorithm": "SHA-256", "iat": DATE}),
        }
    }

    /// A JWT of the merchant, signed by shared secret.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let merchant = sandbox.merchant();
        Self::new("HS256", merchant.key_id(), merchant.id(), merchant.id())
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
        self
    }

    pub(crate) fn signed(&self, signing: Signing<'_>) -> String {
        let encode = |value: &Value| BASE64URL.encode(value.to_string());
        let text = format!("{}.{}", encode(&self.header), encode(&self.claims));
        let signature = match signing {
            Signing::Hmac(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
            }
            Signing::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let random = SystemRandom::new();
                key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
            Signing::Unsigned => Vec::new(),
        };
        format!("{text}.{}", BASE64URL.encode(signature))
    }

    /// Returns a call that is signed by the merchant's shared secret.
    pub(crate) fn call(&self, sandbox: &Sandbox) -> Call {
        let secret = secret(sandbox.merchant().shared_secret());
        bearer(&self.signed(Signing::Hmac(&secret)))
    }
}

pub(crate) fn secret(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

pub(crate) fn bearer(word: &str) -> Call {
    let authorization = format!("Bearer {word}");
    Call::v3(VISA)
        .body(BODY)
        .with("Authorization", &authorization)
}

/// A valid HTTP signature, unless a test changes its parts.
#[derive(Clone)]
pub(crate) struct HttpSignature {
    pub(crate) key_id: String,
    pub(crate) secret: Vec<u8>,
    pub(crate) algorithm: &'static str,
    pub(crate) headers: String,
    pub(crate) host: &'static str,
    pub(crate) date: &'static str,
    pub(crate) target: String,
    pub(crate) digest: String,
    /// The merchant in the signed line, which owns the key.
    pub(crate) owner: String,
    /// The merchant in the header.
    pub(crate) merchant_id: String,
}

impl HttpSignature {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let merchant = sandbox.merchant();
        Self {
            key_id: merchant.key_id().to_owned(),
            secret: secret(merchant.shared_secret()),
            algorithm: "HmacSHA256",
            headers: "host date request-target digest v-c-merchant-id".to_owned(),
            host: HOST,
            date: DATE,
            target: format!("post {}", Call::v3(VISA).target),
            digest: format!("SHA-256={}", digest(BODY)),
            owner: merchant.id().to_owned(),
            merchant_id: merchant.id().to_owned(),
        }
    }

    pub(crate) fn parameters(&self) -> String {
        let line = |name: &str| match name {
            "host" => format!("host: {}", self.host),
            "date" | "v-c-date" => format!("{name}: {}", self.date),
            "request-target" | "(request-target)" => format!("{name}: {}", self.target),
            "digest" => format!("digest: {}", self.digest),
            "v-c-merchant-id" => format!("v-c-merchant-id: {}", self.owner),
            name => format!("{name}: application/json;charset=utf-8"),
        };
        let lines: Vec<String> = self.headers.split(' ').map(line).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let tag = hmac::sign(&key, lines.join("\n").as_bytes());
        let signature = STANDARD.encode(tag);
        let (key_id, algorithm, headers) = (&self.key_id, self.algorithm, &self.headers);
        format!(
            r#"keyid="{key_id}", algorithm="{algorithm}", headers="{headers}", signature="{signature}""#
        )
    }

    pub(crate) fn call(&self) -> Call {
        let old = self.headers.contains("v-c-date");
        let date = if old { "v-c-date" } else { "Date" };
        Call::v3(VISA)
            .body(BODY)
            .with(date, self.date)
            .with("Digest", &self.digest)
            .with("v-c-merchant-id", &self.merchant_id)
            .with("Signature", &self.parameters())
    }
}
