//! Key files that are rejected, and their error texts.

use std::error::Error as _;

use payment_credentials_core::BuildError;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::Keystore;

use crate::fixtures::read;
use crate::keystores::{MERCHANT_MID, PASSWORD, file, load, loaded};

const BROKEN_KEY: &str =
    "private key is not usable: this file holds an RSA key that is broken; copy it again";
const RC4: &str = "keystore is not usable: it is encrypted with RC4, which isn't supported; encrypt it again with \
                   AES-256, as `openssl pkcs12 -legacy -in keystore.p12 -out new.pem` does for a keystore, and \
                   `openssl pkcs8 -provider legacy -provider default -topk8 -in key.pem -out new.pem` for a key";
const DES: &str = "keystore is not usable: it is encrypted with single DES, which isn't supported; encrypt it again \
                   with AES-256, as `openssl pkcs12 -legacy -in keystore.p12 -out new.pem` does for a keystore, and \
                   `openssl pkcs8 -provider legacy -provider default -topk8 -in key.pem -out new.pem` for a key";
const RC2: &str = "keystore is not usable: it is encrypted with RC2 by PBES1 or PBES2, which isn't supported; encrypt \
                   it again with AES-256, as `openssl pkcs12 -legacy -in keystore.p12 -out new.pem` does for a \
                   keystore, and `openssl pkcs8 -provider legacy -provider default -topk8 -in key.pem -out new.pem` \
                   for a key";
const CERTIFICATE: &str = "private key is not usable: this file holds a certificate; give the \
                           private key that belongs to it";
const NOT_NAMED: &str = "keystore holds no certificate with the given name as its common name; \
                         give the merchant id, or the portfolio id of a MetaKey";
const ITERATIONS: &str = "keystore is not usable: it asks for 0 or over 2000000 iterations of key \
                      derivation; make it again with fewer";
const MAC_KEY: &str = "keystore is not usable: its PBMAC1 MAC has a key of under 20 or over 1024 bytes, or doesn't \
                       state how many (RFC 9579); export it again without PBMAC1";
const TOO_SMALL: &str = "private key is not usable: this file holds an RSA key of less than 2048 \
                         bits; make a longer one";
const WRONG: &str = "password is wrong; give the one that was set when this file was made";
const WRONG_FOR_AN_OLD_FILE: &str = "password is wrong; files that the service made before 2024 have the \
                                     merchant id for a password";

/// Files that don't load.
const UNREADABLE: [(&str, &str); 41] = [
    ("another-private-exponent.pkcs1.der", BROKEN_KEY),
    ("exponent-1.pkcs1.der", BROKEN_KEY),
    ("exponent-2.pkcs1.der", BROKEN_KEY),
    ("exponent-over-2-64.pkcs1.der", BROKEN_KEY),
    ("prime-2.pkcs1.der", BROKEN_KEY),
    ("product-is-not-modulus.pkcs1.der", BROKEN_KEY),
    (
        "roca.pkcs1.der",
        "private key is not usable: this file holds an RSA key that others can compute, because of \
         the chip that made it (CVE-2017-15361, ROCA); make another one, in software",
    ),
    ("rsa-16384.pkcs1.der", BROKEN_KEY),
    ("rsa-512.pkcs8.der", TOO_SMALL),
    ("rsa-1025.pkcs8.der", TOO_SMALL),
    ("weak-1024.p12", TOO_SMALL),
    (
        "ec-p256.p12",
        "private key is not usable: this file holds an EC key; the service takes RSA keys only",
    ),
    (
        "ed25519.p12",
        "private key is not usable: this file holds an Ed25519 key; the service takes RSA keys \
         only",
    ),
    (
        "rsa-pss.p12",
        "private key is not usable: this file holds an RSA-PSS key, whose use is limited to \
         another kind of signature; give the RSA key whose public half the service has",
    ),
    (
        "java.jks",
        "private key is not usable: this file holds a Java keystore; convert it with `keytool \
         -importkeystore -srckeystore keystore.jks -destkeystore keystore.p12 -deststoretype pkcs12`",
    ),
    ("pbmac1-length-19.p12", MAC_KEY),
    ("pbmac1-length-32767.p12", MAC_KEY),
    ("pbmac1-no-length.p12", MAC_KEY),
    ("key-rounds-0.p12", ITERATIONS),
    ("key-rounds-2000001.p12", ITERATIONS),
    ("key-rounds-2-31.p12", ITERATIONS),
    ("key-rounds-2-64.p12", ITERATIONS),
    ("mac-rounds-0.p12", ITERATIONS),
    ("mac-rounds-2000001.p12", ITERATIONS),
    ("mac-rounds-2-31.p12", ITERATIONS),
    ("mac-rounds-2-64.p12", ITERATIONS),
    ("pbes2-rounds-0.pkcs8.der", ITERATIONS),
    ("pbes2-rounds-2000001.pkcs8.der", ITERATIONS),
    ("pbes2-rounds-2-31.pkcs8.der", ITERATIONS),
    ("pbes2-rounds-2-64.pkcs8.der", ITERATIONS),
    (
        "salt-over-64-kib.p12",
        "keystore is not usable: it has a salt of over 64 KiB; make it again with a short one",
    ),
    (
        "mac-md5.p12",
        "keystore is not usable: it has a MAC of MD5, which isn't supported; export it again with a MAC of \
         SHA-256",
    ),
    ("rc4.p12", RC4),
    (
        "scrypt.pkcs8.pem",
        "keystore is not usable: it derives its key with scrypt, which isn't supported; encrypt it again \
         with PBKDF2, as `openssl pkcs8 -topk8 -in key.pem -out new.pem` does",
    ),
    ("pbes1-des.pkcs8.pem", DES),
    ("pbes2-rc2.pkcs8.der", RC2),
    (
        "pbes2-gost-hash.pkcs8.der",
        "keystore is not usable: it derives its key with PBKDF2 over another hash than SHA-1, SHA-256, \
         SHA-384 or SHA-512, which isn't supported; encrypt it again with PBKDF2 over SHA-256",
    ),
    (
        "openssl-des.pkcs1.pem",
        "private key is not usable: this file holds a private key that is encrypted with another cipher \
         than AES or 3DES; encrypt it again with `openssl pkey -provider legacy -provider default -in \
         key.pem -aes256 -out new.pem`",
    ),
    (
        "sealed-by-public-key.p12",
        "keystore is not usable: it is sealed for a public key instead of a password, which isn't \
         supported; export it again with a password",
    ),
    (
        "public.jwk",
        "private key is not usable: this file holds the JWK of a public key; give that of the private \
         key, which also has d, p and q",
    ),
    (
        "without-primes.jwk",
        "private key is not usable: this file holds a JWK without the primes of its key; export it again \
         with p, q, dp, dq and qi",
    ),
];

/// Files that load but hold no signing identity of the merchant.
const WITHOUT_IDENTITY: [(&str, &str); 7] = [
    ("no-key.p12", CERTIFICATE),
    ("no-leaf.p12", NOT_NAMED),
    ("no-certificate.p12", NOT_NAMED),
    ("no-x509.p12", NOT_NAMED),
    ("many-names.p12", NOT_NAMED),
    (
        "another-key.p12",
        "keystore holds a certificate with the given name, but not the private key that belongs \
         to it; give the key file that was downloaded with it",
    ),
    (
        "no-key-id.p12",
        "certificate names no key id: neither is there a serialNumber in its subject nor is its \
         own serial number ASCII digits; give the key id that the service shows for the key",
    ),
];

#[track_caller]
fn refused(file: &[u8], password: Option<&str>, expected: &str) {
    let password = password.map(Password::from);
    let error = Keystore::read(file, password.as_ref()).expect_err("refused");
    assert_eq!(error.to_string(), expected);
}

/// Rows B3, B6 and B7: iteration counts, salts and keys that are out of range, and keys that are
/// not secret.
#[test]
fn b3_b6_b7_files_that_do_not_load_say_why() {
    for (name, expected) in UNREADABLE {
        let error = load(&format!("refused/{name}"), PASSWORD).expect_err(name);
        assert_eq!(error.to_string(), expected, "{name}");
    }
}

/// Row B2.
#[test]
fn b2_keystores_without_the_merchants_identity_say_what_is_missing() {
    for (name, expected) in WITHOUT_IDENTITY {
        let keystore = loaded(&format!("refused/{name}"));
        let error = keystore.signing_identity(MERCHANT_MID).expect_err(name);
        assert_eq!(error.to_string(), expected, "{name}");
    }
}

#[test]
fn the_names_that_are_there_are_told_bounded_and_printable() {
    let source_of = |keystore: &Keystore| {
        let error = keystore
            .signing_identity(MERCHANT_MID)
            .expect_err("no identity");
        error.source().map(ToString::to_string)
    };
    let names = "it holds certificates for CyberSourceCertAuth, CyberSource_SJC_US";
    assert_eq!(
        source_of(&loaded("refused/no-leaf.p12")).as_deref(),
        Some(names)
    );
    let names = format!(
        "it holds certificates for mid_0, mid_1?[31m{}, mid_2, mid_3",
        "x".repeat(54)
    );
    assert_eq!(source_of(&loaded("refused/many-names.p12")), Some(names));
    assert_eq!(source_of(&loaded("refused/no-certificate.p12")), None);
}

/// Row B1.
#[test]
fn b1_a_wrong_password_is_called_wrong_and_never_shown() {
    let encrypted = [
        "service-old.p12",
        "service-new.p12",
        "open-lengths.p12",
        "openssl-default.p12",
        "openssl-legacy.p12",
        "openssl-no-mac.p12",
        "openssl-empty-password.p12",
        "openssl-unicode-password.p12",
        "keytool.p12",
        "3des.pkcs8.pem",
        "aes-256.pkcs8.der",
        "rc2-40.pkcs8.pem",
    ];
    for name in encrypted {
        for password in ["hunter2-wrong", "Testpass", "testpass ", "ä"] {
            let error = load(&format!("loads/{name}"), password).expect_err(name);
            // The merchant id can help only where the file has the shape of the service's.
            let expected = if ["service-old.p12", "open-lengths.p12"].contains(&name) {
                WRONG_FOR_AN_OLD_FILE
            } else {
                WRONG
            };
            assert_eq!(error.to_string(), expected, "{name}");
            assert!(!format!("{error:?}").contains(password), "{name}");
        }
    }
    refused(
        &file("loads/service-old.p12"),
        Some(""),
        WRONG_FOR_AN_OLD_FILE,
    );
}

#[test]
fn a_wrong_password_that_decrypts_to_nonsense_is_called_wrong_too() {
    // Found by trial: with these passwords, the stored file decrypts to a valid padding by chance.
    for (name, password) in [
        ("aes-256.pkcs8.der", "wrong-315"),
        ("aes-256.pkcs8.der", "wrong-346"),
        ("3des.pkcs8.pem", "wrong-124"),
        ("openssl-no-mac.p12", "wrong-37"),
    ] {
        refused(&file(&format!("loads/{name}")), Some(password), WRONG);
    }
}

#[test]
fn a_missing_password_is_called_missing() {
    const MISSING: &str =
        "password is missing: this file is encrypted; give the one that was set when it was made";
    refused(&file("loads/service-new.p12"), None, MISSING);
    refused(&file("loads/openssl-no-mac.p12"), None, MISSING);
    refused(&file("loads/aes-256.pkcs8.pem"), None, MISSING);
}

#[test]
fn certificates_in_pkcs7_are_certificates_and_no_key() {
    let keystore = loaded("refused/certificates.p7b");
    assert!(keystore.certificate(MERCHANT_MID).is_ok());
    let error = keystore.private_key().expect_err("no key").to_string();
    let expected = "private key is not usable: this file holds PKCS#7, which has no private key; give the \
                    PKCS#12 file";
    assert_eq!(error, expected);
}

#[test]
fn several_keys_are_no_one_key() {
    let several = "private key is not usable: this file holds more than one private key; give each \
                   a file of its own";
    let keystore = loaded("loads/two-keys.p12");
    let text = |error: BuildError| error.to_string();
    assert_eq!(
        keystore.private_key().map_err(text).expect_err("two"),
        several
    );
    assert_eq!(
        keystore.signing_key().map_err(text).expect_err("two"),
        several
    );
}

#[test]
fn files_of_other_kinds_say_what_they_hold() {
    let holds = |file: &[u8], what: &str| {
        refused(
            file,
            None,
            &format!("private key is not usable: this file holds {what}"),
        );
    };
    holds(b"", "nothing; check the path");
    holds(
        b"{}",
        "JSON that is neither a JWK nor a JWK set; check the path",
    );
    holds(
        b"MIIEvQIBADANBg",
        "the beginning of a private key, and ends too early; copy it again, whole",
    );
    holds(
        b"MIIEvQ!IBADANBg",
        "base64 that is broken; copy it again, whole",
    );
    let public = "a public key; give the private key that belongs to it";
    holds(&read("keys/merchant.public.pem"), public);
    holds(
        &file("loads/small.p12")[..1000],
        "the beginning of a PKCS#12 file, and ends too early; copy it again, whole",
    );
    holds(
        &[0x30, 0x03, 0x02, 0x01, 0x07],
        "no private key; give the file with the private key",
    );
    holds(
        &vec![b' '; 1024 * 1024 + 1],
        "over 1 MiB; check that it is the right file",
    );
    let mut long = file("loads/small.p12");
    long.resize(1024 * 1024 + 1, 0);
    holds(&long, "over 1 MiB; check that it is the right file");
}
