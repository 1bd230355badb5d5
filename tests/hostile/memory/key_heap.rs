//! No part of a private key or of its file stays in memory once the key is dropped.
//!
//! A child process reads a key file, opens credentials with the key, and drops it: see `heap`.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![expect(clippy::disallowed_methods, reason = "the vectors are files")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_core::secret::Password;
use payment_credentials_jose::ResponseKey;
use payment_credentials_keys::{Keystore, PrivateKey};
use zeroize::Zeroizing;

use crate::memory::scanned::{PIECE, Scanned, next_line, report};
use crate::tools::sealer::{KID, Sealer};
use crate::tools::way::{Way, named};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");

/// The secret parts of the key that all of these files hold, in DER and in the CPU's byte order, and the
/// text of its file.
fn canaries() -> Vec<Vec<u8>> {
    let pem =
        fs::read_to_string(format!("{VECTORS}/jwe/keys/merchant.pkcs1.pem")).expect("a vector");
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(text).expect("base64");
    let secret = integers(&der).into_iter().skip(3);
    let mut canaries: Vec<Vec<u8>> = secret
        .flat_map(|number| [number.to_vec(), number.iter().rev().copied().collect()])
        .collect();
    let pem =
        fs::read_to_string(format!("{VECTORS}/jwe/keys/merchant.pkcs8.pem")).expect("a vector");
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    // The public half comes first.
    canaries.extend(lines.skip(8).map(|line| line.as_bytes().to_vec()));
    canaries
}

/// The integers of a PKCS#1 key: version, modulus, public exponent, and then the secret integers.
fn integers(der: &[u8]) -> Vec<&[u8]> {
    let mut rest = &der[4..];
    let mut found = Vec::new();
    while let [0x02, length, after @ ..] = rest {
        let digits = usize::from(length.saturating_sub(0x80));
        let long = after[..digits]
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let length = if digits == 0 {
            usize::from(*length)
        } else {
            long
        };
        let (number, after) = after[digits..].split_at(length);
        // A leading zero marks the number as positive.
        found.push(number.strip_prefix(&[0]).unwrap_or(number));
        rest = after;
    }
    assert_eq!(found.len(), 9, "a PKCS#1 key");
    found
}

fn hits(child: &Scanned) -> usize {
    let canaries = canaries();
    let canaries: Vec<&[u8]> = canaries.iter().map(Vec::as_slice).collect();
    child.hits(&canaries).into_iter().sum()
}

/// The hits after the child has dropped everything.
#[track_caller]
fn left_behind(doing: &str, file: &str) -> usize {
    let name = format!("{doing}-{}", file.replace(['/', '.'], "-"));
    let line = format!("{doing} {file} {}", Sealer::good().jwe());
    let mut child = Scanned::start("memory::key_heap::child_reads_and_drops", &name, &line);
    child.wait_for("held");
    assert!(hits(&child) > PIECE, "the key, while it is held");
    child.say("go on");
    child.wait_for("dropped");
    hits(&child)
}

#[test]
fn the_scan_sees_the_text_of_a_key_file_that_is_freed_without_being_wiped() {
    assert!(left_behind("leak", "jwe/keys/merchant.pkcs8.pem") > PIECE);
}

#[test]
fn a_dropped_private_key_leaves_nothing_in_memory() {
    for file in ["jwe/keys/merchant.pkcs8.pem", "jwe/keys/merchant.pkcs1.pem"] {
        assert_eq!(left_behind("key", file), 0, "{file}");
    }
}

#[test]
fn a_dropped_keystore_leaves_nothing_in_memory() {
    for file in [
        "keystores/loads/service-old.p12",
        "keystores/loads/service-new.p12",
        "keystores/loads/openssl-default.p12",
        "keystores/loads/aes-256.pkcs8.pem",
        "keystores/loads/key-and-certificate.pem",
        "keystores/loads/open-lengths.p12",
    ] {
        assert_eq!(left_behind("keystore", file), 0, "{file}");
    }
}

/// Holds a key until the parent releases the child, and reports when the key is dropped.
#[test]
#[ignore = "runs as a child of the tests above, which read its memory"]
fn child_reads_and_drops() {
    let line = next_line();
    let words: Vec<&str> = line.split(' ').collect();
    let [doing, file, jwe] = words[..] else {
        panic!("three words")
    };
    let file = Zeroizing::new(fs::read(Path::new(VECTORS).join(file)).expect("a vector"));
    let leaked = (doing == "leak").then(|| file.to_vec());
    let (keystore, key) = if doing == "keystore" {
        let password = Password::from("testpass");
        let keystore = Keystore::read(&file, Some(&password)).expect("a keystore");
        let key = keystore.private_key().expect("a key");
        (Some(keystore), key)
    } else {
        (None, PrivateKey::from_pem(&file).expect("a key"))
    };
    drop(file);
    let response = ResponseKey::new(key.clone(), KID.parse().expect("a key id"));
    let way = Way::with_keys([named(key, KID)]);
    black_box(way.opens(jwe));
    black_box(format!("{way:?} {response:?} {keystore:?}"));
    report("held");
    next_line();
    drop((way, response, keystore));
    drop(black_box(leaked));
    report("dropped");
    next_line();
}
