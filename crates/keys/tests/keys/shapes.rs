//! Row G15: key files as shells, mail programs and secret stores pass them on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Certificate, Keystore, PrivateKey, SigningKey};

use crate::fixtures::{MERCHANT, MERCHANT_NEXT, decrypts, read, read_text};
use crate::keystores::{PASSWORD, file};

fn in_utf16(text: &str, mark: bool, little: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    let units = format!("{mark}{text}");
    let bytes = |unit: u16| {
        if little {
            unit.to_le_bytes()
        } else {
            unit.to_be_bytes()
        }
    };
    units.encode_utf16().flat_map(bytes).collect()
}

/// The text in each shape whose meaning is certain, with the shape's name.
fn shapes(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let line = text.trim_end();
    let indented = format!("    {}", text.replace('\n', "\n    "));
    let of_c = format!("\"{}\"", line.replace('\n', "\\n\"\n\""));
    vec![
        ("as it is", text.into()),
        ("UTF-16, little endian", in_utf16(text, true, true)),
        ("UTF-16, big endian", in_utf16(text, true, false)),
        ("UTF-16 without a mark", in_utf16(text, false, true)),
        ("big endian without a mark", in_utf16(text, false, false)),
        ("UTF-8 with a mark", format!("\u{feff}{text}").into()),
        ("quoted", format!("\"{line}\"").into()),
        ("in single quotes", format!("'{line}'\n").into()),
        ("indented", indented.into()),
        ("tabs", text.replace('\n', "\n\t").into()),
        ("literal line breaks", line.replace('\n', "\\n").into()),
        ("of Windows", line.replace('\n', "\\r\\n").into()),
        ("escaped twice", line.replace('\n', "\\\\n").into()),
        (
            "quoted, with literal line breaks",
            format!("\"{}\"", line.replace('\n', "\\n")).into(),
        ),
        ("lines of C", of_c.into()),
        ("blanks for line breaks", line.replace('\n', " ").into()),
        ("base64 once more", STANDARD.encode(text).into()),
        (
            "base64 in lines, quoted",
            format!("'{}'", STANDARD.encode(text).replace('M', "M\n")).into(),
        ),
        ("assigned", format!("KEY=\n{text}").into()),
    ]
}

#[test]
fn g15_a_private_key_opens_in_every_shape_whose_meaning_is_certain() {
    for format in ["pkcs1", "pkcs8"] {
        for (shape, file) in shapes(&read_text(&format!("keys/merchant.{format}.pem"))) {
            let key = PrivateKey::from_pem(&file).expect(shape);
            assert!(decrypts(&key, MERCHANT), "{shape}");
            SigningKey::from_pem(&file).expect(shape);
            Keystore::read(&file, None).expect(shape);
        }
    }
}

#[test]
fn g15_certificates_and_encrypted_keys_do_too() {
    let pem = String::from_utf8(file("loads/key-and-certificate.pem")).expect("UTF-8");
    for (shape, file) in shapes(&pem) {
        let keystore = Keystore::read(&file, None).expect(shape);
        keystore.signing_identity("keystore_mid").expect(shape);
        assert_eq!(Certificate::all(&file).expect(shape).len(), 1, "{shape}");
    }
    let encrypted = String::from_utf8(file("loads/aes-256.pkcs8.pem")).expect("UTF-8");
    for (shape, file) in shapes(&encrypted) {
        let keystore = Keystore::read(&file, Some(&Password::from(PASSWORD)));
        keystore.expect(shape).private_key().expect(shape);
    }
}

#[test]
fn g15_a_keystore_in_base64_opens() {
    let p12 = file("loads/service-new.p12");
    let text = STANDARD.encode(&p12);
    for text in [
        text.clone(),
        format!("\"{text}\"\n"),
        text.replace('M', "M\r\n"),
    ] {
        let keystore = Keystore::read(&text, Some(&Password::from(PASSWORD)));
        keystore.expect("base64").private_key().expect("a key");
    }
}

#[test]
fn g15_text_and_bytes_are_both_taken() {
    let text = read_text("keys/merchant.pkcs8.pem");
    assert!(PrivateKey::from_pem(&text).is_ok());
    assert!(PrivateKey::from_pem(text.as_str()).is_ok());
    assert!(PrivateKey::from_pem(text.as_bytes()).is_ok());
    assert!(PrivateKey::from_pem(text.clone().into_bytes()).is_ok());
    assert!(Keystore::read(text, None).is_ok());
}

/// The errors of the two readers of a file that isn't what they want.
fn refused(file: &[u8]) -> [String; 2] {
    let text = |error: payment_credentials_core::BuildError| error.to_string();
    [
        PrivateKey::from_pem(file)
            .map_err(text)
            .expect_err("no PEM"),
        PrivateKey::from_der(file)
            .map_err(text)
            .expect_err("no DER"),
    ]
}

#[test]
fn g15_readers_of_one_format_say_what_they_were_given_instead() {
    for (file, holds) in [
        (read("keys/certificate.pem"), "a certificate;"),
        (file("loads/service.cer"), "a certificate;"),
        (read("keys/merchant.public.pem"), "a public key;"),
        (file("refused/certificates.p7b"), "PKCS#7,"),
        (file("loads/service-new.p12"), "PKCS#12;"),
        (file("loads/merchant.jwk"), "a JWK;"),
        (file("refused/java.jks"), "a Java keystore;"),
        (
            read("keys/merchant.encrypted.pkcs8.pem"),
            "an encrypted private key;",
        ),
        (b"KEY = 7".to_vec(), "no key;"),
    ] {
        for error in refused(&file) {
            let expected = format!("private key is not usable: this file holds {holds}");
            assert!(error.starts_with(&expected), "{holds} {error}");
        }
    }
    let pem = read("keys/merchant.pkcs8.pem");
    let error = PrivateKey::from_der(&pem).expect_err("PEM").to_string();
    let expected =
        "private key is not usable: this file holds PEM, not DER; read it with `from_pem`";
    assert_eq!(error, expected);
}

#[test]
fn g15_where_a_certificate_belongs_the_error_speaks_of_certificates() {
    for (file, expected) in [
        (
            read("keys/merchant.pkcs8.pem"),
            "a private key; give the certificate, which is public",
        ),
        (
            file("loads/merchant.jwk"),
            "a private key; give the certificate, which is public",
        ),
        (
            file("loads/service-new.p12"),
            "PKCS#12; take the certificate out with `openssl pkcs12 -in keystore.p12 -nokeys -out \
             certificate.pem`",
        ),
        (
            file("refused/java.jks"),
            "a Java keystore; take the certificate out with `keytool -exportcert -rfc -keystore \
             keystore.jks -alias ALIAS -file certificate.pem`",
        ),
        (
            read("keys/merchant.public.pem"),
            "a public key; give the certificate that names its owner",
        ),
        (
            b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----"
                .to_vec(),
            "a certificate request; give the certificate that was issued for it",
        ),
    ] {
        for read in [
            Certificate::all(&file).err(),
            Certificate::from_pem(&file).err(),
        ] {
            let error = read.expect("refused").to_string();
            let expected = format!("certificate is not usable: this file holds {expected}");
            assert_eq!(error, expected);
        }
    }
}

#[test]
fn g15_a_bundle_of_certificates_is_read_whole_in_every_format() {
    let one = file("loads/service.pem");
    let three = [&one[..], b"\n# another\n", &one[..], &one[..]].concat();
    assert_eq!(Certificate::all(&three).expect("a bundle").len(), 3);
    assert_eq!(
        Certificate::all(file("loads/service.cer"))
            .expect("DER")
            .len(),
        1
    );
    let p7b = file("refused/certificates.p7b");
    assert_eq!(Certificate::all(&p7b).expect("PKCS#7").len(), 1);
    let pem = format!(
        "-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n",
        STANDARD.encode(&p7b)
    );
    assert_eq!(Certificate::all(pem).expect("PKCS#7 in PEM").len(), 1);
    let broken = Certificate::all(&p7b[..p7b.len() - 1]).expect_err("broken");
    assert!(
        broken
            .to_string()
            .contains("the beginning of PKCS#7, and ends too early"),
        "{broken}"
    );
}

#[test]
fn a_jwk_opens_and_a_set_is_chosen_from_by_kid() {
    let jwk = Keystore::read(file("loads/merchant.jwk"), None).expect("a JWK");
    let key = jwk.private_key().expect("a key");
    assert_eq!(
        key.key_id().map(payment_credentials_core::KeyId::as_str),
        Some("current")
    );
    assert!(decrypts(&key, MERCHANT));

    let set = Keystore::read(file("loads/set.jwk"), None).expect("a JWK set");
    for (kid, name) in [("current", MERCHANT), ("NEXT", MERCHANT_NEXT)] {
        let key = set.private_key_named(&kid.parse().expect("a key id"));
        assert!(decrypts(&key.expect(kid), name), "{kid}");
    }
    let which = set.private_key().expect_err("two").to_string();
    assert!(
        which.ends_with("holds a JWK set of several keys; say which by its `kid`"),
        "{which}"
    );
    let other = set.private_key_named(&"third".parse().expect("a key id"));
    let other = other.expect_err("no such key").to_string();
    assert!(
        other.contains("a JWK set without a key of that id"),
        "{other}"
    );
    assert!(!format!("{set:?}").contains("\"d\""));

    // A file that names no ids takes the given one.
    let pem = Keystore::read(read("keys/merchant.pkcs8.pem"), None).expect("PEM");
    let key = pem.private_key_named(&"mine".parse().expect("a key id"));
    let key = key.expect("the one key");
    assert_eq!(
        key.key_id().map(payment_credentials_core::KeyId::as_str),
        Some("mine")
    );
}

#[test]
fn a_jwk_that_is_damaged_anywhere_does_no_harm() {
    let jwk = String::from_utf8(file("loads/merchant.jwk")).expect("UTF-8");
    for at in 0..jwk.len() {
        for letter in ["!", "\\", "\"", "}", "A"] {
            let mut damaged = jwk.clone();
            damaged.replace_range(at..=at, letter);
            let read = Keystore::read(&damaged, None).and_then(|it| Ok(it.private_key()?));
            if let Err(error) = read {
                let error = error.to_string();
                assert!(
                    error.starts_with("private key is not usable: this file holds "),
                    "{error}"
                );
            }
        }
        assert!(Keystore::read(&jwk[..at], None).is_err(), "{at}");
    }
}
