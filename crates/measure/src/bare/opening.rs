use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::Value;

use crate::fixtures::PRIVATE_KEY;

/// Opens a JWE.
#[derive(Debug)]
pub struct Opening(OaepPrivateDecryptingKey);

impl Default for Opening {
    fn default() -> Self {
        let der = PrivatePkcs8KeyDer::from_pem_slice(PRIVATE_KEY).expect("a key");
        let key = PrivateDecryptingKey::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
        Self(OaepPrivateDecryptingKey::new(key).expect("a key"))
    }
}

impl Opening {
    /// The plaintext of a JWE.
    #[must_use]
    pub fn open(&self, jwe: &str) -> Vec<u8> {
        let (header, parts) = jwe.split_once('.').expect("a header");
        let mut parts = parts
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64"));
        let mut next = || parts.next().expect("a part");
        let (wrapped, iv, ciphertext, tag) = (next(), next(), next(), next());

        let mut buffer = vec![0; self.0.min_output_size()];
        let oaep = &OAEP_SHA256_MGF1SHA256;
        let key = self.0.decrypt(oaep, &wrapped, &mut buffer, None);
        let key = UnboundKey::new(&AES_256_GCM, key.expect("unwrapped")).expect("a key");
        let mut plaintext = vec![0; ciphertext.len()];
        let nonce = Nonce::try_assume_unique_for_key(&iv).expect("an IV");
        let (key, aad) = (LessSafeKey::new(key), Aad::from(header));
        key.open_separate_gather(nonce, aad, &ciphertext, &tag, &mut plaintext)
            .expect("opened");
        plaintext
    }
}

/// Parses a payload.
#[must_use]
pub fn parse(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).expect("JSON")
}
