//! Sealed requests, decrypted by code that shares only the primitives with the sealer.

use std::collections::HashSet;
use std::error::Error;
use std::time::SystemTime;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use payment_credentials_core::seam::MessageEncryption as _;
use payment_credentials_core::{EncryptionError, EncryptionErrorKind, KeyPurpose};
use payment_credentials_jose::{JweMessageEncryption, Recipient};
use payment_credentials_keys::{Certificate, Keystore, Validity};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::fixtures::{MERCHANT_NEXT, read};
use crate::mle_stage::{NOW, at, recipient, service};

const DAY: u64 = 24 * 60 * 60;

/// When the stored certificate expires: the first second of the year 2056.
pub(crate) const END: u64 = 2_713_910_400;

fn seal(recipient: Recipient, body: &[u8], now: SystemTime) -> Result<Bytes, EncryptionError> {
    let mle = JweMessageEncryption::default().sealing_for(recipient);
    pollster::block_on(mle.seal(Bytes::copy_from_slice(body), now))
}

/// Header, content key, IV and plaintext of a request that our sealer has sealed.
fn opened(sealed: &[u8]) -> (String, Vec<u8>, Vec<u8>, Vec<u8>) {
    let text = str::from_utf8(sealed).expect("UTF-8");
    let jwe = text
        .strip_prefix(r#"{"encryptedRequest":""#)
        .expect("one member");
    opened_jwe(jwe.strip_suffix(r#""}"#).expect("one member"))
}

/// Header, content key, IV and plaintext of a JWE.
fn opened_jwe(jwe: &str) -> (String, Vec<u8>, Vec<u8>, Vec<u8>) {
    let parts: Vec<&str> = jwe.split('.').collect();
    let [header, encrypted_key, iv, ciphertext, tag] = <[&str; 5]>::try_from(parts).expect("five");
    let decode = |part| URL_SAFE_NO_PAD.decode(part).expect("base64url");

    let pem = read(&format!("keys/{MERCHANT_NEXT}.pkcs8.pem"));
    let der = PrivatePkcs8KeyDer::from_pem_slice(&pem).expect("a key");
    let key = PrivateDecryptingKey::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
    let key = OaepPrivateDecryptingKey::new(key).expect("a key");
    let mut buffer = vec![0; key.min_output_size()];
    let content_key = key
        .decrypt(
            &OAEP_SHA256_MGF1SHA256,
            &decode(encrypted_key),
            &mut buffer,
            None,
        )
        .expect("unwrapped");

    let (iv, ciphertext) = (decode(iv), decode(ciphertext));
    let mut plaintext = vec![0; ciphertext.len()];
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, content_key).expect("256 bits"))
        .open_separate_gather(
            Nonce::try_assume_unique_for_key(&iv).expect("96 bits"),
            Aad::from(header),
            &ciphertext,
            &decode(tag),
            &mut plaintext,
        )
        .expect("authentic");
    let header = String::from_utf8(decode(header)).expect("UTF-8");
    (header, content_key.to_vec(), iv, plaintext)
}

#[test]
fn a_request_is_sealed_as_the_vendors_own_clients_seal_it() {
    for body in [&br#"{"paymentInformation":{}}"#[..], b"", &[b'x'; 9000]] {
        let sealed = seal(recipient(), body, at(NOW)).expect("sealed");
        let (header, .., plaintext) = opened(&sealed);
        assert_eq!(
            header,
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT","kid":"1700000000000000000033","iat":1800000000}"#
        );
        assert_eq!(plaintext, body);
    }
}

/// The code that decrypts our requests in these tests also decrypts those of other implementations.
#[test]
fn a_request_is_sealed_as_four_other_implementations_seal_it() {
    let ours = br#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#;
    let sealed = seal(recipient(), ours, at(1_767_225_600)).expect("sealed");
    let (header, key, iv, plaintext) = opened(&sealed);
    let header: serde_json::Value = serde_json::from_str(&header).expect("JSON");
    for maker in ["authlib", "jose", "joserfc", "jwcrypto"] {
        let body = read(&format!("../mle/requests/{maker}/body.json"));
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body.as_object().expect("an object").len(), 1, "{maker}");
        let theirs = opened_jwe(body["encryptedRequest"].as_str().expect("a text"));
        let their_header: serde_json::Value = serde_json::from_str(&theirs.0).expect("JSON");
        assert_eq!(header, their_header, "{maker}");
        assert_eq!((key.len(), iv.len()), (theirs.1.len(), theirs.2.len()));
        assert_eq!(plaintext, theirs.3, "{maker}");
    }
}

#[test]
fn each_request_has_a_content_key_and_an_iv_of_its_own() {
    let (mut keys, mut ivs) = (HashSet::new(), HashSet::new());
    for _ in 0..20 {
        let (_, key, iv, _) = opened(&seal(recipient(), b"{}", at(NOW)).expect("sealed"));
        assert!(key != [0; 32] && iv != [0; 12]);
        assert!(keys.insert(key) && ivs.insert(iv));
    }
}

#[test]
fn the_key_id_can_be_told() {
    let keystore = service();
    let certificate = &keystore.certificates()[0];
    let key_id = || "service-2027".parse().expect("a key id");
    let named = Recipient::with_key_id(certificate, key_id(), at(NOW)).expect("a recipient");
    assert_eq!(named.key_id().as_str(), "service-2027");
    let (header, ..) = opened(&seal(named, b"{}", at(NOW)).expect("sealed"));
    assert!(header.contains(r#""kid":"service-2027""#));

    let unnamed = Certificate::from_pem(read("keys/certificate.pem")).expect("a certificate");
    let error = Recipient::new(&unnamed, at(NOW)).expect_err("no key id");
    assert!(error.to_string().starts_with("certificate names no key id"));
    assert!(Recipient::with_key_id(&unnamed, key_id(), at(NOW)).is_ok());
}

#[test]
fn the_certificate_comes_from_any_file_that_holds_it() {
    let password = "testpass".into();
    for (file, password) in [
        ("service.pem", None),
        ("service.cer", None),
        ("service-old.p12", Some(&password)),
        ("service-new.p12", Some(&password)),
        ("keytool.p12", Some(&password)),
    ] {
        let keystore = read(&format!("../keystores/loads/{file}"));
        let keystore = Keystore::read(&keystore, password).expect(file);
        let certificate = keystore.certificate("cybersource_sjc_us").expect(file);
        let recipient = Recipient::new(certificate, at(NOW)).expect(file);
        let (.., plaintext) = opened(&seal(recipient, b"{}", at(NOW)).expect(file));
        assert_eq!(plaintext, b"{}", "{file}");
    }
}

#[test]
fn a_key_that_is_too_short_is_no_recipient() {
    let keystore = read("../keystores/loads/service-new.p12");
    let keystore = Keystore::read(&keystore, Some(&"testpass".into())).expect("a keystore");
    let short = keystore
        .certificate("CyberSourceCertAuth")
        .expect("a certificate");
    let key_id = "short".parse().expect("a key id");
    let error = Recipient::with_key_id(short, key_id, at(NOW)).expect_err("1024 bits");
    assert_eq!(
        error.to_string(),
        "recipient certificate holds no RSA key of 2048 to 8192 bits; download the service's \
         certificate"
    );
}

#[test]
fn b18_an_expired_recipient_is_refused_and_one_that_ends_soon_is_told() {
    let keystore = service();
    let recipient = |now| Recipient::new(&keystore.certificates()[0], at(now));
    let validity = |now| recipient(now).map(|it| it.validity()).expect("valid");
    assert_eq!(validity(END - 90 * DAY), Validity::Valid);
    assert_eq!(
        validity(END - 90 * DAY + 1),
        Validity::EndsSoon { days: 89 }
    );
    assert_eq!(validity(END), Validity::EndsSoon { days: 0 });
    let refused = |now| recipient(now).expect_err("not valid").to_string();
    let expired = "recipient certificate has expired; download the service's present certificate";
    assert_eq!(refused(END + 1), expired);
    let early = "recipient certificate is not valid yet; check the clock";
    assert_eq!(refused(NOW - 1000 * DAY), early);

    // A certificate that expires while the program runs.
    let recipient = recipient(NOW).expect("valid");
    assert!(seal(recipient.clone(), b"{}", at(END)).is_ok());
    let error = seal(recipient, b"{}", at(END + 1)).expect_err("expired");
    assert_eq!(error.kind(), EncryptionErrorKind::Seal);
    assert_eq!(error.source().expect("a cause").to_string(), expired);
}

#[test]
fn the_inventory_shows_the_recipient() {
    let mle = JweMessageEncryption::default().sealing_for(recipient());
    let [key] = &*mle.configured_keys() else {
        panic!("one key")
    };
    assert_eq!(key.purpose, KeyPurpose::SealRequests);
    let id = key.key_id.as_ref().expect("a key id");
    assert_eq!(id.as_str(), "1700000000000000000033");
    let subject = key.subject.as_deref().expect("a subject");
    assert!(subject.contains("CN=CyberSource_SJC_US"), "{subject}");
    assert_eq!(key.not_after, Some(at(END)));
    assert!(mle.is_active() && mle.response_key_id().is_none());
    assert!(format!("{mle:?}").contains("CyberSource_SJC_US"));
}
