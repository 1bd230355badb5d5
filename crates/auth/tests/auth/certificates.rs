//! RS256: where the private-key work runs, and what the key inventory reports of the key.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use payment_credentials_auth::{CertificateKey, JwtAuthenticator};
use payment_credentials_core::seam::{Offload, OffloadError, RequestAuthenticator as _};
use payment_credentials_core::{Delivery, KeyPurpose, PortError, PortErrorKind, Repeatability};
use payment_credentials_keys::{Certificate, Keystore};

use crate::fixtures::{
    CERTIFICATE_PEM, MERCHANT_PEM, NOW, at, certificate_key, id, jwt, jwt_id, sign, unsigned,
};

/// Runs the work in place and counts it.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

#[async_trait]
impl Offload for Counting {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        work();
        Ok(())
    }
}

#[test]
fn rsa_is_done_on_the_offload_and_hmac_is_not() {
    let offload = Arc::new(Counting::default());
    let counts = |authenticator: JwtAuthenticator| {
        let authenticator = authenticator.offload(Arc::clone(&offload) as _);
        sign(&authenticator, &unsigned(), at(NOW)).expect("headers");
        offload.0.swap(0, Ordering::Relaxed)
    };
    let certificate = JwtAuthenticator::with_certificate(certificate_key("testrest"));
    assert_eq!(counts(certificate), 1);
    assert_eq!(counts(jwt()), 0);
}

/// Rejects all work, as a runtime does that shuts down.
#[derive(Debug)]
struct Down;

#[async_trait]
impl Offload for Down {
    async fn run(&self, _work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        Err(OffloadError)
    }
}

#[test]
fn an_offload_that_fails_is_an_error_before_anything_is_sent() {
    let key = certificate_key("testrest");
    let authenticator = JwtAuthenticator::with_certificate(key).offload(Arc::new(Down));
    let error = sign(&authenticator, &unsigned(), at(NOW)).expect_err("not signed");
    let error = PortError::from(error);
    assert_eq!(error.kind(), PortErrorKind::KeyService);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.repeatability(), Repeatability::Safe);
}

#[test]
fn an_inventory_shows_the_certificates_subject_and_end() {
    let file = [MERCHANT_PEM, CERTIFICATE_PEM].concat();
    let keystore = Keystore::read(&file, None).expect("a keystore");
    let name = keystore.certificates()[0].common_name().expect("a name");
    let key_id = id("1780000000000000000001");
    let identity = keystore
        .signing_identity_named(name, key_id)
        .expect("a key");
    let not_after = identity.certificate().map(Certificate::not_after);
    let key = CertificateKey::new(id("testrest"), identity);
    let authenticator = JwtAuthenticator::with_certificate(key);
    let keys = authenticator.configured_keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].purpose, KeyPurpose::SignRequests);
    assert_eq!(keys[0].key_id, Some(id("1780000000000000000001")));
    assert!(keys[0].subject.is_some() && keys[0].not_after.is_some());
    assert_eq!(keys[0].not_after, not_after);
    // The expected key is the one of the vectors.
    let same = JwtAuthenticator::with_certificate(certificate_key("testrest"));
    let headers = |jwt: &JwtAuthenticator| jwt.headers(&unsigned(), at(NOW), jwt_id());
    assert_eq!(headers(&authenticator).ok(), headers(&same).ok());
}
