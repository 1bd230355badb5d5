//! The service's part of RFC 7516 that makes JWEs: compact, RSA-OAEP-256 with A256GCM.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use zeroize::Zeroizing;

use crate::dice;

/// Seals plaintexts for the owner of one RSA key.
pub(crate) struct Sealer {
    key: OaepPublicEncryptingKey,
    /// The encoded protected header, which is the same for every JWE.
    header: String,
}

impl Sealer {
    pub(crate) fn new(key: PublicEncryptingKey, key_id: &str) -> Result<Self, Unspecified> {
        // The members and their order are those of the vendor's published sample.
        let header = format!(
            r#"{{"kid":"{key_id}","cty":"json","typ":"JWT","enc":"A256GCM","alg":"RSA-OAEP-256"}}"#
        );
        Ok(Self {
            key: OaepPublicEncryptingKey::new(key)?,
            header: BASE64URL.encode(header),
        })
    }

    /// RFC 7516 §5.1 and §7.1, with a content key and an initialisation vector of its own.
    pub(crate) fn seal(&self, plaintext: &str) -> Result<String, Unspecified> {
        let content_key = Zeroizing::new(dice::bytes::<32>()?);
        let vector = dice::bytes::<12>()?;

        let mut encrypted_key = vec![0; self.key.ciphertext_size()];
        let encrypted_key = self.key.encrypt(
            &OAEP_SHA256_MGF1SHA256,
            content_key.as_slice(),
            &mut encrypted_key,
            None,
        )?;

        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key.as_slice())?);
        let mut text = plaintext.as_bytes().to_vec();
        let tag = cipher.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(vector),
            Aad::from(self.header.as_bytes()),
            &mut text,
        )?;

        Ok([
            self.header.clone(),
            BASE64URL.encode(encrypted_key),
            BASE64URL.encode(vector),
            BASE64URL.encode(text),
            BASE64URL.encode(tag),
        ]
        .join("."))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}
