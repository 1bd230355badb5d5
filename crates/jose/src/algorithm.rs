//! Which algorithms are opened: two always, two more where the caller asks for them.

use std::fmt;

use aws_lc_rs::aead::{self, AES_128_GCM, AES_256_GCM};
use payment_credentials_keys::OaepHash;

/// How a content key is encrypted for an RSA key: the header's `alg`.
///
/// `Display` writes it as the header does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSAES-OAEP with SHA-1 as hash and in MGF1; only where the opener
    /// [accepts](crate::JweOpener::accepting) it.
    RsaOaep,
    /// RSAES-OAEP with SHA-256 as hash and in MGF1.
    RsaOaep256,
}

impl KeyAlgorithm {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }

    pub(crate) fn oaep_hash(self) -> OaepHash {
        match self {
            Self::RsaOaep => OaepHash::Sha1,
            Self::RsaOaep256 => OaepHash::Sha256,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the content is encrypted: the header's `enc`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ContentAlgorithm {
    A128Gcm,
    A256Gcm,
}

impl ContentAlgorithm {
    fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    pub(crate) fn aead(self) -> &'static aead::Algorithm {
        match self {
            Self::A128Gcm => &AES_128_GCM,
            Self::A256Gcm => &AES_256_GCM,
        }
    }
}

/// An algorithm that is opened only where the opener is configured to accept it.
///
/// The service is documented to use neither, though the vendor's own programs accept them. There
/// is none for anything weaker: `RSA1_5`, `dir` and the other algorithms of JOSE are never
/// opened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OptInAlgorithm {
    /// `enc` A128GCM: the content under an AES key of 128 bits.
    A128Gcm,
    /// `alg` RSA-OAEP: the content key under OAEP with SHA-1.
    RsaOaep,
}

impl OptInAlgorithm {
    /// Every such algorithm.
    pub const ALL: &[Self] = &[Self::A128Gcm, Self::RsaOaep];

    /// Its registered name (RFC 7518): `A128GCM` or `RSA-OAEP`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => ContentAlgorithm::A128Gcm.as_str(),
            Self::RsaOaep => KeyAlgorithm::RsaOaep.as_str(),
        }
    }
}

/// The algorithms that one opener accepts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Accepted {
    a128_gcm: bool,
    rsa_oaep: bool,
}

impl Accepted {
    pub(crate) fn add(&mut self, algorithm: OptInAlgorithm) {
        match algorithm {
            OptInAlgorithm::A128Gcm => self.a128_gcm = true,
            OptInAlgorithm::RsaOaep => self.rsa_oaep = true,
        }
    }

    /// The accepted algorithm that an `alg` names, letter for letter.
    pub(crate) fn key_algorithm(self, alg: &str) -> Option<KeyAlgorithm> {
        let opt_in = self.rsa_oaep.then_some(KeyAlgorithm::RsaOaep);
        let mut accepted = [Some(KeyAlgorithm::RsaOaep256), opt_in]
            .into_iter()
            .flatten();
        accepted.find(|algorithm| algorithm.as_str() == alg)
    }

    /// The accepted algorithm that an `enc` names, letter for letter.
    pub(crate) fn content_algorithm(self, enc: &str) -> Option<ContentAlgorithm> {
        let opt_in = self.a128_gcm.then_some(ContentAlgorithm::A128Gcm);
        let mut accepted = [Some(ContentAlgorithm::A256Gcm), opt_in]
            .into_iter()
            .flatten();
        accepted.find(|algorithm| algorithm.as_str() == enc)
    }
}
