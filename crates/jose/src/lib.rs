//! Opens the JWE that holds payment credentials: RSA-OAEP-256 with A256GCM, unless told more.
//!
//! The service seals its answer for a key of yours. [`JweOpener`] opens it with a [`Keyring`] of
//! private keys in memory, or with a key that never leaves a KMS or an HSM.
//!
//! ```
//! use payment_credentials_core::{BuildError, CredentialsOpener, KeyId, SealedCredentials};
//! use payment_credentials_jose::{JweOpener, Keyring, PrivateKey};
//!
//! /// Once, at the start: `pem` is the content of the key file.
//! fn opener(pem: &[u8], key_id: KeyId) -> Result<JweOpener, BuildError> {
//!     let key = PrivateKey::from_pem(pem)?.with_key_id(key_id);
//!     Ok(JweOpener::new(Keyring::new([key])?))
//! }
//!
//! # macro_rules! vector { ($file:literal) => {
//! #     include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/jwe/", $file))
//! # } }
//! # let pem = vector!("keys/merchant.pkcs8.pem").as_bytes();
//! # let key_id = "0ab683411379a3ecba4c6ded077dce23f7906ab2".parse()?;
//! # let jwe = vector!("opens/jose-visa-v3/token.jwe").parse()?;
//! # let sealed = SealedCredentials::new(jwe, payment_credentials_core::AnswerHead::new(201));
//! # pollster::block_on(async {
//! let opener = opener(pem, key_id)?;
//! let credentials = opener.open(&sealed).await?;
//! # assert!(format!("{credentials:?}").contains("NetworkToken"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is opened
//!
//! Compact JWEs whose header says `alg` RSA-OAEP-256 and `enc` A256GCM, spelled so: what the
//! service is documented to make. Everything else is refused by its header and its shape, before any key is used, with a [`JweRefusal`] that
//! says why: other algorithms, `zip` and `crit` of any value, a member that stands twice, base64url
//! with padding or spare bits, a part of the wrong length. Keys and addresses that a header brings
//! along (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
//!
//! What goes wrong once a key is used is [`OpenError::Decrypt`] with one text, whatever it was: a
//! content key that doesn't unwrap is replaced with a random one, so that nobody learns from the
//! answer or its time where it failed (RFC 7516 §11.5).
//!
//! Two algorithms more are opened where [`JweOpener::accepting`] names them, each for itself:
//!
//! | opt-in | header | what speaks against it |
//! |---|---|---|
//! | [`OptInAlgorithm::RsaOaep`] | `alg` RSA-OAEP | OAEP with SHA-1, which no new design should use |
//! | [`OptInAlgorithm::A128Gcm`] | `enc` A128GCM | half the key length that the service is known to use |
//!
//! Turn one on if the service seals so for your account, and only then: the refusal of such a JWE
//! names its algorithm. Nothing turns on `RSA1_5`, `dir` or any other algorithm.
//!
//! # Which key opens it
//!
//! | the header | the keys that are tried |
//! |---|---|
//! | has the `kid` of a key in the ring | that key |
//! | has another `kid` | those without a key id; none is a refusal |
//! | has no `kid` | all of them |
//!
//! At most three whose size fits are tried, and always all three. So give each key its id where you
//! know it: to rotate, keep the old key in the ring until the service has stopped using it.
//!
//! # Where the work is done
//!
//! Using a private key holds a core for about a millisecond. [`Keyring::with_offload`] takes the
//! runtime's blocking threads; without it the work is done in place. Parse keys once and share the
//! opener: cloning it is cheap. A key in a KMS or an HSM is a [`KeyUnwrap`] of your own.
//!
//! Plaintexts and content keys are wiped when they are dropped, also where opening fails.

mod algorithm;
mod ber;
mod certificate;
mod compact;
mod header;
mod key_file;
mod key_unwrap;
mod keyring;
mod keystore;
mod opener;
mod pbe;
mod pem;
mod pkcs12;
mod private_key;
mod refusal;
mod rsa_key;
mod shown;
mod signing_identity;
mod signing_key;
#[cfg(test)]
mod wycheproof;

pub use algorithm::{KeyAlgorithm, OptInAlgorithm};
pub use certificate::{Certificate, Validity};
pub use key_unwrap::{ContentKey, KeyUnwrap, UnwrapError, WrappedKey};
pub use keyring::Keyring;
pub use keystore::Keystore;
pub use opener::{JweOpener, OpenError};
pub use private_key::PrivateKey;
pub use refusal::{HeaderFault, HeaderText, JwePart, JweRefusal};
pub use signing_identity::SigningIdentity;
pub use signing_key::{SigningError, SigningKey};
