//! The service's part of RFC 7516 that opens JWEs.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{OaepAlgorithm, OaepPrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::checks;

/// The parts of a compact JWE.
pub(super) struct Parts<'a> {
    pub(super) header: Map<String, Value>,
    /// The header as it was sent: the tag covers it too.
    protected: &'a str,
    encrypted_key: Vec<u8>,
    vector: Vec<u8>,
    /// The encrypted text, and its tag.
    text: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// RFC 7516 §7.1; none unless all five parts are there and can be decoded.
    pub(super) fn read(jwe: &'a str) -> Option<Self> {
        let parts: Vec<&str> = jwe.split('.').collect();
        let &[protected, encrypted_key, vector, text, tag] = parts.as_slice() else {
            return None;
        };
        let decode = |part: &str| BASE64URL.decode(part).ok();
        let mut text = decode(text)?;
        text.extend(decode(tag)?);
        Some(Self {
            header: checks::parse(&decode(protected)?).ok()?,
            protected,
            encrypted_key: decode(encrypted_key)?,
            vector: decode(vector)?,
            text,
        })
    }

    /// RFC 7516 §5.2.
    pub(super) fn open(
        self,
        key: &OaepPrivateDecryptingKey,
        algorithm: &'static OaepAlgorithm,
    ) -> Result<Vec<u8>, Unspecified> {
        let mut content_key = Zeroizing::new(vec![0; key.min_output_size()]);
        let content_key = key.decrypt(
            algorithm,
            &self.encrypted_key,
            content_key.as_mut_slice(),
            None,
        )?;
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key)?);
        let mut text = self.text;
        let length = cipher
            .open_in_place(
                Nonce::try_assume_unique_for_key(&self.vector)?,
                Aad::from(self.protected.as_bytes()),
                &mut text,
            )?
            .len();
        text.truncate(length);
        Ok(text)
    }
}
