//! Seals valid and invalid JWEs; written independently of the opener.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::Jwe;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

use crate::fixtures::{MERCHANT, jwe, kid, read};

/// A Visa network token, as small as the parser accepts.
pub(crate) const CREDENTIALS: &[u8] = br#"{"tokenizedCard":{"state":"ACTIVE",
    "number":"4895370016750801","type":"visa","expirationMonth":"12","expirationYear":"2031",
    "cryptogram":"AwAAAADggP/Ce5+ZciCXQUUAAAA="}}"#;

const CONTENT_KEY: [u8; 32] = [0x5a; 32];

/// The content to seal and how to seal it; every part can be set to an invalid value.
#[derive(Clone)]
pub(crate) struct Sealer {
    pub(crate) key: &'static str,
    pub(crate) header: String,
    pub(crate) oaep: &'static OaepAlgorithm,
    pub(crate) label: Option<&'static [u8]>,
    /// The content of the encrypted key. The plaintext is encrypted with 32 bytes of it, padded with
    /// zeros.
    pub(crate) content_key: Vec<u8>,
    pub(crate) plaintext: Vec<u8>,
}

impl Sealer {
    /// A valid JWE of the service for the key `merchant`.
    pub(crate) fn good() -> Self {
        Self::with_kid(MERCHANT, kid(MERCHANT).as_str())
    }

    pub(crate) fn with_kid(key: &'static str, kid: &str) -> Self {
        let kid = serde_json::to_string(kid).expect("JSON");
        Self::with_members(key, &format!(r#","kid":{kid}"#))
    }

    pub(crate) fn without_kid(key: &'static str) -> Self {
        Self::with_members(key, "")
    }

    /// `members` follow `alg` and `enc`.
    pub(crate) fn with_members(key: &'static str, members: &str) -> Self {
        Self {
            key,
            header: format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM"{members}}}"#),
            oaep: &OAEP_SHA256_MGF1SHA256,
            label: None,
            content_key: CONTENT_KEY.to_vec(),
            plaintext: CREDENTIALS.to_vec(),
        }
    }

    pub(crate) fn seal(&self) -> Parts {
        let encrypted_key = self.wrap();
        let mut key = self.content_key.clone();
        key.resize(32, 0);
        let key = UnboundKey::new(&AES_256_GCM, &key).expect("a key");
        let iv = [7; 12];
        let mut ciphertext = self.plaintext.clone();
        let tag = LessSafeKey::new(key)
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(iv),
                Aad::from(URL_SAFE_NO_PAD.encode(&self.header)),
                &mut ciphertext,
            )
            .expect("sealed");
        let header = self.header.clone().into_bytes();
        let tag = tag.as_ref().to_vec();
        Parts([header, encrypted_key, iv.to_vec(), ciphertext, tag])
    }

    pub(crate) fn jwe(&self) -> Jwe {
        self.seal().jwe()
    }

    fn wrap(&self) -> Vec<u8> {
        let key = OaepPublicEncryptingKey::new(public_key(self.key)).expect("a key");
        let mut encrypted = vec![0; key.ciphertext_size()];
        let label = self.label;
        let written = key.encrypt(self.oaep, &self.content_key, &mut encrypted, label);
        written.expect("encrypted").to_vec()
    }
}

pub(crate) fn public_key(name: &str) -> PublicEncryptingKey {
    let pem = read(&format!("keys/{name}.public.pem"));
    let der = SubjectPublicKeyInfoDer::from_pem_slice(&pem).expect("a public key");
    PublicEncryptingKey::from_der(&der).expect("a public key")
}

/// The five parts, not yet encoded.
#[derive(Clone)]
pub(crate) struct Parts(pub(crate) [Vec<u8>; 5]);

impl Parts {
    pub(crate) const HEADER: usize = 0;
    pub(crate) const ENCRYPTED_KEY: usize = 1;
    pub(crate) const IV: usize = 2;
    pub(crate) const CIPHERTEXT: usize = 3;
    pub(crate) const TAG: usize = 4;

    pub(crate) fn with(mut self, part: usize, bytes: impl Into<Vec<u8>>) -> Self {
        self.0[part] = bytes.into();
        self
    }

    pub(crate) fn jwe(&self) -> Jwe {
        let parts: Vec<String> = self.0.iter().map(|p| URL_SAFE_NO_PAD.encode(p)).collect();
        jwe(&parts.join("."))
    }
}
