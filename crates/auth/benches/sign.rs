//! Compares the cost of signing a request with the bare primitives over the same bytes.
#![expect(
    clippy::expect_used,
    reason = "a benchmark ends where its input is wrong"
)]

use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use payment_credentials_auth::{
    CertificateKey, HttpSignatureAuthenticator, JwtAuthenticator, JwtId, JwtIds as _, SharedSecret,
    SharedSecretKey, SystemJwtIds,
};
use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials_keys::{SigningIdentity, SigningKey};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

/// The secret of the vendor's public samples.
const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

const MERCHANT_PEM: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/vectors/jwe/keys/merchant.pkcs8.pem"
));

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000)
}

fn secret_key() -> SharedSecretKey {
    let secret = SharedSecret::from_base64(SECRET).expect("a secret");
    let key_id = "08c94330-f618-42a3-b09d-e1e43be5efda";
    let merchant = "testrest".parse().expect("a merchant id");
    SharedSecretKey::new(merchant, key_id.parse().expect("a key id"), secret)
}

fn certificate_key() -> CertificateKey {
    let key = SigningKey::from_pem(MERCHANT_PEM).expect("a key");
    let key_id = "1780000000000000000001".parse().expect("a key id");
    let merchant = "testrest".parse().expect("a merchant id");
    CertificateKey::new(merchant, SigningIdentity::new(key, key_id))
}

/// A request with a body of 1 KiB, about as large as an encrypted one.
fn request() -> UnsignedRequest {
    with_body(&[b'x'; 1024])
}

fn with_body(body: &'static [u8]) -> UnsignedRequest {
    let path = "/tms/v3/tokens/7010000000016241111/payment-credentials";
    let body = Bytes::from_static(body);
    UnsignedRequest::new(Method::POST, "apitest.cybersource.com", path, body)
}

/// Signs through the trait [`RequestAuthenticator`].
fn sign(authenticator: &dyn RequestAuthenticator, request: &UnsignedRequest) -> HeaderMap {
    let signed = pollster::block_on(authenticator.authenticate(request, now()));
    signed.expect("headers")
}

/// Returns the signed text, without the signature.
fn signed(headers: &HeaderMap) -> String {
    let jwt = headers["authorization"].to_str().expect("text");
    let (signed, _) = jwt.rsplit_once('.').expect("a signature");
    signed.trim_start_matches("Bearer ").to_owned()
}

fn shared_secret(title: &'static str, request: &UnsignedRequest) {
    let authenticator = JwtAuthenticator::with_shared_secret(secret_key());
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    let headers = sign(&authenticator, request);
    let message = signed(&headers);
    let key = STANDARD.decode(SECRET).expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Race::new(title)
        .with("SHA-256 and HMAC alone", || {
            (
                digest(&SHA256, &request.body),
                hmac::sign(&key, message.as_bytes()),
            )
        })
        .with("JwtAuthenticator::authenticate", || {
            sign(&authenticator, request)
        })
        .with("JwtAuthenticator::headers, JWT ID given", || {
            authenticator
                .headers(request, now(), JwtId::from_random([7; 16]))
                .expect("headers")
        })
        .with("HttpSignatureAuthenticator::authenticate", || {
            sign(&http_signature, request)
        })
        .with("a JWT ID from the system", || {
            SystemJwtIds.draw().expect("a JWT ID")
        })
        .with("a random number of the cryptography library", || {
            let mut bytes = [0; 16];
            aws_lc_rs::rand::fill(&mut bytes).expect("random");
            bytes
        })
        .run(2000);
}

fn certificate() {
    let request = request();
    let authenticator = JwtAuthenticator::with_certificate(certificate_key());
    let headers = sign(&authenticator, &request);
    let message = signed(&headers);
    let der = PrivatePkcs8KeyDer::from_pem_slice(MERCHANT_PEM).expect("a key");
    let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
    let random = SystemRandom::new();
    Race::new("sign a request with a body of 1 KiB, RS256, RSA-2048")
        .with("the RSA signature alone", || {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(
                &RSA_PKCS1_SHA256,
                &random,
                message.as_bytes(),
                &mut signature,
            )
            .expect("a signature");
            signature
        })
        .with("JwtAuthenticator::authenticate", || {
            sign(&authenticator, &request)
        })
        .run(2000);
}

fn main() {
    if is_wanted() {
        certificate();
        shared_secret("sign a request with a body of 1 KiB, HS256", &request());
        let small = br#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#;
        shared_secret(
            "sign a request with a body of 63 bytes, HS256",
            &with_body(small),
        );
    }
}
