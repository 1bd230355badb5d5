use std::time::{Duration, SystemTime};

use josekit::jwe::alg::rsaes::{RsaesJweDecrypter, RsaesJweEncrypter};
use josekit::jwe::{self, JweHeader, RSA_OAEP_256};
use payment_credentials_measure::fixtures::{PRIVATE_KEY, RECIPIENT_KEY};
use serde_json::{Value, json};

/// Opens a JWE.
pub struct Opening(RsaesJweDecrypter);

impl Default for Opening {
    fn default() -> Self {
        let decrypter = RSA_OAEP_256.decrypter_from_pem(PRIVATE_KEY);
        Self(decrypter.expect("a key"))
    }
}

impl Opening {
    pub fn open(&self, jwe: &str) -> Value {
        let (payload, _) = jwe::deserialize_compact(jwe, &self.0).expect("opened");
        serde_json::from_slice(&payload).expect("JSON")
    }
}

/// Encrypts request bodies.
pub struct Sealing(RsaesJweEncrypter);

impl Default for Sealing {
    fn default() -> Self {
        let encrypter = RSA_OAEP_256.encrypter_from_pem(RECIPIENT_KEY);
        Self(encrypter.expect("a key"))
    }
}

impl Sealing {
    pub fn seal(&self, body: &[u8], now: SystemTime) -> String {
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
        let issued_at = since_1970.unwrap_or(Duration::ZERO).as_secs();
        let mut header = JweHeader::new();
        header.set_content_encryption("A256GCM");
        header.set_content_type("JWT");
        header.set_key_id("9610138156489551526742");
        let claim = header.set_claim("iat", Some(json!(issued_at)));
        claim.expect("a claim");
        let jwe = jwe::serialize_compact(body, &header, &self.0).expect("sealed");
        json!({ "encryptedRequest": jwe }).to_string()
    }
}
