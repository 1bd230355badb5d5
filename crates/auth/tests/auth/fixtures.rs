//! Keys, requests, times and JWT IDs.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use payment_credentials_auth::{
    CertificateKey, JwtAuthenticator, JwtId, SharedSecret, SharedSecretKey,
};
use payment_credentials_core::AuthError;
use payment_credentials_core::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials_keys::{SigningIdentity, SigningKey};
use serde_json::Value;

/// The secret that all of the vendor's public samples use.
pub(crate) const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

pub(crate) const MERCHANT_PEM: &[u8] =
    include_bytes!("../../../../tests/vectors/jwe/keys/merchant.pkcs8.pem");

pub(crate) const CERTIFICATE_PEM: &[u8] =
    include_bytes!("../../../../tests/vectors/jwe/keys/certificate.pem");

pub(crate) const NOW: u64 = 1_780_000_000;

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an id")
}

pub(crate) fn secret_key() -> SharedSecretKey {
    let secret = SharedSecret::from_base64(SECRET).expect("a secret");
    let key_id = id("08c94330-f618-42a3-b09d-e1e43be5efda");
    SharedSecretKey::new(id("testrest"), key_id, secret)
}

pub(crate) fn jwt() -> JwtAuthenticator {
    JwtAuthenticator::with_shared_secret(secret_key())
}

/// A key for tests only, with an id as long as the vendor's.
pub(crate) fn certificate_key(owner: &str) -> CertificateKey {
    let key = SigningKey::from_pem(MERCHANT_PEM).expect("a key");
    let identity = SigningIdentity::new(key, id("1780000000000000000001"));
    CertificateKey::new(id(owner), identity)
}

pub(crate) fn jwt_id() -> JwtId {
    JwtId::from_random([7; 16])
}

pub(crate) fn unsigned() -> UnsignedRequest {
    let path = "/tms/v3/tokens/7010000000016241111/payment-credentials";
    let body = Bytes::from_static(b"{}");
    UnsignedRequest::new(Method::POST, "apitest.cybersource.com", path, body)
}

/// Signs through the trait [`RequestAuthenticator`].
pub(crate) fn sign(
    authenticator: &dyn RequestAuthenticator,
    unsigned: &UnsignedRequest,
    now: SystemTime,
) -> Result<HeaderMap, AuthError> {
    pollster::block_on(authenticator.authenticate(unsigned, now))
}

/// The claims of the JWT in these headers.
pub(crate) fn claims(headers: &HeaderMap) -> Value {
    let jwt = headers["authorization"].to_str().expect("text");
    let claims = jwt.split('.').nth(1).expect("three parts");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}
