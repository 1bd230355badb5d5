//! What a key file holds, part by part.

use payment_credentials_core::KeyId;
use zeroize::Zeroizing;

use crate::found::Found;
use crate::legacy_ciphers::needs_legacy_provider;
use crate::openssl_key::OpensslKey;

/// What a file, or a section of a PEM file, holds.
pub(crate) enum Part {
    /// A private key, as PKCS#8 or PKCS#1 in DER.
    Key(Zeroizing<Vec<u8>>),
    /// A private key of a JWK or of a JWK set, as PKCS#1 in DER, and the name that it has there.
    Jwk(Zeroizing<Vec<u8>>, Option<KeyId>),
    /// An elliptic-curve private key, as SEC 1 in DER (RFC 5915).
    EcKey(Zeroizing<Vec<u8>>),
    /// An encrypted private key, as PKCS#8 in DER.
    EncryptedKey(Vec<u8>),
    /// An encrypted private key in OpenSSL's own format.
    OpensslKey(OpensslKey),
    /// An X.509 certificate in DER.
    Certificate(Vec<u8>),
    /// A list of certificates, as PKCS#7 in DER.
    Pkcs7(Vec<u8>),
    /// A keystore.
    Pkcs12(Zeroizing<Vec<u8>>),
    /// A private key that can't be used.
    OtherKey(Found),
    /// Something other than a private key.
    Other(Found),
}

impl Part {
    /// What it is, for the text of an error.
    pub(crate) fn found(&self) -> Found {
        match self {
            Self::Key(_) => Found::Key,
            Self::Jwk(..) => Found::Jwk,
            Self::EcKey(_) => Found::Ec,
            Self::EncryptedKey(_) | Self::OpensslKey(_) => Found::EncryptedKey,
            Self::Certificate(_) => Found::Certificate,
            Self::Pkcs7(_) => Found::Pkcs7,
            Self::Pkcs12(file) if needs_legacy_provider(file) => Found::Pkcs12OfOldCiphers,
            Self::Pkcs12(_) => Found::Pkcs12,
            Self::OtherKey(found) | Self::Other(found) => *found,
        }
    }
}
