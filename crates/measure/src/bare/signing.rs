use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue};
use payment_credentials_core::seam::UnsignedRequest;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use uuid::Builder;

use crate::fixtures::{KEY_ID, MERCHANT, PRIVATE_KEY, SECRET};

/// Signs with a shared secret.
#[derive(Debug)]
pub struct SharedSecret {
    key: hmac::Key,
    /// The JOSE header in base64url.
    header: String,
}

impl Default for SharedSecret {
    fn default() -> Self {
        let secret = STANDARD.decode(SECRET).expect("base64");
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
            header: header("HS256"),
        }
    }
}

impl SharedSecret {
    /// The headers of an HTTP Signature.
    #[must_use]
    pub fn http_signature(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        let date = httpdate::fmt_http_date(now);
        let digest = format!("SHA-256={}", body_digest(request));
        let (host, path) = (&request.host, &request.path);
        let lines = format!(
            "host: {host}\nv-c-date: {date}\nrequest-target: post {path}\ndigest: {digest}\n\
             v-c-merchant-id: {MERCHANT}"
        );
        let signature = STANDARD.encode(hmac::sign(&self.key, lines.as_bytes()));
        let signature = format!(
            "keyid=\"{KEY_ID}\", algorithm=\"HmacSHA256\", \
             headers=\"host v-c-date request-target digest v-c-merchant-id\", \
             signature=\"{signature}\""
        );
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert("v-c-date", value(date));
        headers.insert("v-c-merchant-id", HeaderValue::from_static(MERCHANT));
        headers.insert("digest", value(digest));
        headers.insert("signature", value(signature));
        headers
    }

    /// The header of a JWT, HS256.
    #[must_use]
    pub fn jwt(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        let jwt = unsigned_jwt(&self.header, request, now);
        let signature = hmac::sign(&self.key, jwt.as_bytes());
        bearer(&jwt, signature.as_ref())
    }
}

/// Signs with a certificate's key.
#[derive(Debug)]
pub struct Certificate {
    key: RsaKeyPair,
    random: SystemRandom,
    /// The JOSE header in base64url.
    header: String,
}

impl Default for Certificate {
    fn default() -> Self {
        let der = PrivatePkcs8KeyDer::from_pem_slice(PRIVATE_KEY).expect("a key");
        Self {
            key: RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("a key"),
            random: SystemRandom::new(),
            header: header("RS256"),
        }
    }
}

impl Certificate {
    /// The header of a JWT, RS256.
    #[must_use]
    pub fn jwt(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        let jwt = unsigned_jwt(&self.header, request, now);
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed = self.key.sign(
            &RSA_PKCS1_SHA256,
            &self.random,
            jwt.as_bytes(),
            &mut signature,
        );
        signed.expect("a signature");
        bearer(&jwt, &signature)
    }
}

fn header(algorithm: &str) -> String {
    let header = format!(r#"{{"alg":"{algorithm}","kid":"{KEY_ID}","typ":"JWT"}}"#);
    URL_SAFE_NO_PAD.encode(header)
}

fn body_digest(request: &UnsignedRequest) -> String {
    STANDARD.encode(digest(&SHA256, &request.body))
}

fn unsigned_jwt(header: &str, request: &UnsignedRequest, now: SystemTime) -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("random bytes");
    let id = Builder::from_random_bytes(random).into_uuid();
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
    let issued = since_1970.unwrap_or(Duration::ZERO).as_secs();
    let (expires, digest) = (issued + 120, body_digest(request));
    let (host, path) = (&request.host, &request.path);
    let claims = format!(
        concat!(
            r#"{{"digest":"{digest}","digestAlgorithm":"SHA-256","exp":{expires},"iat":{issued},"#,
            r#""iss":"{merchant}","jti":"{id}","request-host":"{host}","request-method":"post","#,
            r#""request-resource-path":"{path}","v-c-jwt-version":"2","#,
            r#""v-c-merchant-id":"{merchant}"}}"#
        ),
        digest = digest,
        expires = expires,
        issued = issued,
        merchant = MERCHANT,
        id = id,
        host = host,
        path = path
    );
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims))
}

fn bearer(jwt: &str, signature: &[u8]) -> HeaderMap {
    let signature = URL_SAFE_NO_PAD.encode(signature);
    let mut headers = HeaderMap::with_capacity(1);
    headers.insert("authorization", value(format!("Bearer {jwt}.{signature}")));
    headers
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("a header value")
}
