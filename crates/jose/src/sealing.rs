//! Encrypts a request's body: RSA-OAEP-256 with A256GCM, with a fresh key and a fresh IV each time.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::KeyId;
use thiserror::Error;
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
const IV_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// The JSON around the JWE in the body that is sent.
const START: &[u8] = br#"{"encryptedRequest":""#;
const END: &[u8] = br#""}"#;

/// A public key, and the start of every body that is encrypted for it.
#[derive(Clone)]
pub(crate) struct Sealer {
    key: Arc<OaepPublicEncryptingKey>,
    /// [`START`], and the encoded part of the header that is always the same.
    start: Box<[u8]>,
    /// The rest of that part before the value of `iat`, not yet encoded: fewer than three bytes.
    rest: Box<str>,
}

/// The cryptography library failed, which isn't expected; its error gives no detail.
#[derive(Debug, Error)]
#[error("the cryptography library failed to encrypt")]
pub(crate) struct SealingFailed;

impl From<Unspecified> for SealingFailed {
    fn from(_says_nothing: Unspecified) -> Self {
        Self
    }
}

impl Sealer {
    /// Reads a public key in the form of certificates (SPKI); `None` if it isn't RSA of 2048 to 8192 bits.
    pub(crate) fn new(public_key: &[u8], key_id: &KeyId) -> Option<Self> {
        let key = PublicEncryptingKey::from_der(public_key).ok()?;
        // The members that the vendor's own clients send, in their order; a key id needs no escaping.
        let kid = key_id.as_str();
        let header =
            format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT","kid":"{kid}","iat":"#);
        // Base64 encodes three bytes at a time.
        let (whole, rest) = header.split_at_checked(header.len() / 3 * 3)?;
        let mut start = START.to_vec();
        encode(whole.as_bytes(), &mut start).ok()?;
        Some(Self {
            key: Arc::new(OaepPublicEncryptingKey::new(key).ok()?),
            start: start.into(),
            rest: rest.into(),
        })
    }

    /// The JSON `{"encryptedRequest": JWE}`; `issued_at` is in seconds since 1970.
    pub(crate) fn seal(&self, body: &[u8], issued_at: u64) -> Result<Vec<u8>, SealingFailed> {
        let mut random = Zeroizing::new([0; KEY_LEN + IV_LEN]);
        rand::fill(&mut *random)?;
        let (content_key, iv) = random.split_at(KEY_LEN);
        let mut encrypted_key = vec![0; self.key.ciphertext_size()];
        let oaep = &OAEP_SHA256_MGF1SHA256;
        self.key
            .encrypt(oaep, content_key, &mut encrypted_key, None)?;

        let header_end = format!("{}{issued_at}}}", self.rest);
        let bytes = header_end.len() + encrypted_key.len() + IV_LEN + body.len() + TAG_LEN;
        // Each of the five parts may need one more character, and there are four dots.
        let length = self.start.len() + bytes * 4 / 3 + 5 + 4 + END.len();
        let mut json = Vec::with_capacity(length);
        json.extend_from_slice(&self.start);
        encode(header_end.as_bytes(), &mut json)?;
        let header = json.get(START.len()..).unwrap_or_default();
        let (ciphertext, tag) = encrypt(content_key, iv, header, body)?;
        for part in [&*encrypted_key, iv, &ciphertext, &tag] {
            json.push(b'.');
            encode(part, &mut json)?;
        }
        json.extend_from_slice(END);
        Ok(json)
    }
}

/// Appends a part in base64url.
fn encode(part: &[u8], json: &mut Vec<u8>) -> Result<(), SealingFailed> {
    let start = json.len();
    json.resize(start + (part.len() * 4).div_ceil(3), 0);
    let place = json.get_mut(start..).unwrap_or_default();
    let written = URL_SAFE_NO_PAD.encode_slice(part, place);
    written.map(drop).ok().ok_or(SealingFailed)
}

/// The ciphertext and the tag; no copy of the plaintext is made in between.
fn encrypt(
    key: &[u8],
    iv: &[u8],
    header: &[u8],
    plaintext: &[u8],
) -> Result<(Vec<u8>, [u8; TAG_LEN]), Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let (nonce, aad) = (Nonce::try_assume_unique_for_key(iv)?, Aad::from(header));
    let (mut ciphertext, mut tag) = (vec![0; plaintext.len()], [0; TAG_LEN]);
    key.seal_out_of_place_scatter(nonce, aad, plaintext, &mut ciphertext, &[], &mut tag)?;
    Ok((ciphertext, tag))
}
