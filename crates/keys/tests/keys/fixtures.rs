//! The stored keys, and content that is encrypted for them.

use std::path::PathBuf;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use payment_credentials_keys::{OaepHash, PrivateKey};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

/// The four stored private keys.
pub(crate) const MERCHANT: &str = "merchant";
pub(crate) const MERCHANT_NEXT: &str = "merchant-next";
pub(crate) const MERCHANT_3072: &str = "merchant-3072";
pub(crate) const MERCHANT_4096: &str = "merchant-4096";

pub(crate) fn vectors() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/jwe").into()
}

pub(crate) fn read(path: &str) -> Vec<u8> {
    #[expect(clippy::disallowed_methods, reason = "vectors are files")]
    let file = std::fs::read(vectors().join(path));
    file.expect("a stored file")
}

pub(crate) fn read_text(path: &str) -> String {
    String::from_utf8(read(path)).expect("UTF-8")
}

/// Whether a private key decrypts content that is encrypted for the stored key of that name.
pub(crate) fn decrypts(key: &PrivateKey, name: &str) -> bool {
    let pem = read(&format!("keys/{name}.public.pem"));
    let der = SubjectPublicKeyInfoDer::from_pem_slice(&pem).expect("a public key");
    let public = PublicEncryptingKey::from_der(&der).expect("a public key");
    let public = OaepPublicEncryptingKey::new(public).expect("a public key");
    let mut encrypted = vec![0; public.ciphertext_size()];
    let message = b"a content key of thirty-two byte";
    let written = public
        .encrypt(&OAEP_SHA256_MGF1SHA256, message, &mut encrypted, None)
        .expect("encrypted");
    let decrypted = key.decrypt_oaep(OaepHash::Sha256, written);
    decrypted.is_some_and(|decrypted| *decrypted == message)
}
