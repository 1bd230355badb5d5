//! Signs requests to CyberSource: JWT by certificate or shared secret, HTTP Signature, bearer.
//!
//! Each way to sign is a [`RequestAuthenticator`](payment_credentials_core::seam::RequestAuthenticator),
//! from which a gateway is built:
//!
//! | your key | authenticator | |
//! |---|---|---|
//! | REST certificate (P12 file) | [`JwtAuthenticator::with_certificate`] | RS256 |
//! | REST shared secret | [`JwtAuthenticator::with_shared_secret`] | HS256 |
//! | REST shared secret | [`HttpSignatureAuthenticator::new`] | retired in March 2027; can't carry MLE |
//! | an OAuth access token | [`BearerAuthenticator::new`] | only if the vendor has enabled it |
//!
//! `Unauthenticated` of core signs nothing: use it for the sandbox, and with proxies that sign.
//!
//! ```
//! use std::sync::Arc;
//!
//! use payment_credentials_auth::{JwtAuthenticator, SharedSecret, SharedSecretKey};
//! use payment_credentials_core::BuildError;
//! use payment_credentials_core::seam::RequestAuthenticator;
//!
//! /// Once, at the start. To sign in another way, change the last line.
//! fn authenticator(secret: &str) -> Result<Arc<dyn RequestAuthenticator>, BuildError> {
//!     let key = SharedSecretKey::new(
//!         "testrest".parse()?,
//!         "08c94330-f618-42a3-b09d-e1e43be5efda".parse()?,
//!         SharedSecret::from_base64(secret)?,
//!     );
//!     Ok(Arc::new(JwtAuthenticator::with_shared_secret(key)))
//! }
//! # authenticator("yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=")?;
//! # Ok::<(), BuildError>(())
//! ```
//!
//! With a certificate, the key is read from the P12 file:
//!
//! ```
//! use payment_credentials_auth::{CertificateKey, JwtAuthenticator};
//! use payment_credentials_core::secret::Password;
//! use payment_credentials_core::{BuildError, MerchantId};
//! use payment_credentials_keys::Keystore;
//!
//! /// `owner` is the merchant id, or the portfolio id of a MetaKey.
//! fn authenticator(
//!     p12: &[u8],
//!     password: &Password,
//!     owner: MerchantId,
//! ) -> Result<JwtAuthenticator, BuildError> {
//!     let identity = Keystore::read(p12, Some(password))?.signing_identity(owner.as_str())?;
//!     Ok(JwtAuthenticator::with_certificate(CertificateKey::new(owner, identity)))
//! }
//! ```
//!
//! # Owner and merchant
//!
//! A key has an owner, and a request has a transacting merchant. They are the same, unless the key is a
//! MetaKey: then the owner is the portfolio, and `for_merchant` sets the merchant. An authenticator whose
//! merchant isn't its key's owner acts for every merchant that a call names.
//!
//! # What is signed
//!
//! The signature covers the bytes that are sent, and nothing else: method, host, path and the body's
//! SHA-256. A JWT is valid for two minutes and for one request, so each attempt has its own, with a new
//! time and a new [`JwtId`]. `headers` of each authenticator is a pure function of request, time and JWT
//! ID; the seam draws the JWT ID and calls that function.
//!
//! # Keys in a KMS or an HSM
//!
//! Implement the seam: a [`JwtTemplate`] writes the JWT, and your service signs it. The repository's
//! example `kms_signer` shows this, with a slow service and with one that is down.

mod bearer;
mod body_digest;
mod certificate_key;
mod http_signature;
mod jwt;
mod jwt_id;
mod shared_secret;
mod signing_time;

pub use bearer::{AccessToken, AccessTokenProvider, BearerAuthenticator};
pub use body_digest::body_digest;
pub use certificate_key::CertificateKey;
pub use http_signature::{
    DateHeader, HttpSignatureAuthenticator, HttpSignatureFormat, RequestTargetLine,
};
pub use jwt::{
    DigestAlgorithmClaim, JwtAuthenticator, JwtFormat, JwtTemplate, MethodCase, ResponseKeyClaim,
    UnsignedJwt,
};
pub use jwt_id::{JwtId, JwtIds, SystemJwtIds};
pub use shared_secret::{SharedSecret, SharedSecretKey};
