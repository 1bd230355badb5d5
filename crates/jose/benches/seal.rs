//! Compares the cost of sealing a request with the bare primitives.
#![expect(
    clippy::expect_used,
    reason = "a benchmark ends where its input is wrong"
)]

use std::time::{Duration, SystemTime};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::seam::MessageEncryption as _;
use payment_credentials_jose::{JweMessageEncryption, Recipient};
use payment_credentials_keys::Certificate;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

macro_rules! vector {
    ($path:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/",
            $path
        ))
    };
}

const KEY: &[u8] = vector!("jwe/keys/merchant-next.public.pem");
/// A certificate of the same key.
const CERTIFICATE: &[u8] = vector!("keystores/loads/service.pem");

/// The bare primitives: their result stays in five parts, of which three are created here.
struct Primitives {
    key: OaepPublicEncryptingKey,
    /// A header as long as that of a sealed request.
    header: String,
}

impl Primitives {
    fn new() -> Self {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(KEY).expect("a key");
        let key = PublicEncryptingKey::from_der(&der).expect("a key");
        Self {
            key: OaepPublicEncryptingKey::new(key).expect("a key"),
            header: URL_SAFE_NO_PAD.encode([b'h'; 100]),
        }
    }

    fn seal(&self, body: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut random = [0; 44];
        rand::fill(&mut random).expect("random bytes");
        let (content_key, iv) = random.split_at(32);
        let mut encrypted_key = vec![0; self.key.ciphertext_size()];
        let oaep = &OAEP_SHA256_MGF1SHA256;
        let encrypted = self
            .key
            .encrypt(oaep, content_key, &mut encrypted_key, None);
        encrypted.expect("encrypted");
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key).expect("a key"));
        let mut sealed = body.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(iv).expect("an IV");
        key.seal_in_place_append_tag(nonce, Aad::from(&self.header), &mut sealed)
            .expect("sealed");
        (encrypted_key, sealed)
    }
}

fn main() {
    if !is_wanted() {
        return;
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let certificate = Certificate::from_pem(CERTIFICATE).expect("a certificate");
    let recipient = Recipient::new(&certificate, now).expect("a recipient");
    let mle = JweMessageEncryption::default().sealing_for(recipient);
    let primitives = Primitives::new();
    let body = Bytes::from(vec![b'x'; 1024]);
    Race::new("seal a request of 1 KiB, RSA-2048")
        .with("RSA-OAEP and AES-GCM alone", || primitives.seal(&body))
        .with("JweMessageEncryption::seal", || {
            pollster::block_on(mle.seal(body.clone(), now)).expect("sealed")
        })
        .run(4000);

    let (key, sealed) = primitives.seal(&body);
    let mut content_key = [0; 32];
    Race::new("of which")
        .with("base64url of the parts", || {
            [&*key, &*sealed].map(|part| URL_SAFE_NO_PAD.encode(part))
        })
        .with("a random content key", || rand::fill(&mut content_key))
        .run(400);
}
