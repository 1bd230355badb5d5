//! Signatures that equal those of other implementations.

use payment_credentials_core::KeyPurpose;
use payment_credentials_keys::{SigningIdentity, SigningKey};

use crate::fixtures::read;
use crate::keystores::{file, loaded};

const MESSAGE: &[u8] = b"eyJhbGciOiJSUzI1NiJ9.e30";

#[test]
fn rs256_is_what_openssl_signs() {
    let expected = file("rs256.sig");
    for format in ["pkcs1", "pkcs8"] {
        let pem = read(&format!("keys/merchant.{format}.pem"));
        let key = SigningKey::from_pem(&pem).expect("a key");
        assert_eq!(key.sign_rs256(MESSAGE).as_deref(), Ok(&*expected));
        assert_eq!(key.clone().sign_rs256(MESSAGE).as_deref(), Ok(&*expected));
        assert_ne!(key.sign_rs256(b"").as_deref(), Ok(&*expected));
    }
    let identity = loaded("loads/service-old.p12").signing_identity("keystore_mid");
    let signed = identity.expect("an identity").key().sign_rs256(MESSAGE);
    assert_eq!(signed, Ok(expected));
}

#[test]
fn a_longer_key_signs_longer() {
    for bits in [3072, 4096] {
        let key = SigningKey::from_pem(read(&format!("keys/merchant-{bits}.pkcs8.pem")));
        let key = key.expect("a key");
        assert_eq!(key.bits(), bits);
        assert_eq!(
            key.sign_rs256(MESSAGE).expect("a signature").len() * 8,
            bits
        );
    }
}

#[test]
fn a_key_without_a_certificate_signs_under_the_given_id() {
    let key = SigningKey::from_pem(read("keys/merchant.pkcs8.pem")).expect("a key");
    let identity = SigningIdentity::new(key, "my-key".parse().expect("a key id"));
    assert!(identity.certificate().is_none());
    let listed = identity.configured_key();
    assert_eq!(listed.purpose, KeyPurpose::SignRequests);
    assert_eq!(listed.key_id.as_ref(), Some(identity.key_id()));
    assert_eq!((listed.subject, listed.not_after), (None, None));
}

#[test]
fn der_is_read_where_it_is_asked_for() {
    let error = SigningKey::from_der(file("refused/rsa-512.pkcs8.der")).expect_err("too small");
    assert_eq!(error.setting(), "private key");
    SigningKey::from_der(file("refused/exponent-1.pkcs1.der")).expect_err("broken");
    SigningKey::from_der(b"").expect_err("nothing");
}
