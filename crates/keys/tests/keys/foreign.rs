//! Row G15: each reader of key files and certificates, given each other kind of file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::BuildError;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Certificate, ClientKeys, Keystore, PrivateKey, SigningKey};

use crate::fixtures::read;
use crate::keystores::{PASSWORD, file};

pub(crate) type Reader = fn(&[u8]) -> Result<(), BuildError>;

/// The readers by where a file of the kind belongs: for a private key, for a certificate, for a client identity.
pub(crate) const READERS: [[Reader; 3]; 3] = [
    [
        |file| PrivateKey::from_pem(file).map(drop),
        |file| SigningKey::from_der(file).map(drop),
        |file| {
            let keystore = Keystore::read(file, Some(&Password::from(PASSWORD)))?;
            keystore.private_key().map(drop)
        },
    ],
    [
        |file| Certificate::all(file).map(drop),
        |file| Certificate::from_pem(file).map(drop),
        |file| Certificate::from_der(file).map(drop),
    ],
    [
        |file| Ok(ClientKeys::read(file, Some(&Password::from(PASSWORD))).map(drop)?),
        |file| Ok(ClientKeys::read(file, None).map(drop)?),
        |file| {
            let (store, key) = (Password::from(PASSWORD), Password::from("another"));
            Ok(ClientKeys::read_with_key_password(file, Some(&store), &key).map(drop)?)
        },
    ],
];

fn begun(file: &[u8], length: usize) -> Vec<u8> {
    file.iter().copied().take(length).collect()
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").into_bytes()
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    [&[tag, 0x82], &length[..], content].concat()
}

/// Something signed, as a request for a certificate and a list of revoked ones are.
fn signed(content: &[&[u8]]) -> Vec<u8> {
    let inner = der(0x30, &content.concat());
    let algorithm = [0x30, 0];
    der(0x30, &[&inner[..], &algorithm, &[0x03, 1, 0]].concat())
}

type Kind = (&'static str, Vec<u8>, [&'static str; 3]);

/// The files, with what each reader must say: of a key, of a certificate, of an identity; an empty text where the
/// file is read, or where another test has its text.
#[expect(clippy::too_many_lines, reason = "a table")]
fn kinds() -> Vec<Kind> {
    let p12 = file("loads/service-new.p12");
    let certificate = file("loads/service.cer");
    let key = read("keys/merchant.pkcs8.pem");
    let request = signed(&[&[2, 1, 0], &[0x30, 0], &[0x30, 0], &[0xa0, 0]]);
    let revoked = signed(&[&[2, 1, 1], &[0x30, 0], &[0x30, 0], &[0x17, 1, b'Z']]);
    let cut_p12 = "the beginning of a PKCS#12 file, and ends too early";
    let cut_key = "the beginning of a private key, and ends too early";
    let cut_certificate = "the beginning of a certificate, and ends too early";
    let private = "a private key; give the certificate";
    let convert = "a Java keystore; convert it with `keytool -importkeystore ";
    let export = "a Java keystore; take the certificate out with `keytool -exportcert ";
    let openssh = "a key of OpenSSH; ";
    vec![
        ("JKS", file("refused/java.jks"), [convert, export, convert]),
        (
            "PKCS#7",
            file("refused/certificates.p7b"),
            ["PKCS#7, which has no private key", "", ""],
        ),
        (
            "public key",
            read("keys/merchant.public.pem"),
            ["a public key"; 3],
        ),
        (
            "public JWK",
            file("refused/public.jwk"),
            ["the JWK of a public key"; 3],
        ),
        ("JWK", file("loads/merchant.jwk"), ["", private, ""]),
        (
            "certificate",
            certificate.clone(),
            ["a certificate; give the private key", "", ""],
        ),
        ("key", key.clone(), ["", private, ""]),
        (
            "OpenSSH",
            pem("OPENSSH PRIVATE KEY", b"openssh-key-v1"),
            [openssh, "an SSH key", openssh],
        ),
        ("SSH", b"ssh-rsa AAAA me@host".to_vec(), ["an SSH key"; 3]),
        (
            "SSH, EC",
            b"ecdsa-sha2-nistp256 AAAA".to_vec(),
            ["an SSH key"; 3],
        ),
        (
            "SSH2",
            b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA".to_vec(),
            ["an SSH key"; 3],
        ),
        (
            "PuTTY",
            b"PuTTY-User-Key-File-3: ssh-rsa\n".to_vec(),
            [
                "a key of PuTTY; if it is",
                "an SSH key",
                "a key of PuTTY; convert it",
            ],
        ),
        (
            "EC",
            read("keys/ec-p256.pkcs8.pem"),
            ["an EC key; the service takes RSA", private, ""],
        ),
        (
            "DSA",
            pem("DSA PRIVATE KEY", b"0"),
            [
                "a private key that is not RSA",
                private,
                "a private key that is neither RSA, ECDSA",
            ],
        ),
        (
            "PGP, private",
            pem("PGP PRIVATE KEY BLOCK", b"0"),
            ["a PGP key"; 3],
        ),
        (
            "PGP, public",
            pem("PGP PUBLIC KEY BLOCK", b"0"),
            ["a PGP key"; 3],
        ),
        (
            "request",
            pem("CERTIFICATE REQUEST", b"0"),
            ["a certificate request"; 3],
        ),
        ("request in DER", request, ["a certificate request"; 3]),
        (
            "revoked",
            pem("X509 CRL", b"0"),
            ["a list of revoked certificates"; 3],
        ),
        (
            "revoked in DER",
            revoked,
            ["a list of revoked certificates"; 3],
        ),
        ("nothing", Vec::new(), ["nothing; check the path"; 3]),
        (
            "web page",
            b"<!DOCTYPE HTML><title>Sign in</title>".to_vec(),
            ["a web page"; 3],
        ),
        (
            "XML",
            b"<RSAKeyValue><Modulus>AA</Modulus>".to_vec(),
            ["XML; "; 3],
        ),
        ("ZIP", b"PK\x03\x04\x14\x00".to_vec(), ["a ZIP archive"; 3]),
        (
            "word",
            b"merchant".to_vec(),
            [
                "no key; it should be PKCS#12",
                "no certificate; it should be X.509",
                "neither a key nor a certificate",
            ],
        ),
        (
            "P12",
            p12.clone(),
            [
                "",
                "PKCS#12; take the certificate out with `openssl pkcs12 -in ",
                "",
            ],
        ),
        (
            "P12 under RC2",
            file("loads/openssl-legacy.p12"),
            [
                "",
                "PKCS#12; take the certificate out with `openssl pkcs12 -legacy -in ",
                "",
            ],
        ),
        ("cut P12", begun(&p12, 1000), [cut_p12; 3]),
        (
            "cut P12 in base64",
            begun(STANDARD.encode(&p12).as_bytes(), 1001),
            [cut_p12; 3],
        ),
        ("cut key", begun(&key, 500), [cut_key, private, cut_key]),
        (
            "cut key in base64",
            begun(STANDARD.encode(&key).as_bytes(), 502),
            [cut_key, private, cut_key],
        ),
        (
            "cut key in DER",
            begun(&file("loads/aes-256.pkcs8.der"), 500),
            [cut_key, private, cut_key],
        ),
        (
            "cut certificate",
            begun(&file("loads/service.pem"), 500),
            [
                "a certificate; give the private key",
                cut_certificate,
                cut_certificate,
            ],
        ),
        (
            "cut certificate in DER",
            begun(&certificate, 500),
            [
                "a certificate; give the private key",
                cut_certificate,
                cut_certificate,
            ],
        ),
    ]
}

#[test]
fn g15_every_reader_says_of_every_other_kind_what_it_is() {
    for (name, file, holds) in kinds() {
        let in_base64 = STANDARD.encode(&file).into_bytes();
        let shapes = if file.len() < 64 {
            vec![file]
        } else {
            vec![file, in_base64]
        };
        for file in shapes {
            for (readers, holds) in READERS.iter().zip(holds) {
                for reader in readers {
                    let read = reader(&file);
                    if holds.is_empty() {
                        continue;
                    }
                    let error = read.expect_err(name).to_string();
                    let expected = format!(" is not usable: this file holds {holds}");
                    assert!(error.contains(&expected), "{name}: {error}");
                }
            }
        }
    }
}

#[test]
fn g15_the_length_of_a_file_that_ends_too_early_is_told() {
    use std::error::Error as _;

    let p12 = file("loads/service-new.p12");
    let expected = format!("it should have {} bytes, and 1000 are there", p12.len());
    for cut in [
        begun(&p12, 1000),
        begun(STANDARD.encode(begun(&p12, 1000)).as_bytes(), 1334),
    ] {
        let error = Keystore::read(&cut, None).expect_err("cut");
        let cause = BuildError::from(error).source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some(&*expected));
    }
}
