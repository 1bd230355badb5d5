//! What signing a request costs, beside the bare primitives over the same bytes.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where its input is wrong"
)]

#[path = "../tests/auth/fixtures.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod fixtures;
#[path = "../../core/benches/race.rs"]
mod race;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fixtures::{NOW, SECRET, at, jwt, nonce, secret_key, sign, unsigned};
use http::HeaderMap;
use payment_credentials_auth::{HttpSignatureAuthenticator, Nonces as _, SystemNonces};
use payment_credentials_core::seam::UnsignedRequest;
use race::Race;

/// A body as large as an encrypted one, or one with identity data.
fn request() -> UnsignedRequest {
    let mut request = unsigned();
    request.body = Bytes::from(vec![b'x'; 1024]);
    request
}

/// What was signed, without the signature.
fn signed(headers: &HeaderMap) -> String {
    let jwt = headers["authorization"].to_str().expect("text");
    let (signed, _) = jwt.rsplit_once('.').expect("a signature");
    signed.trim_start_matches("Bearer ").to_owned()
}

fn shared_secret() {
    let (authenticator, request) = (jwt(), request());
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    let headers = sign(&authenticator, &request, at(NOW)).expect("headers");
    let message = signed(&headers);
    let key = STANDARD.decode(SECRET).expect("base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Race::new("sign a request with a body of 1 KiB, HS256")
        .with("SHA-256 and HMAC alone", || {
            (
                digest(&SHA256, &request.body),
                hmac::sign(&key, message.as_bytes()),
            )
        })
        .with("JwtAuthenticator::authenticate", || {
            sign(&authenticator, &request, at(NOW)).expect("headers")
        })
        .with("JwtAuthenticator::headers, nonce given", || {
            authenticator
                .headers(&request, at(NOW), nonce())
                .expect("headers")
        })
        .with("HttpSignatureAuthenticator::authenticate", || {
            sign(&http_signature, &request, at(NOW)).expect("headers")
        })
        .with("a nonce from the system", || {
            SystemNonces.draw().expect("a nonce")
        })
        .with("a random number of the cryptography library", || {
            let mut bytes = [0; 16];
            aws_lc_rs::rand::fill(&mut bytes).expect("random");
            bytes
        })
        .run(2000);
}

fn main() {
    if race::is_wanted() {
        shared_secret();
    }
}
