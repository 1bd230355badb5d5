use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use josekit::jws::alg::hmac::HmacJwsSigner;
use josekit::jws::alg::rsassa::RsassaJwsSigner;
use josekit::jws::{self, HS256, JwsHeader, JwsSigner, RS256};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::sign::Signer;
use payment_credentials_core::seam::UnsignedRequest;
use payment_credentials_measure::fixtures::{KEY_ID, MERCHANT, PRIVATE_KEY, SECRET};
use serde_json::json;
use uuid::Uuid;

/// Signs with a shared secret.
pub struct SharedSecret {
    signer: HmacJwsSigner,
    key: PKey<Private>,
}

impl Default for SharedSecret {
    fn default() -> Self {
        let secret = STANDARD.decode(SECRET).expect("base64");
        Self {
            signer: HS256.signer_from_bytes(&secret).expect("a secret"),
            key: PKey::hmac(&secret).expect("a secret"),
        }
    }
}

impl SharedSecret {
    pub fn jwt(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        jwt(&self.signer, request, now)
    }

    pub fn http_signature(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        let date = httpdate::fmt_http_date(now);
        let digest = format!("SHA-256={}", body_digest(request));
        let (host, path) = (&request.host, &request.path);
        let lines = format!(
            "host: {host}\nv-c-date: {date}\nrequest-target: post {path}\ndigest: {digest}\n\
             v-c-merchant-id: {MERCHANT}"
        );
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).expect("a signer");
        let signature = signer.sign_oneshot_to_vec(lines.as_bytes());
        let signature = STANDARD.encode(signature.expect("a signature"));
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
}

/// Signs with a certificate's key.
pub struct Certificate(RsassaJwsSigner);

impl Default for Certificate {
    fn default() -> Self {
        Self(RS256.signer_from_pem(PRIVATE_KEY).expect("a key"))
    }
}

impl Certificate {
    pub fn jwt(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        jwt(&self.0, request, now)
    }
}

fn jwt(signer: &dyn JwsSigner, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
    let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
    let issued = since_1970.unwrap_or(Duration::ZERO).as_secs();
    let claims = json!({
        "digest": body_digest(request),
        "digestAlgorithm": "SHA-256",
        "exp": issued + 120,
        "iat": issued,
        "iss": MERCHANT,
        "jti": Uuid::new_v4().to_string(),
        "request-host": request.host,
        "request-method": "post",
        "request-resource-path": request.path,
        "v-c-jwt-version": "2",
        "v-c-merchant-id": MERCHANT,
    });
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    header.set_key_id(KEY_ID);
    let jwt = jws::serialize_compact(claims.to_string().as_bytes(), &header, signer);
    let mut headers = HeaderMap::with_capacity(1);
    let bearer = format!("Bearer {}", jwt.expect("a signature"));
    headers.insert("authorization", value(bearer));
    headers
}

fn body_digest(request: &UnsignedRequest) -> String {
    STANDARD.encode(sha256(&request.body))
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("a header value")
}
