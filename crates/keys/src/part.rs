//! What a key file holds, part by part, and the texts for what is of no use.

use zeroize::Zeroizing;

/// What a file, or a section of a PEM file, holds.
pub(crate) enum Part {
    /// A private key, as PKCS#8 or PKCS#1 in DER.
    Key(Zeroizing<Vec<u8>>),
    /// An elliptic-curve private key, as SEC 1 in DER (RFC 5915).
    EcKey(Zeroizing<Vec<u8>>),
    /// An encrypted private key, as PKCS#8 in DER.
    EncryptedKey(Vec<u8>),
    /// An X.509 certificate in DER.
    Certificate(Vec<u8>),
    /// A keystore.
    Pkcs12(Zeroizing<Vec<u8>>),
    /// A private key that can't be used, and the text of the error for it.
    OtherKey(&'static str),
    /// Something other than a private key, and the text of the error if the file has no key.
    NoKey(&'static str),
}

pub(crate) const BASE64: &str = "is not usable: this file holds bare base64; decode it, or put the \
                                 PEM lines back around it";
pub(crate) const BROKEN_DER: &str = "is not usable: this file holds DER that is broken; copy it \
                                     again, as binary";
pub(crate) const BROKEN_PEM: &str = "is not usable: this file holds PEM that is broken; copy it \
                                     again, with its line breaks";
pub(crate) const CERTIFICATE: &str = "is not usable: this file holds a certificate; give the \
                                      private key that belongs to it";
pub(crate) const EC: &str = "is not usable: this file holds an EC key; the service takes RSA keys \
                             only";
pub(crate) const EMPTY: &str = "is not usable: this file holds nothing; check the path";
pub(crate) const JAVA: &str = "is not usable: this file holds a Java keystore; convert it with \
                               `keytool -importkeystore -deststoretype pkcs12`";
pub(crate) const JSON: &str = "is not usable: this file holds JSON; convert a JWK to PEM";
pub(crate) const NO_KEY: &str = "is not usable: this file holds no private key; give the file with \
                                 the private key";
pub(crate) const PKCS7: &str = "is not usable: this file holds PKCS#7, which has no private key; \
                                give the PKCS#12 file";
pub(crate) const PUBLIC_KEY: &str = "is not usable: this file holds a public key; give the private \
                                     key that belongs to it";
pub(crate) const SSH: &str = "is not usable: this file holds an SSH key; give the RSA key whose \
                              public half the service has";
pub(crate) const TOO_LONG: &str = "is not usable: this file holds over 1 MiB; no key is that long";
pub(crate) const UNKNOWN: &str = "is not usable: this file holds no key; it should be PKCS#12 or \
                                  DER, or begin with `-----BEGIN PRIVATE KEY-----` or \
                                  `-----BEGIN RSA PRIVATE KEY-----`";
