use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

use crate::fixtures::RECIPIENT_KEY;

/// The JOSE header, up to its last value.
const HEADER: &str = concat!(
    r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT","#,
    r#""kid":"9610138156489551526742","iat":"#
);

/// Encrypts request bodies.
#[derive(Debug)]
pub struct Sealing(OaepPublicEncryptingKey);

impl Default for Sealing {
    fn default() -> Self {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(RECIPIENT_KEY).expect("a key");
        let key = PublicEncryptingKey::from_der(&der).expect("a key");
        Self(OaepPublicEncryptingKey::new(key).expect("a key"))
    }
}

impl Sealing {
    /// The body in a JWE, in the JSON that is sent.
    #[must_use]
    pub fn seal(&self, body: &[u8], issued_at: u64) -> String {
        let header = format!("{HEADER}{issued_at}}}");
        let header = URL_SAFE_NO_PAD.encode(header);
        let mut random = [0; 44];
        rand::fill(&mut random).expect("random bytes");
        let (content_key, iv) = random.split_at(32);
        let mut wrapped = vec![0; self.0.ciphertext_size()];
        let oaep = &OAEP_SHA256_MGF1SHA256;
        let encrypted = self.0.encrypt(oaep, content_key, &mut wrapped, None);
        encrypted.expect("encrypted");

        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key).expect("a key"));
        let nonce = Nonce::try_assume_unique_for_key(iv).expect("an IV");
        let mut sealed = body.to_vec();
        let tag = key
            .seal_in_place_separate_tag(nonce, Aad::from(&header), &mut sealed)
            .expect("sealed");
        let [wrapped, iv, sealed, tag] =
            [&*wrapped, iv, &sealed, tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!(r#"{{"encryptedRequest":"{header}.{wrapped}.{iv}.{sealed}.{tag}"}}"#)
    }
}
