//! Reads the key files that payment-credentials takes, and says what is wrong with others.
//!
//! [`Keystore::read`] takes the content of a file and sees from it what it is: PKCS#12 (`.p12`,
//! `.pfx`); PEM or DER with keys in PKCS#8 or PKCS#1 and certificates inside (`.pem`, `.key`,
//! `.p8`, `.cer`, `.crt`); a JWK or a JWK set; certificates in PKCS#7 (`.p7b`). What shells, mail programs
//! and secret stores put around a file is taken off where its meaning is certain: UTF-16, quotes, indentation,
//! `\n` or blanks in place of line breaks, and base64 of the whole file. It gives out what the file is for:
//!
//! | for | ask | who it is |
//! |---|---|---|
//! | signing requests | [`Keystore::signing_identity`] | the certificate's common name: the merchant id, or the portfolio id for a `MetaKey` |
//! | opening credentials | [`Keystore::private_key`] | the one key of the file; of a JWK set, [`Keystore::private_key_named`] |
//! | opening encrypted responses | `ResponseKey::from_keystore` of `payment-credentials-jose` | the merchant id, or the portfolio id |
//! | sealing requests | [`Keystore::certificate`] | `Recipient::COMMON_NAME` of `payment-credentials-jose` |
//!
//! ```
//! use payment_credentials_core::BuildError;
//! use payment_credentials_core::secret::Password;
//! use payment_credentials_keys::{Keystore, SigningIdentity};
//!
//! /// Once, at the start: `p12` is the content of the file from the Business Center.
//! fn identity(p12: &[u8], password: &Password) -> Result<SigningIdentity, BuildError> {
//!     Keystore::read(p12, Some(password))?.signing_identity("keystore_mid")
//! }
//!
//! # let p12 = include_bytes!(concat!(
//! #     env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/keystores/loads/service-new.p12"));
//! let identity = identity(p12, &Password::from("testpass"))?;
//! assert_eq!(identity.key_id().as_str(), "1700000000000000000017");
//! let signature = identity.key().sign_rs256(b"header.claims")?;
//! assert_eq!(signature.len(), 256);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Private key and certificate belong together by their public key; names, links and the order
//! inside of a keystore don't matter. The key id is the certificate's ([`Certificate::key_id`]), or
//! one of your own ([`Keystore::signing_identity_named`], [`SigningIdentity::new`]). Certificates
//! are read and never verified; [`Certificate::validity_at`] says when one ends.
//!
//! Keystores are read as they are found in use, of any order and encoding:
//!
//! | encryption | read |
//! |---|---|
//! | of a keystore's parts and of keys in PKCS#8: PBES2 | AES and 3DES in CBC mode, with PBKDF2 over SHA-1, SHA-256, SHA-384 or SHA-512 |
//! | the schemes of PKCS#12 | 3DES and RC2 |
//! | of keys in OpenSSL's own PEM (`DEK-Info`) | AES and 3DES |
//! | MAC | SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512, by the derivation of PKCS#12 or by PBMAC1 (RFC 9579); or none |
//!
//! A keystore without a MAC is accepted, since an attacker who can change it can also replace it. A password
//! may be missing, empty or NULL, and a key may have one of its own ([`Keystore::read_with_key_password`]). The
//! password of files that the service made before 2024 is the merchant id. A file of over 1 MiB, salts of over
//! 64 KiB, and over 2,000,000 iterations of key derivation for a key or 8,000,000 for a file are refused before
//! any work is done, as is a MAC by PBMAC1 whose key has under 20 or over 1024 bytes. Not read are scrypt, RC4,
//! single DES, Java's own keystores, and RSA keys under 2048 or over 8192 bits; the error names what was found.
//! What is decrypted is wiped.

mod base64_lines;
mod ber;
mod certificate;
mod client_keys;
mod cut;
mod der;
mod found;
mod jwk;
mod key_file;
mod keystore;
mod keystore_error;
mod legacy_ciphers;
mod lengths;
mod limits;
mod openssl_key;
mod part;
mod pbe;
mod pem;
mod pkcs12;
mod pkcs7;
mod printable;
mod private_key;
mod roca;
mod rsa_key;
mod ruined;
mod signing_identity;
mod signing_key;
mod wrapping;

pub use certificate::{Certificate, Validity};
pub use client_keys::ClientKeys;
pub use keystore::{Keystore, ListedKey};
pub use keystore_error::KeystoreError;
pub use private_key::{OaepHash, PrivateKey};
pub use signing_identity::SigningIdentity;
pub use signing_key::{SigningError, SigningKey};
