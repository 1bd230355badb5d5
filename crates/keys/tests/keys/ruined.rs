//! Row G15: a key file that a tool rewrote, encoded, encrypted or replaced is told as that.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::fixtures::read;
use crate::foreign::READERS;
use crate::keystores::file;

fn hexadecimal(file: &[u8]) -> String {
    file.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text");
        text
    })
}

/// The bytes as letters of Latin-1, in UTF-8.
fn from_latin1(file: &[u8]) -> String {
    file.iter().map(|byte| char::from(*byte)).collect()
}

fn in_lines(text: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(60).collect();
    String::from_utf8(lines.join(&b'\n')).expect("a text")
}

/// What a tool made of a key file, and what every reader says of it.
#[expect(clippy::too_many_lines, reason = "a table")]
fn kinds() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let p12 = file("loads/service-new.p12");
    let hex = hexadecimal(&p12);
    let pem = String::from_utf8(read("keys/merchant.pkcs8.pem")).expect("PEM");
    let ascii: Vec<u8> = p12
        .iter()
        .map(|byte| if *byte > 127 { b'?' } else { *byte })
        .collect();
    let content = "PEM whose lines BEGIN and END don't name what is between them; export it again";
    let pem_of = |name: &str| String::from_utf8(file(name)).expect("PEM");
    let certificate = pem_of("loads/service.pem").replace("CERTIFICATE", "PRIVATE KEY");
    let encrypted = pem_of("loads/aes-256.pkcs8.pem").replace("ENCRYPTED ", "");
    let tar = [&[b'k'; 257][..], b"ustar", &p12].concat();
    let rewritten = "that a tool rewrote as text; copy the file again as binary, and keep ";
    let hexadecimal = "hexadecimal; convert it back with `xxd -r -p`";
    let marks = "PEM whose lines BEGIN and END lack five hyphens on each side";
    let labels =
        "PEM whose lines BEGIN and END name different things; copy one section again, whole";
    let pgp = "what PGP encrypted, or a PGP key; decrypt a message with `gpg --decrypt`; ";
    let vault = "what Ansible Vault encrypted; decrypt it with `ansible-vault decrypt`";
    let of_pgp = |begin: &[u8]| [begin, &[7; 80]].concat();
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            "Maven",
            String::from_utf8_lossy(&p12).into_owned().into_bytes(),
            rewritten,
        ),
        ("Latin-1", from_latin1(&p12).into_bytes(), rewritten),
        ("ASCII", ascii, rewritten),
        (
            "Git LFS",
            text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4123\n"),
            "a pointer of Git LFS in place of the file; run `git lfs pull`",
        ),
        ("hexadecimal", text(&hex), hexadecimal),
        ("hexadecimal in lines", text(&in_lines(&hex)), hexadecimal),
        (
            "hexadecimal of PostgreSQL",
            text(&format!("\\x{hex}")),
            hexadecimal,
        ),
        (
            "hexadecimal of MySQL",
            text(&format!("0x{}", hex.to_uppercase())),
            hexadecimal,
        ),
        (
            "xxd",
            text("00000000: 3082 0a2b 0201 03a0 8209 f106 092a 8648  0..+...0.....*.H\n"),
            hexadecimal,
        ),
        (
            "Ansible Vault",
            text("$ANSIBLE_VAULT;1.1;AES256\n3662ab3466\n"),
            vault,
        ),
        (
            "sops",
            text("{\"data\": \"ENC[AES256_GCM,data:canary,type:str]\", \"sops\": {}}"),
            "what sops encrypted; decrypt it with `sops decrypt`",
        ),
        (
            "age",
            text("age-encryption.org/v1\n-> X25519 canary\n"),
            "a file that age encrypted; decrypt it",
        ),
        (
            "age in PEM",
            text("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n"),
            "a file that age encrypted; decrypt it",
        ),
        (
            "openssl enc",
            of_pgp(b"Salted__"),
            "a file that `openssl enc` encrypted; decrypt it with",
        ),
        (
            "gzip",
            vec![0x1f, 0x8b, 8, 0, 0],
            "a gzip file; unpack it with `gunzip`",
        ),
        ("tar", tar, "a tar archive; give the file inside of it"),
        (
            "macOS",
            vec![0, 5, 0x16, 7, 0, 2, 0, 0, b'M'],
            "the attributes that macOS keeps beside a file",
        ),
        (
            "a data: address",
            text(&format!(
                "data:application/x-pkcs12;base64,{}",
                STANDARD.encode(&p12)
            )),
            "a data: address; decode what follows `base64,` in it",
        ),
        (
            "mail",
            text("Content-Type: application/x-pkcs12\n\nMIIK"),
            "a part of an e-mail, with its headers; save the attachment itself",
        ),
        (
            "Kubernetes",
            text("apiVersion: v1\nkind: Secret\n"),
            "a manifest of Kubernetes; give the value inside",
        ),
        (
            "Kubernetes, second",
            text("---\napiVersion: v1\n"),
            "a manifest of Kubernetes; give the value inside",
        ),
        (
            "Node",
            text("{\"type\":\"Buffer\",\"data\":[48,130]}"),
            "bytes as a program prints them",
        ),
        (
            "Python",
            text("b'0\\x82\\n+\\x02'"),
            "bytes as a program prints them",
        ),
        (
            "base64 for addresses",
            text(&URL_SAFE.encode(&p12)),
            "base64 with - and _ for + and /; encode the file again",
        ),
        ("PGP, for a public key", of_pgp(&[0x85, 1, 0x8c, 3]), pgp),
        ("PGP, for a password", of_pgp(&[0x8c, 13, 4]), pgp),
        ("PGP, a key", of_pgp(&[0x99, 1, 0x8d, 4]), pgp),
        ("PGP, new", of_pgp(&[0xc1, 0xc0, 0x4c, 3]), pgp),
        (
            "PGP in PEM",
            text("-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n"),
            pgp,
        ),
        (
            "PEM, another end",
            text(&pem.replace("END PRIVATE", "END RSA PRIVATE")),
            labels,
        ),
        (
            "PEM, another beginning",
            text(&pem.replace("BEGIN PRIVATE KEY", "BEGIN CERTIFICATE")),
            labels,
        ),
        ("PEM, a certificate as a key", text(&certificate), content),
        (
            "PEM, an encrypted key as a clear one",
            text(&encrypted),
            content,
        ),
        (
            "PEM of a word processor",
            text(&pem.replace("--", "–")),
            marks,
        ),
        (
            "PEM with four hyphens",
            text(&pem.replace("-----", "----")),
            marks,
        ),
        ("PEM without hyphens", text(&pem.replace('-', "")), marks),
    ]
}

#[test]
fn g15_a_ruined_key_file_is_told_by_what_ruined_it() {
    for (name, file, holds) in kinds() {
        for reader in READERS.iter().flatten() {
            let error = reader(&file).expect_err(name).to_string();
            let is_told =
                error.contains(" is not usable: this file holds ") && error.contains(holds);
            assert!(is_told, "{name}: {error}");
            assert!(!error.contains("canary"), "{name}: {error}");
        }
    }
}

#[test]
fn g15_what_only_begins_like_a_ruined_file_is_not_told_as_one() {
    for file in [
        "merchant",
        "0x",
        "308 Main Street",
        "MII-",
        "Salted",
        "\u{85}",
        "BEGIN",
    ] {
        for reader in READERS.iter().flatten() {
            let error = reader(file.as_bytes()).expect_err(file).to_string();
            let is_plain = [
                " no key; ",
                " no certificate; ",
                " neither a key",
                " base64 ",
            ];
            assert!(
                is_plain.iter().any(|it| error.contains(it)),
                "{file}: {error}"
            );
        }
    }
}
