//! The part of RFC 7516 that opens JWEs, written for these tests on cryptographic primitives.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use payment_credentials_sandbox::Merchant;
use serde_json::Value;

pub(crate) struct Parts {
    header: String,
    rest: [Vec<u8>; 4],
}

impl Parts {
    pub(crate) fn split(jwe: &str) -> Self {
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let parts: [&str; 5] = jwe.split('.').collect::<Vec<_>>().try_into().unwrap();
        let [header, rest @ ..] = parts;
        Self {
            header: header.to_owned(),
            rest: rest.map(decode),
        }
    }

    pub(crate) fn header(&self) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&self.header).unwrap()).unwrap()
    }

    pub(crate) fn lengths(&self) -> [usize; 3] {
        let [key, vector, _, tag] = &self.rest;
        [key.len(), vector.len(), tag.len()]
    }

    pub(crate) fn open(&self, merchant: &Merchant) -> Result<Value, Unspecified> {
        let text = self.text(merchant.opening_key_pem())?;
        Ok(serde_json::from_str(&text).unwrap())
    }

    /// Decrypts with a key in PEM.
    fn text(&self, pem: &str) -> Result<String, Unspecified> {
        let [key, vector, text, tag] = &self.rest;
        let mut content_key = vec![0; 256];
        let content_key =
            private_key(pem).decrypt(&OAEP_SHA256_MGF1SHA256, key, &mut content_key, None)?;
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key)?);
        let mut plaintext = vec![0; text.len()];
        cipher.open_separate_gather(
            Nonce::try_assume_unique_for_key(vector)?,
            Aad::from(self.header.as_bytes()),
            text,
            tag,
            &mut plaintext,
        )?;
        Ok(String::from_utf8(plaintext).unwrap())
    }
}

/// Opens a JWE that was sealed for the merchant.
pub(crate) fn open(jwe: &str, merchant: &Merchant) -> Value {
    Parts::split(jwe).open(merchant).unwrap()
}

/// Opens a JWE that was sealed for a key in PEM.
pub(crate) fn open_text(jwe: &str, pem: &str) -> Result<String, Unspecified> {
    Parts::split(jwe).text(pem)
}

fn private_key(pem: &str) -> OaepPrivateDecryptingKey {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(base64).unwrap();
    let key = PrivateDecryptingKey::from_pkcs8(&der).unwrap();
    OaepPrivateDecryptingKey::new(key).unwrap()
}
