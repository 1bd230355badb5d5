//! A JWE of 1 KiB for a stored key, and an opener for it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::Jwe;
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

macro_rules! stored {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/jwe/keys/",
            $name
        ))
    };
}

pub(crate) const KEY: &[u8] = stored!("merchant.pkcs8.pem");
const PUBLIC_KEY: &[u8] = stored!("merchant.public.pem");

/// A Visa network token in two halves; padding up to 1 KiB goes in between.
const PLAINTEXT: [&str; 2] = [
    r#"{"filler":""#,
    r#"","tokenizedCard":{"state":"ACTIVE","number":"4895370016750801","type":"visa",
    "expirationMonth":"12","expirationYear":"2031","cryptogram":"AwAAAADggP/Ce5+ZciCXQUUAAAA="}}"#,
];

const HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"key"}"#;

/// Returns an opener for the JWEs of this module.
pub(crate) fn opener() -> JweOpener {
    let key = PrivateKey::from_pem(KEY).expect("a key");
    let key = key.with_key_id("key".parse().expect("a key id"));
    JweOpener::new(Keyring::new([key]).expect("a keyring"))
}

/// The five parts of a JWE, not yet encoded.
pub(crate) type Parts = [Vec<u8>; 5];

pub(crate) fn encoded(parts: &Parts) -> Jwe {
    parts
        .each_ref()
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".")
        .parse()
        .expect("a JWE by its shape")
}

/// Returns a JWE for this content key, which is padded with zeros if it is too short.
pub(crate) fn sealed(content_key: &[u8]) -> Parts {
    let mut key = [0; 32];
    key[..content_key.len()].copy_from_slice(content_key);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("a key"));
    let iv = [7; 12];
    let [before, after] = PLAINTEXT;
    let filler = "x".repeat(1024 - before.len() - after.len());
    let mut text = [before, &filler, after].concat().into_bytes();
    let header = Aad::from(URL_SAFE_NO_PAD.encode(HEADER));
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key
        .seal_in_place_separate_tag(nonce, header, &mut text)
        .expect("sealed")
        .as_ref()
        .to_vec();
    [HEADER.into(), wrapped(content_key), iv.into(), text, tag]
}

fn wrapped(content_key: &[u8]) -> Vec<u8> {
    let der = SubjectPublicKeyInfoDer::from_pem_slice(PUBLIC_KEY).expect("a public key");
    let key = PublicEncryptingKey::from_der(&der).expect("a public key");
    let key = OaepPublicEncryptingKey::new(key).expect("a public key");
    let mut wrapped = vec![0; key.ciphertext_size()];
    let written = key.encrypt(&OAEP_SHA256_MGF1SHA256, content_key, &mut wrapped, None);
    written.expect("encrypted").to_vec()
}
