//! Compares the cost of opening a JWE with the bare primitives, and the times of different
//! failures.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark ends where its input is wrong"
)]

mod sealed;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_benchmark::{Race, is_wanted, once};
use payment_credentials_core::{CredentialsOpener as _, ResponseHead, SealedCredentials};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use sealed::{KEY, Parts, encoded, opener, sealed};

const CONTENT_KEY: [u8; 32] = [0x5a; 32];

/// The bare primitives: the key is already parsed and the parts are decoded.
struct Primitives {
    key: OaepPrivateDecryptingKey,
    header: String,
    parts: Parts,
}

impl Primitives {
    fn new(parts: Parts) -> Self {
        let der = PrivatePkcs8KeyDer::from_pem_slice(KEY).expect("a key");
        let key = PrivateDecryptingKey::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
        Self {
            key: OaepPrivateDecryptingKey::new(key).expect("a key"),
            header: URL_SAFE_NO_PAD.encode(&parts[0]),
            parts,
        }
    }

    fn open(&self) -> Vec<u8> {
        let [_, wrapped, iv, ciphertext, tag] = &self.parts;
        let mut buffer = vec![0; self.key.min_output_size()];
        let key = self
            .key
            .decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut buffer, None);
        let key = UnboundKey::new(&AES_256_GCM, key.expect("unwrapped")).expect("a key");
        let mut plaintext = vec![0; ciphertext.len()];
        LessSafeKey::new(key)
            .open_separate_gather(
                Nonce::try_assume_unique_for_key(iv).expect("an IV"),
                Aad::from(&self.header),
                ciphertext,
                tag,
                &mut plaintext,
            )
            .expect("opened");
        plaintext
    }
}

fn opening() {
    let parts = sealed(&CONTENT_KEY);
    let jwe = encoded(&parts);
    let credentials = SealedCredentials::new(encoded(&parts), ResponseHead::new(201));
    let opener = opener();
    let primitives = Primitives::new(parts);
    Race::new("open a JWE of 1 KiB, RSA-2048")
        .with("RSA-OAEP and AES-GCM alone", || primitives.open())
        .with("JweOpener::open_bytes", || {
            pollster::block_on(opener.open_bytes(&jwe)).expect("opened")
        })
        .with("JweOpener::open, parsed too", || {
            pollster::block_on(opener.open(&credentials)).expect("opened")
        })
        .run(2000);

    let mut key = [0; 32];
    Race::new("of which")
        .with("base64url of the parts", || {
            jwe.parts().map(|part| URL_SAFE_NO_PAD.decode(part))
        })
        .with("a random content key to stand in", || rand::fill(&mut key))
        .run(400);
}

/// Reliability A34: the time that a failure takes doesn't reveal why a JWE can't be opened.
fn failing() {
    let [header, wrapped, iv, text, tag] = sealed(&CONTENT_KEY);
    let bad_tag = encoded(&[
        header.clone(),
        wrapped,
        iv.clone(),
        text.clone(),
        vec![0; 16],
    ]);
    let bad_oaep = encoded(&[header, vec![1; 256], iv, text, tag]);
    let (short_key, no_key) = (encoded(&sealed(&CONTENT_KEY[..16])), encoded(&sealed(&[])));
    let opener = opener();
    let open = |jwe| pollster::block_on(opener.open_bytes(jwe)).expect_err("refused");
    Race::new("fail to open a JWE of 1 KiB")
        .with("bad tag", || open(&bad_tag))
        .with("bad OAEP", || open(&bad_oaep))
        .with("content key of 16 bytes", || open(&short_key))
        .with("content key of 0 bytes", || open(&no_key))
        .run(2000);
}

/// AWS-LC gathers entropy before its first random number.
fn beginning() {
    let random = || {
        let mut key = [0; 32];
        rand::fill(&mut key)
    };
    let elsewhere = || std::thread::spawn(random).join().is_ok();
    once("the first opener, with its key", opener);
    once("the first random key of the process", random);
    once("the second", random);
    once("the first of another thread", elsewhere);
    once("the first of a third thread", elsewhere);
}

fn main() {
    if is_wanted() {
        beginning();
        opening();
        failing();
    }
}
