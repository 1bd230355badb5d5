//! Key files that are accepted, and key files whose error names what they hold instead.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_keys::PrivateKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};

use crate::fixtures::{
    MERCHANT, MERCHANT_3072, MERCHANT_4096, MERCHANT_NEXT, decrypts, read, read_text,
};

#[track_caller]
fn refused(file: impl AsRef<[u8]>, rule: &str) {
    let error = PrivateKey::from_pem(file.as_ref()).expect_err("refused");
    assert_eq!(error.setting(), "private key");
    assert_eq!(
        error.to_string(),
        format!("private key is not usable: this file holds {rule}")
    );
}

#[track_caller]
fn taken(file: impl AsRef<[u8]>) {
    let key = PrivateKey::from_pem(file.as_ref()).expect("taken");
    assert!(decrypts(&key, MERCHANT));
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn pkcs8_der() -> Vec<u8> {
    let pem = read("keys/merchant.pkcs8.pem");
    let der = PrivatePkcs8KeyDer::from_pem_slice(&pem).expect("PKCS#8");
    der.secret_pkcs8_der().to_vec()
}

fn pkcs1_der() -> Vec<u8> {
    let pem = read("keys/merchant.pkcs1.pem");
    let der = PrivatePkcs1KeyDer::from_pem_slice(&pem).expect("PKCS#1");
    der.secret_pkcs1_der().to_vec()
}

const BROKEN: &str = "PEM that is broken; copy it again, with its line breaks";
const BROKEN_KEY: &str = "an RSA key that is broken; copy it again";
const CUT: &str = "the beginning of a private key, and ends too early; copy it again, whole";
const CERTIFICATE: &str = "a certificate; give the private key that belongs to it";
const DER: &str = "DER, not PEM; read it with `from_der`";
const EC: &str = "an EC key; the service takes RSA keys only";
const NO_KEY: &str = "no private key; give the file with the private key";
const NO_PEM: &str = "no key; it should be PKCS#12, DER or a JWK, or begin with `-----BEGIN PRIVATE \
                      KEY-----` or `-----BEGIN RSA PRIVATE KEY-----`";
const NOT_RSA: &str = "a private key that is not RSA; the service takes RSA keys only";
const PUBLIC: &str = "a public key; give the private key that belongs to it";
const SEVERAL: &str = "more than one private key; give each a file of its own";
const SSH: &str = "an SSH key; give the RSA key whose public half the service has";

#[test]
fn both_formats_give_the_same_key() {
    let sizes = [
        (MERCHANT, 2048),
        (MERCHANT_NEXT, 2048),
        (MERCHANT_3072, 3072),
        (MERCHANT_4096, 4096),
    ];
    for (name, bits) in sizes {
        for format in ["pkcs1", "pkcs8"] {
            let file = read(&format!("keys/{name}.{format}.pem"));
            let key = PrivateKey::from_pem(&file).expect("a key");
            assert_eq!(key.bits(), bits);
            assert_eq!(key.key_id(), None);
            assert!(decrypts(&key, name));
        }
    }
}

/// Rows B6 and B7.
#[test]
fn stored_files_say_what_they_hold() {
    refused(read("keys/certificate.pem"), CERTIFICATE);
    refused(read("keys/ec-p256.pkcs8.pem"), EC);
    refused(
        read("keys/ed25519.pkcs8.pem"),
        "an Ed25519 key; the service takes RSA keys only",
    );
    refused(
        read("keys/rsa-pss.pkcs8.pem"),
        "an RSA-PSS key, whose use is limited to another kind of signature; give the RSA key whose \
         public half the service has",
    );
    refused(
        read("keys/merchant.encrypted.pkcs8.pem"),
        "an encrypted private key; read it with `Keystore::read` and its password",
    );
    refused(
        read("keys/weak-1024.pkcs8.pem"),
        "an RSA key of less than 2048 bits; make a longer one",
    );
    // A key made for this test alone, which protects nothing.
    refused(
        include_str!("rsa-8256.pem"),
        "an RSA key of more than 8192 bits; make a shorter one",
    );
    for name in [MERCHANT, MERCHANT_NEXT, MERCHANT_3072, MERCHANT_4096] {
        refused(read(&format!("keys/{name}.public.pem")), PUBLIC);
    }
}

#[test]
fn files_of_other_kinds_say_what_they_hold() {
    refused(b"", "nothing; check the path");
    refused(b" \r\n\t", "nothing; check the path");
    refused(b"hello", NO_PEM);
    refused([0xff; 100], NO_PEM);
    refused(
        r#"{"kty":"RSA"}"#,
        "the JWK of a public key; give that of the private key, which also has d, p and q",
    );
    refused(b"ssh-rsa AAAA me@example.com", SSH);
    refused(
        pem("OPENSSH PRIVATE KEY", b"openssh-key-v1"),
        "a key of OpenSSH; if it is the RSA key whose public half the service has, convert a copy of it \
         with `ssh-keygen -p -m PKCS8 -f key`",
    );
    refused(pem("EC PRIVATE KEY", b"0"), EC);
    refused(
        format!(
            "{}{}",
            pem("EC PARAMETERS", b"0"),
            pem("EC PRIVATE KEY", b"0")
        ),
        EC,
    );
    refused(pem("DSA PRIVATE KEY", b"0"), NOT_RSA);
    // DSA in DER: version, and five numbers.
    let dsa = [&[0x30, 18][..], &[2, 1, 0].repeat(6)].concat();
    refused(dsa, NOT_RSA);
    refused(pem("RSA PUBLIC KEY", b"0"), PUBLIC);
    refused(
        pem("CERTIFICATE REQUEST", b"0"),
        "a certificate request; give the private key that was made with it",
    );
    refused(pem("DH PARAMETERS", b"0"), NO_KEY);
    refused(
        pem("PGP MESSAGE", b"0"),
        "what PGP encrypted, or a PGP key; decrypt a message with `gpg --decrypt`; of keys, the service \
         takes RSA keys in PEM, DER, PKCS#12 or a JWK",
    );
    refused(pkcs8_der(), DER);
    refused(pkcs1_der(), DER);
    refused(
        [0x30, 0x82, 0x00, 0x05, 0x02, 0x01, 0x03, 0x30, 0x00],
        "PKCS#12; read it with `Keystore::read` and its password",
    );
    let proc_type = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n";
    refused(
        read_text("keys/merchant.pkcs1.pem")
            .replace("-----BEGIN RSA PRIVATE KEY-----\n", proc_type),
        BROKEN,
    );
    let key = read_text("keys/merchant.pkcs8.pem");
    let over = format!("{key}{}", " ".repeat(1024 * 1024));
    refused(over, "over 1 MiB; check that it is the right file");
}

#[test]
fn one_private_key_stands_in_a_file() {
    let (key, next) = (
        read_text("keys/merchant.pkcs8.pem"),
        read_text("keys/merchant-next.pkcs1.pem"),
    );
    let certificate = read_text("keys/certificate.pem");
    let public = read_text("keys/merchant.public.pem");
    refused(format!("{key}{next}"), SEVERAL);
    refused(format!("{key}{key}"), SEVERAL);
    refused(format!("{}{key}", pem("EC PRIVATE KEY", b"0")), SEVERAL);
    refused(format!("{public}{certificate}"), PUBLIC);
    taken(format!("{certificate}{key}"));
    taken(format!(
        "Bag Attributes\n  x: y\n{key}{public}{certificate}"
    ));
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() {
    let key = read_text("keys/merchant.pkcs8.pem");
    taken(&key);
    taken(key.replace('\n', "\r\n"));
    taken(key.trim_end());
    taken(format!("\u{feff}{key}"));
    taken(key.replace("-----\n", "----- \n"));
}

/// Row B6.
#[test]
fn b6_broken_keys_are_refused() {
    let key = read_text("keys/merchant.pkcs8.pem");
    refused(&key[..key.len() / 2], CUT);
    refused(key.replacen("MII", "M!!", 1), BROKEN);
    refused(pem("PRIVATE KEY", b""), BROKEN_KEY);
    refused(pem("PRIVATE KEY", &pkcs8_der()[..600]), BROKEN_KEY);
    // Both formats are accepted under both labels.
    taken(pem("RSA PRIVATE KEY", &pkcs8_der()));
    taken(pem("PRIVATE KEY", &pkcs1_der()));
    // The modulus is at bytes 11 to 267; here it isn't the product of the primes.
    let mut der = pkcs1_der();
    der[200] ^= 1;
    refused(pem("RSA PRIVATE KEY", &der), BROKEN_KEY);
}

#[test]
fn a_key_that_is_changed_anywhere_does_no_harm() {
    let good = pkcs8_der();
    let mut refused = 0;
    for at in 0..good.len() {
        let mut der = good.clone();
        der[at] ^= 0x10;
        match PrivateKey::from_pem(pem("PRIVATE KEY", &der).as_bytes()) {
            Ok(key) => assert_eq!(key.bits(), 2048),
            Err(error) => {
                let told = error.to_string();
                assert!(told.starts_with("private key is not usable: this file holds"));
                refused += 1;
            }
        }
    }
    assert!(refused > good.len() - 10, "{refused} of {}", good.len());
    for length in 0..good.len() {
        assert!(PrivateKey::from_pem(pem("PRIVATE KEY", &good[..length]).as_bytes()).is_err());
    }
}
