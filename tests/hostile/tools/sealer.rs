//! Seals malformed JWEs of every kind; written independently of the opener.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey,
    PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The smallest Visa network token that the parser accepts.
pub const CREDENTIALS: &str = r#"{"tokenizedCard":{"state":"ACTIVE","number":"4895370016750801",
"expirationMonth":"12","expirationYear":"2031","cryptogram":"AwAAAADggP/Ce5+ZciCXQUUAAAA="}}"#;

/// The kid of the stored key `merchant`.
pub const KID: &str = "0ab683411379a3ecba4c6ded077dce23f7906ab2";

/// The kid of the stored key `merchant-next`, in these tests.
pub const NEXT_KID: &str = "9c3f6a1be2d0475891b4c7f2a8e6d3501f4b9a77";

/// The recipient of a JWE.
#[derive(Clone, Copy)]
pub enum For {
    Merchant,
    MerchantNext,
    Merchant4096,
}

impl For {
    fn public_key(self) -> PublicEncryptingKey {
        let pem = match self {
            Self::Merchant => include_str!("../../vectors/jwe/keys/merchant.public.pem"),
            Self::MerchantNext => include_str!("../../vectors/jwe/keys/merchant-next.public.pem"),
            Self::Merchant4096 => include_str!("../../vectors/jwe/keys/merchant-4096.public.pem"),
        };
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        let der = STANDARD.decode(lines.collect::<String>()).expect("base64");
        PublicEncryptingKey::from_der(&der).expect("a public key")
    }

    /// The public key as it is published.
    pub fn public_der(self) -> Vec<u8> {
        let der = self.public_key().as_der().expect("DER");
        der.as_ref().to_vec()
    }
}

/// How the content key is encrypted.
#[derive(Clone, Copy)]
pub enum Wrap {
    Oaep(&'static OaepAlgorithm, Option<&'static [u8]>),
    Pkcs1,
}

/// The content to seal, and how; every part can be made invalid.
#[derive(Clone)]
pub struct Sealer {
    pub sealed_for: For,
    pub header: Vec<u8>,
    pub wrap: Wrap,
    /// The content of the encrypted key.
    pub wrapped: Vec<u8>,
    /// The key with which the content is encrypted; 16 or 32 bytes.
    pub content_key: Vec<u8>,
    pub iv: [u8; 12],
    pub plaintext: Vec<u8>,
}

impl Sealer {
    /// A JWE as the service sends it for the key `merchant`.
    pub fn good() -> Self {
        Self::with_members(&format!(r#","kid":"{KID}""#))
    }

    /// A JWE with these members after `alg` and `enc`.
    pub fn with_members(members: &str) -> Self {
        Self::with_header(format!(
            r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM"{members}}}"#
        ))
    }

    pub fn with_header(header: impl Into<Vec<u8>>) -> Self {
        Self {
            sealed_for: For::Merchant,
            header: header.into(),
            wrap: Wrap::Oaep(&OAEP_SHA256_MGF1SHA256, None),
            wrapped: vec![0x5a; 32],
            content_key: vec![0x5a; 32],
            iv: [7; 12],
            plaintext: CREDENTIALS.into(),
        }
    }

    pub fn with_plaintext(plaintext: impl Into<Vec<u8>>) -> Self {
        Self {
            plaintext: plaintext.into(),
            ..Self::good()
        }
    }

    /// The outer layer of an encrypted response, for the key `merchant-next`.
    pub fn response(plaintext: impl Into<Vec<u8>>) -> Self {
        Self {
            sealed_for: For::MerchantNext,
            plaintext: plaintext.into(),
            ..Self::with_members(&format!(r#","kid":"{NEXT_KID}""#))
        }
    }

    /// The body of an encrypted response.
    pub fn envelope(&self) -> String {
        self.parts().envelope()
    }

    pub fn parts(&self) -> Parts {
        let mut ciphertext = self.plaintext.clone();
        let key = UnboundKey::new(self.aead(), &self.content_key).expect("a key");
        let tag = LessSafeKey::new(key)
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(self.iv),
                Aad::from(URL_SAFE_NO_PAD.encode(&self.header)),
                &mut ciphertext,
            )
            .expect("sealed");
        Parts([
            self.header.clone(),
            self.encrypted_key(),
            self.iv.to_vec(),
            ciphertext,
            tag.as_ref().to_vec(),
        ])
    }

    pub fn jwe(&self) -> String {
        self.parts().jwe()
    }

    fn aead(&self) -> &'static Algorithm {
        match self.content_key.len() {
            16 => &AES_128_GCM,
            _ => &AES_256_GCM,
        }
    }

    fn encrypted_key(&self) -> Vec<u8> {
        let key = self.sealed_for.public_key();
        let mut buffer = vec![0; key.key_size_bytes()];
        let written =
            match self.wrap {
                Wrap::Oaep(oaep, label) => OaepPublicEncryptingKey::new(key)
                    .expect("a key")
                    .encrypt(oaep, &self.wrapped, &mut buffer, label),
                Wrap::Pkcs1 => Pkcs1PublicEncryptingKey::new(key)
                    .expect("a key")
                    .encrypt(&self.wrapped, &mut buffer),
            };
        written.expect("encrypted").to_vec()
    }
}

/// The five parts, not yet encoded.
#[derive(Clone)]
pub struct Parts(pub [Vec<u8>; 5]);

pub const HEADER: usize = 0;
pub const ENCRYPTED_KEY: usize = 1;
pub const IV: usize = 2;
pub const CIPHERTEXT: usize = 3;
pub const TAG: usize = 4;

impl Parts {
    pub fn with(&self, part: usize, bytes: impl Into<Vec<u8>>) -> Self {
        let mut changed = self.clone();
        changed.0[part] = bytes.into();
        changed
    }

    /// A part with each of its bits flipped, one at a time.
    pub fn flipped(&self, part: usize) -> impl Iterator<Item = Self> {
        let bits = self.0[part].len() * 8;
        (0..bits).map(move |bit| {
            let mut bytes = self.0[part].clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            self.with(part, bytes)
        })
    }

    pub fn encoded(&self) -> [String; 5] {
        self.0.clone().map(|part| URL_SAFE_NO_PAD.encode(part))
    }

    pub fn jwe(&self) -> String {
        self.encoded().join(".")
    }

    /// The body of an encrypted response.
    pub fn envelope(&self) -> String {
        format!(r#"{{"encryptedResponse":"{}"}}"#, self.jwe())
    }
}
