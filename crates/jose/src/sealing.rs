//! Seals a request's body: RSA-OAEP-256 with A256GCM, a fresh key and a fresh IV each time.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::KeyId;
use thiserror::Error;
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
const IV_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// The cryptography library failed, which it has no reason to, and doesn't say why.
#[derive(Debug, Error)]
#[error("the cryptography library failed to encrypt")]
pub(crate) struct SealingFailed;

impl From<Unspecified> for SealingFailed {
    fn from(_says_nothing: Unspecified) -> Self {
        Self
    }
}

/// The JSON `{"encryptedRequest": JWE}`, for a key and a time in seconds.
pub(crate) fn encrypted_request(
    key: &OaepPublicEncryptingKey,
    key_id: &KeyId,
    issued_at: u64,
    body: &[u8],
) -> Result<String, SealingFailed> {
    let header = header(key_id, issued_at);
    let mut content_key = Zeroizing::new([0; KEY_LEN]);
    let mut iv = [0; IV_LEN];
    rand::fill(&mut *content_key)?;
    rand::fill(&mut iv)?;
    let mut encrypted_key = vec![0; key.ciphertext_size()];
    let oaep = &OAEP_SHA256_MGF1SHA256;
    key.encrypt(oaep, &*content_key, &mut encrypted_key, None)?;

    let header = URL_SAFE_NO_PAD.encode(header);
    let (ciphertext, tag) = encrypt(&content_key, iv, &header, body)?;
    let parts: [&[u8]; 4] = [&encrypted_key, &iv, &ciphertext, &tag];

    let (start, end) = (r#"{"encryptedRequest":""#, r#""}"#);
    let encoded = parts.map(|part| 1 + (part.len() * 4).div_ceil(3));
    let length = start.len() + header.len() + encoded.iter().sum::<usize>() + end.len();
    let mut json = String::with_capacity(length);
    json.push_str(start);
    json.push_str(&header);
    for part in parts {
        json.push('.');
        URL_SAFE_NO_PAD.encode_string(part, &mut json);
    }
    json.push_str(end);
    Ok(json)
}

/// The members that the vendor's own clients send, in their order; a key id needs no escapes.
fn header(key_id: &KeyId, issued_at: u64) -> String {
    let kid = key_id.as_str();
    format!(
        r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT","kid":"{kid}","iat":{issued_at}}}"#
    )
}

/// Ciphertext and tag; no copy of the plaintext is made on the way.
fn encrypt(
    key: &[u8; KEY_LEN],
    iv: [u8; IV_LEN],
    header: &str,
    plaintext: &[u8],
) -> Result<(Vec<u8>, [u8; TAG_LEN]), Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let (nonce, aad) = (Nonce::assume_unique_for_key(iv), Aad::from(header));
    let (mut ciphertext, mut tag) = (vec![0; plaintext.len()], [0; TAG_LEN]);
    key.seal_out_of_place_scatter(nonce, aad, plaintext, &mut ciphertext, &[], &mut tag)?;
    Ok((ciphertext, tag))
}
