//! The accepted algorithms: two always, and two more if the caller opts in.

use std::fmt;

use aws_lc_rs::aead::{self, AES_128_GCM, AES_256_GCM};
use payment_credentials_keys::OaepHash;

/// The algorithm that encrypts a content key for an RSA key: the header's `alg`.
///
/// `Display` writes the name as in the header.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSAES-OAEP with SHA-1 as hash and in MGF1; only if the opener [accepts](crate::JweOpener::accepting)
    /// it.
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

/// The algorithm that encrypts the content: the header's `enc`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ContentAlgorithm {
    A128Gcm,
    A256Gcm,
}

impl ContentAlgorithm {
    /// Every algorithm that this version knows.
    pub(crate) const ALL: &[Self] = &[Self::A128Gcm, Self::A256Gcm];

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

/// An algorithm that is accepted only if the opener is configured to.
///
/// According to its documentation, the service uses neither, though the vendor's own programs accept them.
/// Weaker algorithms can't be turned on: `RSA1_5`, `dir` and the other algorithms of JOSE are never
/// accepted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum OptInAlgorithm {
    /// `enc` A128GCM: an AES key of 128 bits encrypts the content.
    A128Gcm,
    /// `alg` RSA-OAEP: OAEP with SHA-1 encrypts the content key.
    RsaOaep,
}

impl OptInAlgorithm {
    /// Every such algorithm.
    pub const ALL: &[Self] = &[Self::A128Gcm, Self::RsaOaep];

    /// The registered name (RFC 7518): `A128GCM` or `RSA-OAEP`.
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

    /// The accepted algorithm that an `alg` names, compared case-sensitively.
    pub(crate) fn key_algorithm(self, alg: &str) -> Option<KeyAlgorithm> {
        let opt_in = self.rsa_oaep.then_some(KeyAlgorithm::RsaOaep);
        let mut accepted = [Some(KeyAlgorithm::RsaOaep256), opt_in]
            .into_iter()
            .flatten();
        accepted.find(|algorithm| algorithm.as_str() == alg)
    }

    /// The accepted algorithm that an `enc` names, compared case-sensitively.
    pub(crate) fn content_algorithm(self, enc: &str) -> Option<ContentAlgorithm> {
        let opt_in = self.a128_gcm.then_some(ContentAlgorithm::A128Gcm);
        let mut accepted = [Some(ContentAlgorithm::A256Gcm), opt_in]
            .into_iter()
            .flatten();
        accepted.find(|algorithm| algorithm.as_str() == enc)
    }
}
