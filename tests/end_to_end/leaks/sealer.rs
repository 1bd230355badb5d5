//! Seals any plaintext for the stored merchant key, as the service would.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use payment_credentials::jose::{JweOpener, Keyring};
use payment_credentials::keys::PrivateKey;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

/// A private key that is published in this repository and opens the JWEs that are sealed here.
pub(crate) const PRIVATE_PEM: &str = include_str!("../../vectors/jwe/keys/merchant.pkcs8.pem");
const PUBLIC_PEM: &[u8] = include_bytes!("../../vectors/jwe/keys/merchant.public.pem");

const HEADER: &str = r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"merchant"}"#;

/// Another private key of the repository.
pub(crate) const OTHER_PEM: &str = include_str!("../../vectors/jwe/keys/merchant-next.pkcs8.pem");

/// An opener with a key of the repository under the key id that the sealer uses.
pub(crate) fn opener(pem: &str) -> JweOpener {
    let key = PrivateKey::from_pem(pem).expect("a key");
    let key = key.with_key_id("merchant".parse().expect("a key id"));
    JweOpener::new(Keyring::new([key]).expect("a keyring"))
}

pub(crate) fn seal(plaintext: impl AsRef<[u8]>) -> String {
    let mut content_key = [0; 32];
    rand::fill(&mut content_key).expect("randomness");
    let spki = SubjectPublicKeyInfoDer::from_pem_slice(PUBLIC_PEM).expect("a public key");
    let key = PublicEncryptingKey::from_der(&spki).expect("a public key");
    let key = OaepPublicEncryptingKey::new(key).expect("a key for OAEP");
    let mut wrapped = vec![0; key.ciphertext_size()];
    let wrapped = key
        .encrypt(&OAEP_SHA256_MGF1SHA256, &content_key, &mut wrapped, None)
        .expect("wrapped");

    let header = BASE64URL.encode(HEADER);
    let cipher = UnboundKey::new(&AES_256_GCM, &content_key).expect("a key");
    // Each content key seals only one JWE, so any nonce is safe.
    let iv = [7; 12];
    let mut content = plaintext.as_ref().to_vec();
    let tag = LessSafeKey::new(cipher)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(iv),
            Aad::from(&header),
            &mut content,
        )
        .expect("sealed");
    let parts = [&*wrapped, &iv, &content, tag.as_ref()].map(|part| BASE64URL.encode(part));
    format!("{header}.{}", parts.join("."))
}
