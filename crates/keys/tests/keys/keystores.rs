//! Key files that load, whichever program made them, and what they hold.

use payment_credentials_core::KeyPurpose;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Keystore, KeystoreError};

use crate::fixtures::{MERCHANT, decrypts, read};

pub(crate) const PASSWORD: &str = "testpass";
pub(crate) const MERCHANT_MID: &str = "keystore_mid";
/// The key id of the merchant's certificate: its subject's serialNumber.
pub(crate) const KID: &str = "1700000000000000000017";

const AUTHORITY: &str = "CyberSourceCertAuth";
const SERVICE: &str = "CyberSource_SJC_US";

pub(crate) fn file(path: &str) -> Vec<u8> {
    read(&format!("../keystores/{path}"))
}

pub(crate) fn load(path: &str, password: &str) -> Result<Keystore, KeystoreError> {
    Keystore::read(file(path), Some(&Password::from(password)))
}

pub(crate) fn loaded(path: &str) -> Keystore {
    load(path, PASSWORD).expect(path)
}

/// The stored keystores with the merchant's key: file, password, common names in order.
const KEYSTORES: [(&str, &str, &[&str]); 30] = [
    (
        "service-old.p12",
        PASSWORD,
        &[MERCHANT_MID, AUTHORITY, SERVICE],
    ),
    (
        "service-new.p12",
        PASSWORD,
        &[AUTHORITY, MERCHANT_MID, SERVICE],
    ),
    (
        "open-lengths.p12",
        PASSWORD,
        &[MERCHANT_MID, AUTHORITY, SERVICE],
    ),
    (
        "openssl-default.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-legacy.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-3des.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-2des-rc2-128.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-aes-128-sha512.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-100000-rounds.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-no-mac.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-no-encryption.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-plain-certificates.p12",
        PASSWORD,
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-empty-password.p12",
        "",
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-unicode-password.p12",
        "pässwörd-€",
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    (
        "openssl-emoji-password.p12",
        "🔑-testpass",
        &[MERCHANT_MID, SERVICE, AUTHORITY],
    ),
    ("keytool.p12", PASSWORD, &[MERCHANT_MID, SERVICE]),
    ("keytool-legacy.p12", PASSWORD, &[MERCHANT_MID, SERVICE]),
    ("small.p12", PASSWORD, &[MERCHANT_MID]),
    ("serial-in-digits.p12", PASSWORD, &[MERCHANT_MID]),
    ("salt-64-kib.p12", PASSWORD, &[MERCHANT_MID]),
    ("no-salt.p12", PASSWORD, &[MERCHANT_MID]),
    ("key-and-certificate.pem", PASSWORD, &[MERCHANT_MID]),
    ("pbmac1-length-20.p12", PASSWORD, &[MERCHANT_MID]),
    ("pbmac1-length-256.p12", PASSWORD, &[MERCHANT_MID]),
    ("pbmac1-sha1.p12", PASSWORD, &[MERCHANT_MID]),
    ("pbmac1-sha256.p12", PASSWORD, &[MERCHANT_MID]),
    ("pbmac1-sha384.p12", PASSWORD, &[MERCHANT_MID]),
    ("pbmac1-sha512.p12", PASSWORD, &[MERCHANT_MID]),
    ("empty-password.p12", "", &[MERCHANT_MID]),
    ("null-password.p12", "", &[MERCHANT_MID]),
];

/// The stored files with the merchant's key and nothing else.
const KEYS: [&str; 12] = [
    "3des.pkcs8.pem",
    "aes-128-sha1.pkcs8.pem",
    "aes-256-sha512.pkcs8.pem",
    "aes-256.pkcs8.der",
    "aes-256.pkcs8.pem",
    "merchant.jwk",
    "openssl-aes128.pkcs1.pem",
    "openssl-aes192.pkcs1.pem",
    "openssl-aes256.pkcs1.pem",
    "openssl-des3.pkcs1.pem",
    "pbes2-3des.pkcs8.pem",
    "rc2-40.pkcs8.pem",
];

#[test]
fn every_keystore_of_the_field_gives_key_certificates_and_key_id() {
    for (name, password, names) in KEYSTORES {
        let keystore = load(&format!("loads/{name}"), password).expect(name);
        let held = keystore.certificates().iter();
        let held: Vec<_> = held.filter_map(|held| held.common_name()).collect();
        assert_eq!(held, names, "{name}");

        let identity = keystore.signing_identity(MERCHANT_MID).expect(name);
        assert_eq!(identity.key_id().as_str(), KID, "{name}");
        assert_eq!(identity.key().bits(), 2048, "{name}");
        let certificate = identity.certificate().expect("a certificate");
        assert_eq!(certificate.common_name(), Some(MERCHANT_MID), "{name}");
        opens(&keystore, name);
    }
}

#[test]
fn every_encryption_of_a_key_file_is_undone() {
    for name in KEYS {
        let keystore = loaded(&format!("loads/{name}"));
        assert_eq!(keystore.certificates(), []);
        opens(&keystore, name);
    }
    let jwe_key = read("keys/merchant.encrypted.pkcs8.pem");
    let keystore = Keystore::read(&jwe_key, Some(&Password::from("test"))).expect("a key");
    opens(&keystore, "merchant.encrypted.pkcs8.pem");
}

#[test]
fn files_without_a_password_need_none() {
    for name in ["merchant.pkcs1.pem", "merchant.pkcs8.pem"] {
        let keystore = Keystore::read(read(&format!("keys/{name}")), None).expect(name);
        opens(&keystore, name);
    }
    let no_key = Keystore::read(read("keys/certificate.pem"), None).expect("a certificate");
    assert_eq!(no_key.certificates().len(), 1);
}

/// Row B2: the order of the entries does not matter.
#[test]
fn the_certificate_of_the_service_is_found_wherever_it_stands() {
    for name in [
        "service-old.p12",
        "service-new.p12",
        "keytool.p12",
        "service.cer",
        "service.pem",
    ] {
        let keystore = loaded(&format!("loads/{name}"));
        let certificate = keystore.certificate(SERVICE).expect(name);
        let key_id = certificate.key_id().expect("a key id");
        assert_eq!(key_id.as_str(), "1700000000000000000033", "{name}");
    }
}

#[test]
fn of_two_keys_the_name_chooses_and_of_two_certificates_the_later() {
    let keystore = loaded("loads/two-keys.p12");
    let key_id = |name| {
        keystore
            .signing_identity(name)
            .map(|id| id.key_id().to_string())
    };
    assert_eq!(key_id("keystore_mid").expect("the merchant's"), KID);
    let certificate = keystore.certificate("keystore_mid").expect("a certificate");
    assert_eq!(certificate.key_id().expect("a key id").as_str(), KID);
    assert_eq!(key_id("KEYSTORE_MID").expect("in capitals"), KID);
    assert_eq!(
        key_id("other_mid").expect("the other's"),
        "1700000000000000000025"
    );
    assert_ne!(
        keystore
            .signing_identity("keystore_mid")
            .expect("one")
            .key()
            .sign_rs256(b""),
        keystore
            .signing_identity("other_mid")
            .expect("other")
            .key()
            .sign_rs256(b""),
    );
}

#[test]
fn a_key_id_of_ones_own_wins() {
    let key_id = || "my-key".parse().expect("a key id");
    for path in ["loads/small.p12", "refused/no-key-id.p12"] {
        let keystore = loaded(path);
        let identity = keystore.signing_identity_named(MERCHANT_MID, key_id());
        let identity = identity.expect("an identity");
        assert_eq!(identity.key_id().as_str(), "my-key");
        assert!(identity.certificate().is_some());
    }
}

#[test]
fn the_inventory_names_job_subject_and_end() {
    let identity = loaded("loads/service-new.p12").signing_identity(MERCHANT_MID);
    let identity = identity.expect("an identity");
    let listed = identity.configured_key();
    assert_eq!(listed.purpose, KeyPurpose::SignRequests);
    assert_eq!(listed.key_id.as_ref(), Some(identity.key_id()));
    let subject = "CN=keystore_mid, serialNumber=1700000000000000000017";
    assert_eq!(listed.subject.as_deref(), Some(subject));
    let certificate = identity.certificate().expect("a certificate");
    assert_eq!(listed.not_after, Some(certificate.not_after()));
}

#[test]
fn debug_shows_no_key() {
    let keystore = loaded("loads/small.p12");
    let shown = "SigningKey { bits: 2048, .. }";
    assert_eq!(
        format!("{:?}", keystore.signing_key().expect("a key")),
        shown
    );
    let shown = format!("{keystore:?}");
    assert!(shown.starts_with("Keystore { keys: [SigningKey { bits: 2048, .. }], certificates: [Certificate { subject: \"CN=keystore_mid, "), "{shown}");
}

#[track_caller]
fn opens(keystore: &Keystore, name: &str) {
    let key = keystore.private_key().expect(name);
    assert!(decrypts(&key, MERCHANT), "{name}");
}

#[test]
fn public_keys_show_whether_two_files_hold_the_same_key() {
    let password = Password::from(PASSWORD);
    let public_keys = |name: &str| -> Vec<Vec<u8>> {
        let keystore = Keystore::read(file(name), Some(&password)).expect(name);
        keystore.public_keys().map(<[u8]>::to_vec).collect()
    };
    let [key] = &*public_keys("loads/service-new.p12") else {
        panic!("one key");
    };
    assert_eq!(public_keys("loads/merchant.jwk"), std::slice::from_ref(key));
    assert_eq!(
        public_keys("loads/aes-256.pkcs8.pem"),
        std::slice::from_ref(key)
    );
    let both = public_keys("loads/two-keys.p12");
    assert!(both.len() == 2 && both.contains(key));
    assert_eq!(public_keys("loads/service.cer"), Vec::<Vec<u8>>::new());
    // The certificate's public key ends in the key.
    let keystore =
        Keystore::read(file("loads/service-new.p12"), Some(&password)).expect("a keystore");
    let certificate = keystore.certificate("keystore_mid").expect("a certificate");
    assert!(certificate.public_key_info().ends_with(key));
}
