//! What signing a request costs, beside the bare primitives over the same bytes.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where its input is wrong"
)]

#[path = "../tests/auth/fixtures.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod fixtures;
#[path = "../../core/benches/race.rs"]
#[expect(dead_code, reason = "other benchmarks need more of it")]
mod race;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fixtures::{
    MERCHANT_PEM, NOW, SECRET, at, certificate_key, jwt, jwt_id, secret_key, sign, unsigned,
};
use http::HeaderMap;
use payment_credentials_auth::{
    HttpSignatureAuthenticator, JwtAuthenticator, JwtIds as _, SystemJwtIds,
};
use payment_credentials_core::seam::UnsignedRequest;
use race::Race;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

/// With a body of 1 KiB, about as large as an encrypted one.
fn request() -> UnsignedRequest {
    with_body(&[b'x'; 1024])
}

fn with_body(body: &'static [u8]) -> UnsignedRequest {
    let mut request = unsigned();
    request.body = Bytes::from_static(body);
    request
}

/// What was signed, without the signature.
fn signed(headers: &HeaderMap) -> String {
    let jwt = headers["authorization"].to_str().expect("text");
    let (signed, _) = jwt.rsplit_once('.').expect("a signature");
    signed.trim_start_matches("Bearer ").to_owned()
}

fn shared_secret(title: &'static str, request: &UnsignedRequest) {
    let authenticator = jwt();
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    let headers = sign(&authenticator, request, at(NOW)).expect("headers");
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
            sign(&authenticator, request, at(NOW)).expect("headers")
        })
        .with("JwtAuthenticator::headers, JWT ID given", || {
            authenticator
                .headers(request, at(NOW), jwt_id())
                .expect("headers")
        })
        .with("HttpSignatureAuthenticator::authenticate", || {
            sign(&http_signature, request, at(NOW)).expect("headers")
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
    let authenticator = JwtAuthenticator::with_certificate(certificate_key("testrest"));
    let headers = sign(&authenticator, &request, at(NOW)).expect("headers");
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
            sign(&authenticator, &request, at(NOW)).expect("headers")
        })
        .run(2000);
}

fn main() {
    if race::is_wanted() {
        certificate();
        shared_secret("sign a request with a body of 1 KiB, HS256", &request());
        let small = br#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#;
        shared_secret(
            "sign a request with a body of 63 bytes, HS256",
            &with_body(small),
        );
    }
}
