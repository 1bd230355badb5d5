//! This library, composed as an application does it.

use std::sync::Arc;

use payment_credentials_auth::{
    CertificateKey, HttpSignatureAuthenticator, JwtAuthenticator, SharedSecret, SharedSecretKey,
};
use payment_credentials_core::seam::{Offload, RequestAuthenticator};
use payment_credentials_core::{Endpoint, PaymentCredentials};
use payment_credentials_hyper::{Dialer, HyperPort, Roots};
use payment_credentials_jose::{JweMessageEncryption, JweOpener, Keyring, Recipient};
use payment_credentials_keys::{Certificate, PrivateKey, SigningIdentity, SigningKey};

use crate::fixtures::{KEY_ID, MERCHANT, PRIVATE_KEY, RECIPIENT, SECRET, now};

fn secret_key() -> SharedSecretKey {
    let secret = SharedSecret::from_base64(SECRET).expect("a secret");
    let key_id = KEY_ID.parse().expect("a key id");
    SharedSecretKey::new(MERCHANT.parse().expect("a merchant id"), key_id, secret)
}

/// HTTP Signature.
#[must_use]
pub fn http_signature() -> HttpSignatureAuthenticator {
    HttpSignatureAuthenticator::new(secret_key())
}

/// A JWT signed with a shared secret: HS256.
#[must_use]
pub fn jwt_by_shared_secret() -> JwtAuthenticator {
    JwtAuthenticator::with_shared_secret(secret_key())
}

/// A JWT signed with a certificate's key: RS256.
#[must_use]
pub fn jwt_by_certificate(offload: Arc<dyn Offload>) -> JwtAuthenticator {
    let key = SigningKey::from_pem(PRIVATE_KEY).expect("a key");
    let identity = SigningIdentity::new(key, KEY_ID.parse().expect("a key id"));
    let key = CertificateKey::new(MERCHANT.parse().expect("a merchant id"), identity);
    JwtAuthenticator::with_certificate(key).offload(offload)
}

/// An opener for the stored response.
#[must_use]
pub fn opener(offload: Arc<dyn Offload>) -> JweOpener {
    let key = PrivateKey::from_pem(PRIVATE_KEY).expect("a key");
    let keyring = Keyring::new([key]).expect("a keyring");
    JweOpener::new(keyring.offload(offload))
}

/// Encrypts requests for the stored certificate.
#[must_use]
pub fn encryption() -> JweMessageEncryption {
    let certificate = Certificate::from_pem(RECIPIENT).expect("a certificate");
    let recipient = Recipient::new(&certificate, now()).expect("a recipient");
    JweMessageEncryption::default().sealing_for(recipient)
}

/// A port over plain HTTP, whose connections this dialer makes.
#[must_use]
pub fn port(dialer: Arc<dyn Dialer>, authenticator: Arc<dyn RequestAuthenticator>) -> HyperPort {
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, authenticator)
        .roots(Roots::Bundled)
        .dialer(dialer);
    port.build().expect("a port")
}

/// Parses a payload.
#[must_use]
pub fn parse(payload: &[u8]) -> PaymentCredentials {
    PaymentCredentials::from_plaintext(payload).expect("credentials")
}
