//! Rows A19 to A26, A34 and A35: lengths, and faults that only decryption reveals.

use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384,
    OAEP_SHA512_MGF1SHA512, PublicEncryptingKey,
};

use payment_credentials_core::PortErrorKind;

use crate::tools::sealer::{CIPHERTEXT, ENCRYPTED_KEY, For, HEADER, IV, Parts, Sealer, TAG, Wrap};
use crate::tools::way::Way;

#[test]
fn a19_an_encrypted_key_of_another_length_is_rejected() {
    let way = Way::merchant();
    let good = Sealer::good().parts();
    for length in [0, 1, 16, 128, 255, 257, 384, 512, 1024, 1025, 8192] {
        let shown = way.token(good.with(ENCRYPTED_KEY, vec![1; length]).jwe());
        assert!(shown.contains(&format!("the encrypted key has {length} bytes")));
    }
    // The right bytes with a leading zero have the wrong length too.
    let mut longer = good.0[ENCRYPTED_KEY].clone();
    longer.insert(0, 0);
    way.token(good.with(ENCRYPTED_KEY, longer).jwe());
}

#[test]
fn a19_a_key_service_is_not_asked_about_a_length_that_no_key_has() {
    let way = Way::key_service();
    let good = Sealer::good().parts();
    for length in [0, 1, 255, 1025, 8192] {
        way.token(good.with(ENCRYPTED_KEY, vec![1; length]).jwe());
    }
}

#[test]
fn a20_numbers_at_the_edges_fail_like_any_other() {
    let way = Way::merchant();
    let good = Sealer::good().parts();
    let n = modulus();
    let mut one = vec![0; 256];
    one[255] = 1;
    let (mut less, mut more) = (n.clone(), n.clone());
    // The modulus is odd, so subtracting one changes only the last byte; adding one must not carry
    // either.
    less[255] -= 1;
    more[255] = more[255].checked_add(1).expect("no carry");
    for number in [vec![0; 256], one, less, n, more, vec![0xff; 256]] {
        way.decrypt(good.with(ENCRYPTED_KEY, number).jwe());
    }
}

/// The modulus of the key `merchant`, extracted from its DER.
fn modulus() -> Vec<u8> {
    let key = PublicEncryptingKey::from_der(&For::Merchant.public_der()).expect("a key");
    assert_eq!(key.key_size_bytes(), KeySize::Rsa2048.len());
    let der = For::Merchant.public_der();
    // INTEGER of 257 bytes, the first of them zero.
    let start = der
        .windows(5)
        .position(|at| at == [2, 0x82, 1, 1, 0])
        .expect("a modulus")
        + 5;
    der[start..start + 256].to_vec()
}

#[test]
fn a21_every_flipped_bit_of_the_encrypted_key_fails_alike() {
    let way = Way::merchant();
    let good = Sealer::good().parts();
    let flips = good.flipped(ENCRYPTED_KEY);
    let count = flips.map(|parts| way.decrypt(parts.jwe())).count();
    assert_eq!(count, 2048);
}

#[test]
fn a22_a_content_key_of_another_length_gives_way_to_a_random_one() {
    let way = Way::merchant();
    for length in [0, 1, 15, 16, 17, 24, 31, 33, 64, 190] {
        let mut content_key = vec![0x5a; length];
        content_key.resize(32, 0);
        let sealer = Sealer {
            wrapped: vec![0x5a; length],
            content_key,
            ..Sealer::good()
        };
        way.decrypt(sealer.jwe());
    }
    // If the replacement key were known, it would open JWEs that an attacker has sealed with it.
    for known in [0, 1, 0xff] {
        let sealer = Sealer {
            content_key: vec![known; 32],
            ..Sealer::good()
        };
        let parts = sealer.parts();
        way.decrypt(parts.with(ENCRYPTED_KEY, vec![1; 256]).jwe());
        way.decrypt(parts.with(ENCRYPTED_KEY, vec![0; 256]).jwe());
        let short = Sealer {
            wrapped: vec![known; 16],
            ..sealer
        };
        way.decrypt(short.jwe());
    }
}

#[test]
fn a23_another_padding_fails_alike() {
    let way = Way::merchant();
    for wrap in [
        Wrap::Oaep(&OAEP_SHA1_MGF1SHA1, None),
        Wrap::Oaep(&OAEP_SHA384_MGF1SHA384, None),
        Wrap::Oaep(&OAEP_SHA512_MGF1SHA512, None),
        Wrap::Oaep(&OAEP_SHA256_MGF1SHA256, Some(b"label")),
        Wrap::Pkcs1,
    ] {
        let sealer = Sealer {
            wrap,
            ..Sealer::good()
        };
        way.decrypt(sealer.jwe());
    }
    // An empty label is the same as no label.
    let unlabelled = Sealer {
        wrap: Wrap::Oaep(&OAEP_SHA256_MGF1SHA256, Some(b"")),
        ..Sealer::good()
    };
    way.opens(unlabelled.jwe());
    let mixed = include_str!("../../vectors/jwe/refused/cryptography-oaep-mgf1-sha1/token.jwe");
    way.decrypt(mixed);
    way.decrypt(include_str!(
        "../../vectors/jwe/refused/cryptography-pkcs1-v15-cek/token.jwe"
    ));
    // Forged PKCS#1 v1.5: what a Bleichenbacher attacker sends.
    let good = Sealer::good().parts();
    for nth in 1..=20_u8 {
        way.decrypt(good.with(ENCRYPTED_KEY, vec![nth; 256]).jwe());
    }
}

#[test]
fn a24_an_iv_of_another_length_is_rejected_before_rsa() {
    let way = Way::merchant();
    let good = Sealer::good().parts();
    for length in [0, 1, 8, 11, 13, 16, 4096] {
        way.token(good.with(IV, vec![7; length]).jwe());
    }
}

#[test]
fn a25_a_tag_of_another_length_is_rejected_before_rsa() {
    let way = Way::merchant();
    let good = Sealer::good().parts();
    for length in [0, 1, 4, 8, 12, 13, 14, 15, 17, 32] {
        let mut tag = good.0[TAG].clone();
        tag.resize(length, 0);
        way.token(good.with(TAG, tag).jwe());
    }
}

#[test]
fn a26_every_flipped_bit_of_the_rest_fails_alike() {
    let way = Way::merchant();
    let sealer = Sealer::with_plaintext(r#"{"card":{}}"#);
    way.opens(sealer.jwe());
    let good = sealer.parts();
    for part in [TAG, IV, CIPHERTEXT] {
        for parts in good.flipped(part) {
            way.decrypt(parts.jwe());
        }
    }
    way.decrypt(good.with(CIPHERTEXT, []).jwe());
    way.decrypt(good.with(CIPHERTEXT, &good.0[CIPHERTEXT][1..]).jwe());

    let text = String::from_utf8(good.0[HEADER].clone()).expect("UTF-8");
    for header in [
        text.replace(':', ": "),
        format!("{text} "),
        text.replacen('{', "{\"x\":1,", 1),
    ] {
        way.decrypt(good.with(HEADER, header).jwe());
    }
    let (alg, enc) = (r#""alg":"RSA-OAEP-256""#, r#""enc":"A256GCM""#);
    let reordered = text.replace(&format!("{alg},{enc}"), &format!("{enc},{alg}"));
    assert_ne!(reordered, text);
    way.decrypt(good.with(HEADER, reordered).jwe());
}

#[test]
fn a26_a_flipped_bit_of_the_header_never_opens() {
    let way = Way::merchant();
    let mut decrypt = 0;
    for parts in Sealer::good().parts().flipped(HEADER) {
        let error = way.answer(parts.jwe()).expect_err("refused");
        match error.kind() {
            PortErrorKind::Jwe => {}
            // A kid in the other case still names the key, so only the tag reveals the change.
            PortErrorKind::Decrypt => decrypt += 1,
            kind => panic!("{kind:?}"),
        }
    }
    assert!(decrypt > 10, "{decrypt}");
}

#[test]
fn a34_a_thousand_of_each_failure_look_and_work_alike() {
    let way = Way::merchant();
    let good = Sealer::good();
    let short = Sealer {
        wrapped: vec![0x5a; 16],
        ..good.clone()
    };
    let bad: [Parts; 3] = [
        good.parts().with(ENCRYPTED_KEY, vec![1; 256]),
        short.parts(),
        good.parts().with(TAG, [0; 16]),
    ];
    // `decrypt` compares kind, text and the number of uses of a key. The benchmark `open` of jose
    // measures the time, where a difference can't fail a build.
    let mut turn = 1_u32;
    for _ in 0..300 {
        turn = turn.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let nth = usize::try_from(turn >> 16).expect("a number") % bad.len();
        way.decrypt(bad[nth].jwe());
    }
}

#[test]
fn a35_parts_of_five_good_jwes_do_not_make_one() {
    let way = Way::merchant();
    let five: Vec<Parts> = (0..5_u8)
        .map(|nth| {
            let sealer = Sealer {
                wrapped: vec![nth; 32],
                content_key: vec![nth; 32],
                iv: [nth; 12],
                plaintext: format!(r#"{{"card":{{}},"nth":{nth}}}"#).into(),
                ..Sealer::with_members(&format!(r#","nth":{nth}"#))
            };
            way.opens(sealer.jwe());
            sealer.parts()
        })
        .collect();
    let mut mixed = 0;
    for order in 0..5_usize.pow(5) {
        let from = |part: u32| order / 5_usize.pow(part) % 5;
        let distinct = (0..5).all(|a| (0..a).all(|b| from(a) != from(b)));
        if distinct {
            let parts = [0, 1, 2, 3, 4].map(|part: u32| {
                let part_index = usize::try_from(part).expect("a part");
                five[from(part)].0[part_index].clone()
            });
            way.decrypt(Parts(parts).jwe());
            mixed += 1;
        }
    }
    assert_eq!(mixed, 120);
    // One part of another JWE is enough.
    for part in 0..5 {
        way.decrypt(five[0].with(part, five[1].0[part].clone()).jwe());
    }
}
