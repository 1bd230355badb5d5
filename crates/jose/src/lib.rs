//! Opens the JWE that holds payment credentials, and encrypts messages.
//!
//! The service encrypts its response for a key of yours. [`JweOpener`] opens it with a [`Keyring`] of
//! private keys in memory, or with a key that never leaves a KMS or an HSM.
//!
//! ```
//! use payment_credentials_core::{BuildError, CredentialsOpener, KeyId, SealedCredentials};
//! use payment_credentials_jose::{JweOpener, Keyring};
//! use payment_credentials_keys::PrivateKey;
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
//! # let sealed = SealedCredentials::new(jwe, payment_credentials_core::ResponseHead::new(201));
//! # pollster::block_on(async {
//! let opener = opener(pem, key_id)?;
//! let credentials = opener.open(&sealed).await?;
//! # assert!(format!("{credentials:?}").contains("NetworkToken"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is accepted
//!
//! The opener accepts compact JWEs whose header has `alg` RSA-OAEP-256 and `enc` A256GCM, compared
//! case-sensitively. According to its documentation, the service makes only these. The opener rejects all
//! other JWEs by header and form, before any key is used, with a [`JweError`] that names the reason: other
//! algorithms, `zip` and `crit` of any value, a duplicate member, base64url with padding or spare bits, a
//! part of the wrong length. It ignores the keys and addresses in a header (`jwk`, `jku`, `x5c`, `x5u`).
//!
//! Once a key is used, every cryptographic failure is [`OpenError::Decrypt`] with one text. If a content
//! key doesn't unwrap, the opener continues with a random one, so that neither the result nor its time
//! reveals which step failed (RFC 7516 §11.5).
//!
//! [`JweOpener::accepting`] turns on two more algorithms, each separately:
//!
//! | opt-in | header | drawback |
//! |---|---|---|
//! | [`OptInAlgorithm::RsaOaep`] | `alg` RSA-OAEP | OAEP with SHA-1, which no new design should use |
//! | [`OptInAlgorithm::A128Gcm`] | `enc` A128GCM | half the length of the keys that the service is known to use |
//!
//! Turn one on only if the service uses it for your merchant account; the error for such a JWE names its
//! algorithm. `RSA1_5`, `dir` and all other algorithms can't be turned on.
//!
//! # How the key is selected
//!
//! | the header | the keys that are tried |
//! |---|---|
//! | has the `kid` of a key in the ring | that key |
//! | has another `kid` | those without a key id; if there are none, the JWE is rejected |
//! | has no `kid` | all of them |
//!
//! Of the keys whose size fits, at most the first three are tried, and all of these even after one
//! succeeds. So give each key its id if you know it. To rotate, keep the old key in the ring until the
//! service has stopped using it.
//!
//! `payment-credentials-keys` reads key files.
//!
//! # Message-level encryption
//!
//! [`JweMessageEncryption`] encrypts whole bodies, whatever they hold. Pass it to a gateway's
//! `encryption`, or put it into a new `KeySet` to replace it while calls run. Each direction is off until
//! its method turns it on:
//!
//! | direction | method | what it does |
//! |---|---|---|
//! | requests | [`sealing_for`](JweMessageEncryption::sealing_for) a [`Recipient`] | the body becomes `{"encryptedRequest": JWE}` |
//! | responses | [`opening_with`](JweMessageEncryption::opening_with) a [`ResponseKeyring`] | requests name its key id to request encryption; `{"encryptedResponse": JWE}` is opened, in error responses too |
//!
//! Two private keys are easily confused, since both are RSA keys "for MLE". They have two types here. An
//! error names the missing kind, and the key ids that are configured for it:
//!
//! | the vendor's name | opens | type | its key id |
//! |---|---|---|---|
//! | TMS "Message-Level Encryption" | the credentials, always | [`Keyring`] | shown where its public key was uploaded |
//! | REST "API Response MLE" | encrypted responses, if requested | [`ResponseKeyring`] | the certificate's, or shown in the Business Center |
//!
//! ```
//! use std::time::SystemTime;
//!
//! use payment_credentials_core::BuildError;
//! use payment_credentials_core::secret::Password;
//! use payment_credentials_jose::{JweMessageEncryption, Recipient, ResponseKey, ResponseKeyring};
//! use payment_credentials_keys::Keystore;
//!
//! /// Turns both directions on, with the file that the service made for the response key.
//! fn mle(
//!     p12: &[u8],
//!     password: &Password,
//!     now: SystemTime,
//! ) -> Result<JweMessageEncryption, BuildError> {
//!     let keystore = Keystore::read(p12, Some(password))?;
//!     let recipient = Recipient::new(keystore.certificate(Recipient::COMMON_NAME)?, now)?;
//!     let key = ResponseKey::from_keystore(&keystore, "keystore_mid")?;
//!     Ok(JweMessageEncryption::default()
//!         .sealing_for(recipient)
//!         .opening_with(ResponseKeyring::new([key])?))
//! }
//! # use payment_credentials_core::seam::MessageEncryption as _;
//! # let p12 = include_bytes!(concat!(
//! #     env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/keystores/loads/service-new.p12"));
//! # let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
//! # let mle = mle(p12, &Password::from("testpass"), now)?;
//! # assert_eq!(mle.response_key_id().unwrap().as_str(), "1700000000000000000017");
//! # Ok::<(), BuildError>(())
//! ```
//!
//! An opened response holds JSON or another JWE, bare or in quotes, which the opener of the credentials
//! then opens; a third layer is rejected. Unencrypted credentials are rejected unless
//! [`accepting_credentials_in_the_clear`](JweMessageEncryption::accepting_credentials_in_the_clear) is
//! called. An error response that can't be opened is still reported as that error, without its details.
//!
//! With an expired certificate, nothing is encrypted any more. [`Recipient::validity`] reports a
//! certificate that expires within 90 days, and the inventory has the expiry of each.
//!
//! # Where the work is done
//!
//! A private-key operation occupies a core for about a millisecond. [`Keyring::offload`] and
//! [`ResponseKeyring::offload`] take one, such as `TokioOffload` of the hyper adapter; without it the work is done on
//! the calling thread. Encryption is always done there: it takes 20 microseconds. Parse keys once and share
//! the opener: cloning it is cheap. For a key in a KMS or an HSM, implement [`KeyUnwrap`].
//!
//! Plaintexts and content keys are wiped on drop, even if opening fails.

mod algorithm;
mod compact;
#[cfg(test)]
mod counted;
mod header;
mod jwe_error;
mod key_unwrap;
mod keyring;
mod message_encryption;
mod opener;
mod recipient;
mod response_key;
mod response_keyring;
mod sealing;

pub use algorithm::{KeyAlgorithm, OptInAlgorithm};
pub use jwe_error::{HeaderText, JweError, JweHeaderError, JwePart, KeyIds};
pub use key_unwrap::{ContentKey, KeyUnwrap, UnwrapError, WrappedKey};
pub use keyring::Keyring;
pub use message_encryption::JweMessageEncryption;
pub use opener::{JweOpener, KeysTried, OpenError};
pub use recipient::Recipient;
pub use response_key::ResponseKey;
pub use response_keyring::ResponseKeyring;
