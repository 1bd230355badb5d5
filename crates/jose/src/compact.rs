//! Validates and decodes the parts of a compact JWE, and decrypts it once the content key is known.

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::secret::SecretBytes;
use payment_credentials_core::{Jwe, KeyPurpose};
use payment_credentials_keys::PrivateKey;
use zeroize::Zeroizing;

use crate::algorithm::{Accepted, ContentAlgorithm};
use crate::header::Header;
use crate::jwe_error::{JweError, JwePart};
use crate::key_unwrap::{ContentKey, WrappedKey};

const IV_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// A JWE that has passed every check that needs no key.
pub(crate) struct Compact<'a> {
    /// The header as it was received: the tag authenticates these bytes.
    header: &'a [u8],
    wrapped_key: WrappedKey,
    content_algorithm: ContentAlgorithm,
    iv: [u8; IV_LEN],
    ciphertext: Vec<u8>,
    tag: [u8; TAG_LEN],
}

impl<'a> Compact<'a> {
    /// Validates header and shape.
    pub(crate) fn validate(
        jwe: &'a Jwe,
        accepted: Accepted,
        purpose: KeyPurpose,
    ) -> Result<Self, JweError> {
        let [header, encrypted_key, iv, ciphertext, tag] = jwe.parts();
        let Header { alg, enc, kid } = Header::validate(header, accepted)?;

        let encrypted_key = decode(JwePart::EncryptedKey, encrypted_key)?;
        let bytes = encrypted_key.len();
        if !PrivateKey::MODULUS_BYTES.contains(&bytes) {
            return Err(JweError::EncryptedKeyLength { bytes });
        }
        let iv = decode_array(JwePart::Iv, iv, |bytes| JweError::Iv { bytes })?;
        let ciphertext = decode(JwePart::Ciphertext, ciphertext)?;
        let tag = decode_array(JwePart::Tag, tag, |bytes| JweError::Tag { bytes })?;
        Ok(Self {
            header: header.as_bytes(),
            wrapped_key: WrappedKey::of(purpose, alg, kid, encrypted_key.into()),
            content_algorithm: enc,
            iv,
            ciphertext,
            tag,
        })
    }

    /// The length of the content key.
    pub(crate) fn key_len(&self) -> usize {
        self.content_algorithm.aead().key_len()
    }

    pub(crate) fn wrapped_key(&self) -> &WrappedKey {
        &self.wrapped_key
    }

    /// Returns the plaintext, or `None` if the tag is wrong; the buffer is then wiped.
    pub(crate) fn open(&self, key: &ContentKey) -> Option<SecretBytes> {
        let key = UnboundKey::new(self.content_algorithm.aead(), key.expose()).ok()?;
        let mut plaintext = Zeroizing::new(vec![0; self.ciphertext.len()]);
        #[cfg(test)]
        crate::counted::content_tried();
        let opened = LessSafeKey::new(key).open_separate_gather(
            Nonce::assume_unique_for_key(self.iv),
            Aad::from(self.header),
            &self.ciphertext,
            &self.tag,
            &mut plaintext,
        );
        opened.ok().map(|()| plaintext.into())
    }
}

/// Strict: accepts no padding and no spare bits, so that each JWE has one encoding.
fn decode(part: JwePart, encoded: &str) -> Result<Vec<u8>, JweError> {
    let decoded = URL_SAFE_NO_PAD.decode(encoded).ok();
    decoded.ok_or(JweError::PartEncoding(part))
}

/// Decodes a part of a fixed length, without a buffer for it; `wrong` makes the error for another length.
fn decode_array<const N: usize>(
    part: JwePart,
    encoded: &str,
    wrong: fn(usize) -> JweError,
) -> Result<[u8; N], JweError> {
    let mut decoded = [0; N];
    match URL_SAFE_NO_PAD.decode_slice(encoded, &mut decoded) {
        Ok(bytes) if bytes == N => Ok(decoded),
        Ok(_) | Err(_) => Err(wrong(decode(part, encoded)?.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::KeyAlgorithm;
    use proptest::prelude::*;

    use payment_credentials_wycheproof::{bytes, groups, text};

    proptest! {
        #[test]
        fn a_shape_is_judged_by_its_lengths_alone(
            key in 0..1100_usize,
            iv in 10..14_usize,
            tag in 14..18_usize,
            ciphertext in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let header = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#.as_bytes();
            let parts = [header, &vec![1; key], &vec![2; iv], &ciphertext, &vec![3; tag]];
            let jwe: Jwe = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".").parse().expect("a JWE");
            match Compact::validate(&jwe, Accepted::default(), KeyPurpose::OpenCredentials) {
                Ok(compact) => {
                    prop_assert!(PrivateKey::MODULUS_BYTES.contains(&key) && iv == 12 && tag == 16);
                    prop_assert_eq!(compact.wrapped_key().encrypted_key().len(), key);
                    prop_assert_eq!(compact.ciphertext, ciphertext);
                }
                Err(_) => prop_assert!(!PrivateKey::MODULUS_BYTES.contains(&key) || iv != 12 || tag != 16),
            }
        }

        #[test]
        fn no_text_panics(text in "[A-Za-z0-9_-]{0,60}(\\.[A-Za-z0-9_-]{0,400}){4}") {
            let jwe: Jwe = text.parse().expect("a JWE by its shape");
            let _ = Compact::validate(&jwe, Accepted::default(), KeyPurpose::OpenCredentials);
        }
    }

    /// The content algorithm of a test group, if a JWE can hold its vectors.
    fn algorithm_of(group: &serde_json::Value) -> Option<ContentAlgorithm> {
        let bits = |name: &str| usize::try_from(group[name].as_u64()?).ok();
        let (key, iv) = (bits("keySize")?, bits("ivSize")?);
        let mut known = ContentAlgorithm::ALL.iter().copied();
        known.find(|known| iv == 96 && known.aead().key_len() * 8 == key)
    }

    #[test]
    fn opens_what_wycheproof_calls_valid_and_nothing_else() {
        let (mut valid, mut invalid, mut elsewhere) = (0, 0, 0);
        for group in groups(payment_credentials_wycheproof::vectors!("aes_gcm")) {
            let tests = group["tests"].as_array().expect("tests");
            let Some(content_algorithm) = algorithm_of(&group) else {
                elsewhere += tests.len();
                continue;
            };
            for test in tests {
                let aad = bytes(test, "aad");
                let compact = Compact {
                    header: &aad,
                    wrapped_key: WrappedKey::new(
                        KeyPurpose::OpenCredentials,
                        KeyAlgorithm::RsaOaep256,
                        None,
                        &[],
                    ),
                    content_algorithm,
                    iv: bytes(test, "iv").try_into().expect("96 bits"),
                    ciphertext: bytes(test, "ct"),
                    tag: bytes(test, "tag").try_into().expect("128 bits"),
                };
                let key = ContentKey::new(bytes(test, "key").into()).expect("a key");
                let opened = compact.open(&key);
                let opened = opened.as_ref().map(SecretBytes::expose);
                if text(test, "result") == "valid" {
                    valid += 1;
                    assert_eq!(opened, Some(&*bytes(test, "msg")), "{}", test["tcId"]);
                } else {
                    invalid += 1;
                    assert_eq!(opened, None, "{}", test["tcId"]);
                }
            }
        }
        assert_eq!((valid, invalid, elsewhere), (79, 54, 183));
    }
}
