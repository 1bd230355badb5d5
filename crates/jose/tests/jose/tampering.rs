//! All failures inside the cryptography look the same.

use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512,
};
use aws_lc_rs::signature::KeyPair as _;
use payment_credentials_core::{Jwe, PortErrorKind, Repeatability};
use payment_credentials_jose::{JweOpener, OptInAlgorithm};
use proptest::prelude::*;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::fixtures::{
    MERCHANT, jwe, key, keyring, kid, merchant, open, read, read_text,
    says_which_key_and_nothing_else, seen,
};
use crate::sealer::{Parts, Sealer};

/// The text of a failure inside the cryptography.
fn one_text(opener: &JweOpener) -> String {
    let parts = Sealer::good().seal().with(Parts::TAG, [0; 16]);
    seen(&open(opener, parts.jwe()).expect_err("a wrong tag"))
}

#[track_caller]
fn fails_alike(opener: &JweOpener, text: &str, jwe: Jwe) {
    let error = open(opener, jwe).expect_err("does not open");
    assert_eq!(error.kind(), PortErrorKind::Decrypt);
    assert_eq!(error.repeatability(), Repeatability::Never);
    says_which_key_and_nothing_else(&error);
    assert_eq!(seen(&error), text);
}

fn flipped(parts: &Parts, part: usize) -> impl Iterator<Item = Parts> {
    let bits = parts.0[part].len() * 8;
    (0..bits).map(move |bit| {
        let mut bytes = parts.0[part].clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        parts.clone().with(part, bytes)
    })
}

#[test]
fn every_flipped_bit_of_the_encrypted_key_fails_alike() {
    let opener = merchant();
    let text = one_text(&opener);
    let good = Sealer::good().seal();
    let mut count = 0;
    for parts in flipped(&good, Parts::ENCRYPTED_KEY) {
        fails_alike(&opener, &text, parts.jwe());
        count += 1;
    }
    assert_eq!(count, 2048);
}

#[test]
fn every_flipped_bit_of_iv_ciphertext_and_tag_fails_alike() {
    let opener = merchant();
    let text = one_text(&opener);
    let good = Sealer {
        plaintext: b"{\"tokenizedCard\":{}}".to_vec(),
        ..Sealer::good()
    };
    let good = good.seal();
    for part in [Parts::IV, Parts::CIPHERTEXT, Parts::TAG] {
        for parts in flipped(&good, part) {
            fails_alike(&opener, &text, parts.jwe());
        }
    }
}

#[test]
fn every_flipped_bit_of_the_header_fails() {
    // Without a key id to compare with, only the tag authenticates the kid.
    let opener = JweOpener::new(keyring([key(MERCHANT)]));
    let parts = Sealer::good().seal().with(Parts::TAG, [0; 16]);
    let text = open(&opener, parts.jwe())
        .expect_err("a wrong tag")
        .to_string();
    let mut decrypt = 0;
    for parts in flipped(&Sealer::good().seal(), Parts::HEADER) {
        let error = open(&opener, parts.jwe()).expect_err("does not open");
        if error.kind() == PortErrorKind::Decrypt {
            // The cause repeats the kid, which has changed if the flipped bit was part of it.
            says_which_key_and_nothing_else(&error);
            assert_eq!(error.to_string(), text);
            decrypt += 1;
        } else {
            assert_eq!(error.kind(), PortErrorKind::Jwe);
        }
    }
    assert!(decrypt > 100, "{decrypt}");
}

#[test]
fn a_header_written_anew_fails_alike() {
    let opener = merchant();
    let text = one_text(&opener);
    let good = Sealer::good();
    let spaced = good.header.replace(':', ": ");
    let kid = kid(MERCHANT);
    let ordered = format!(r#"{{"kid":"{kid}","enc":"A256GCM","alg":"RSA-OAEP-256"}}"#);
    for header in [spaced, ordered] {
        let parts = good.seal().with(Parts::HEADER, header);
        fails_alike(&opener, &text, parts.jwe());
    }
}

#[test]
fn numbers_at_the_edges_fail_alike() {
    let opener = merchant();
    let text = one_text(&opener);
    let pem = read("keys/merchant.pkcs8.pem");
    let der = PrivatePkcs8KeyDer::from_pem_slice(&pem).expect("a key");
    let pair = KeyPair::from_pkcs8(der.secret_pkcs8_der()).expect("a key");
    let n = pair
        .public_key()
        .modulus()
        .big_endian_without_leading_zero()
        .to_vec();
    let mut one = vec![0; 256];
    one[255] = 1;
    // The modulus is odd, so adding or subtracting one changes only its last byte.
    let (mut less, mut more) = (n.clone(), n.clone());
    less[255] -= 1;
    more[255] = more[255].wrapping_add(1);
    assert_ne!(more[255], 0);
    for number in [vec![0; 256], one, less, n, more, vec![0xff; 256]] {
        let parts = Sealer::good().seal().with(Parts::ENCRYPTED_KEY, number);
        fails_alike(&opener, &text, parts.jwe());
    }
}

#[test]
fn content_keys_of_other_lengths_fail_alike() {
    let opener = merchant();
    let text = one_text(&opener);
    for length in [0, 1, 16, 31, 33, 64] {
        let sealer = Sealer {
            content_key: vec![0x5a; length],
            ..Sealer::good()
        };
        fails_alike(&opener, &text, sealer.jwe());
    }
}

#[test]
fn other_paddings_fail_alike() {
    let opener = merchant();
    let text = one_text(&opener);
    for oaep in [
        &OAEP_SHA1_MGF1SHA1,
        &OAEP_SHA384_MGF1SHA384,
        &OAEP_SHA512_MGF1SHA512,
    ] {
        let sealer = Sealer {
            oaep,
            ..Sealer::good()
        };
        fails_alike(&opener, &text, sealer.jwe());
    }
    let sealer = Sealer {
        oaep: &OAEP_SHA256_MGF1SHA256,
        label: Some(b"label"),
        ..Sealer::good()
    };
    fails_alike(&opener, &text, sealer.jwe());
}

#[test]
fn what_is_opted_in_fails_alike() {
    let opener = merchant()
        .accepting(OptInAlgorithm::RsaOaep)
        .accepting(OptInAlgorithm::A128Gcm);
    let text = one_text(&opener);
    let with = |alg: &str, enc: &str, length: usize, oaep| {
        let good = Sealer::good();
        let header = good.header.replace("RSA-OAEP-256", alg);
        Sealer {
            header: header.replace("A256GCM", enc),
            content_key: vec![0x5a; length],
            oaep,
            ..good
        }
    };
    let (sha1, sha256) = (&OAEP_SHA1_MGF1SHA1, &OAEP_SHA256_MGF1SHA256);
    let good = with("RSA-OAEP", "A256GCM", 32, sha1);
    assert!(open(&opener, good.jwe()).is_ok());
    // The hash and the key length that the header doesn't name.
    fails_alike(
        &opener,
        &text,
        with("RSA-OAEP", "A256GCM", 32, sha256).jwe(),
    );
    fails_alike(
        &opener,
        &text,
        with("RSA-OAEP-256", "A256GCM", 32, sha1).jwe(),
    );
    for length in [0, 1, 15, 17, 24, 32] {
        let sealer = with("RSA-OAEP-256", "A128GCM", length, sha256);
        fails_alike(&opener, &text, sealer.jwe());
    }
    for length in [0, 16, 24, 31, 33] {
        let sealer = with("RSA-OAEP", "A256GCM", length, sha1);
        fails_alike(&opener, &text, sealer.jwe());
    }
    for parts in flipped(&good.seal(), Parts::ENCRYPTED_KEY).step_by(97) {
        fails_alike(&opener, &text, parts.jwe());
    }
}

#[test]
fn parts_of_five_good_jwes_do_not_make_one() {
    let opener = JweOpener::new(keyring([key(MERCHANT)]));
    let text = one_text(&opener);
    let makers = ["authlib", "cryptography", "jose", "joserfc", "jwcrypto"];
    let jwes = makers.map(|maker| read_text(&format!("opens/{maker}-visa-v3/token.jwe")));
    let mixed: Vec<&str> = jwes
        .iter()
        .enumerate()
        .filter_map(|(at, jwe)| jwe.split('.').nth(at))
        .collect();
    fails_alike(&opener, &text, jwe(&mixed.join(".")));
}

proptest! {
    #[test]
    fn one_changed_character_never_opens(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let mut text = read_text("opens/jose-visa-v3/token.jwe");
        let at = at.index(text.len());
        if text[at..=at] != to {
            text.replace_range(at..=at, &to);
            let opened = text.parse().map(|jwe| open(&merchant(), jwe).map_err(|error| error.kind()));
            prop_assert!(matches!(
                opened,
                Err(_) | Ok(Err(PortErrorKind::Decrypt | PortErrorKind::Jwe))
            ));
        }
    }
}
