//! Which key opens which JWE.

use std::error::Error;

use payment_credentials_core::{KeyPurpose, PortErrorKind};
use payment_credentials_jose::{JweError, JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;

use crate::fixtures::{
    MERCHANT, MERCHANT_3072, MERCHANT_4096, MERCHANT_NEXT, key, keyring, kid, merchant, named_key,
    open, seen,
};
use crate::sealer::Sealer;

/// Checks whether a JWE can be opened, or the kind of the error.
#[track_caller]
fn check(keys: Vec<PrivateKey>, sealer: &Sealer, expected: Result<(), PortErrorKind>) {
    let opener = JweOpener::new(keyring(keys));
    let outcome = open(&opener, sealer.jwe());
    if let Err(error) = &outcome {
        seen(error);
    }
    assert_eq!(outcome.map(drop).map_err(|error| error.kind()), expected);
}

const TOKEN: Result<(), PortErrorKind> = Err(PortErrorKind::Jwe);
const DECRYPT: Result<(), PortErrorKind> = Err(PortErrorKind::Decrypt);

fn named_as(name: &str, kid: &str) -> PrivateKey {
    key(name).with_key_id(kid.parse().expect("a key id"))
}

#[test]
fn the_kid_chooses_among_keys() {
    for name in [MERCHANT, MERCHANT_NEXT, MERCHANT_3072, MERCHANT_4096] {
        let all = [MERCHANT, MERCHANT_NEXT, MERCHANT_3072, MERCHANT_4096];
        let sealer = Sealer::with_kid(name, kid(name).as_str());
        check(all.map(named_key).into(), &sealer, Ok(()));
    }
}

#[test]
fn the_case_of_a_kid_does_not_matter() {
    let upper = kid(MERCHANT).as_str().to_uppercase();
    check(
        vec![named_key(MERCHANT)],
        &Sealer::with_kid(MERCHANT, &upper),
        Ok(()),
    );
    check(vec![named_as(MERCHANT, &upper)], &Sealer::good(), Ok(()));
}

#[test]
fn only_the_key_that_the_kid_names_is_tried() {
    let swapped = vec![
        named_as(MERCHANT_NEXT, kid(MERCHANT).as_str()),
        named_key(MERCHANT).with_key_id(kid(MERCHANT_NEXT)),
        key(MERCHANT),
    ];
    check(swapped, &Sealer::good(), DECRYPT);
    let swapped = vec![
        named_as(MERCHANT_3072, kid(MERCHANT).as_str()),
        key(MERCHANT),
    ];
    check(swapped, &Sealer::good(), TOKEN);
}

#[test]
fn an_unknown_kid_opens_with_keys_that_have_no_id() {
    let other = Sealer::with_kid(MERCHANT, "4d2");
    check(vec![named_key(MERCHANT)], &other, TOKEN);
    check(
        vec![named_key(MERCHANT), named_key(MERCHANT_NEXT)],
        &other,
        TOKEN,
    );
    check(vec![key(MERCHANT)], &other, Ok(()));
    check(vec![key(MERCHANT_NEXT), key(MERCHANT)], &other, Ok(()));
    check(
        vec![named_key(MERCHANT_NEXT), key(MERCHANT)],
        &other,
        Ok(()),
    );
    check(
        vec![named_key(MERCHANT), key(MERCHANT_NEXT)],
        &other,
        DECRYPT,
    );
    check(vec![named_key(MERCHANT), key(MERCHANT_3072)], &other, TOKEN);
    let empty = Sealer::with_kid(MERCHANT, "");
    check(vec![named_key(MERCHANT)], &empty, TOKEN);
    check(vec![key(MERCHANT)], &empty, Ok(()));
}

#[test]
fn without_a_kid_at_most_three_keys_are_tried() {
    let bare = Sealer::without_kid(MERCHANT);
    check(vec![named_key(MERCHANT)], &bare, Ok(()));
    check(vec![key(MERCHANT)], &bare, Ok(()));
    let others = |count: usize| vec![key(MERCHANT_NEXT); count];
    let then = |mut keys: Vec<PrivateKey>, last: PrivateKey| {
        keys.push(last);
        keys
    };
    check(then(others(1), named_key(MERCHANT)), &bare, Ok(()));
    check(then(others(2), named_key(MERCHANT)), &bare, Ok(()));
    check(then(others(3), named_key(MERCHANT)), &bare, DECRYPT);
    // A key of another size is not tried.
    let sizes = vec![
        key(MERCHANT_3072),
        key(MERCHANT_4096),
        key(MERCHANT_NEXT),
        key(MERCHANT),
    ];
    check(sizes, &bare, Ok(()));
    check(vec![key(MERCHANT_3072), key(MERCHANT_4096)], &bare, TOKEN);
    // If two keys open the JWE, the first one is used.
    check(vec![key(MERCHANT), key(MERCHANT)], &bare, Ok(()));
}

#[test]
fn a_retired_key_opens_while_it_stays() {
    let old = Sealer::good();
    check(
        vec![named_key(MERCHANT_NEXT), named_key(MERCHANT)],
        &old,
        Ok(()),
    );
    check(vec![named_key(MERCHANT_NEXT)], &old, TOKEN);
}

#[test]
fn an_unknown_kid_is_told_but_never_raw() {
    for (kid, shown) in [
        ("99f9bec99f34502f", "this kid: \"99f9bec99f34502f\";"),
        ("../../etc/passwd", "this kid: \"../../etc/passwd\";"),
        (
            "a\r\nb\0\u{202e}'\"",
            "this kid: \"a\\r\\nb\\u{0}\\u{202e}\\'\\\"\";",
        ),
        ("' OR 1=1 --", "this kid: \"\\' OR 1=1 --\";"),
        ("4111111111111111", "this kid: \"411111******1111\";"),
        ("41 11 11 11 11 11 11 11", "this kid: a text of 23 bytes;"),
    ] {
        let jwe = Sealer::with_kid(MERCHANT, kid).jwe();
        let error = open(&merchant(), jwe).expect_err("not configured");
        assert_eq!(error.kind(), PortErrorKind::Jwe);
        let source = error.source().expect("a cause");
        assert!(source.to_string().contains(shown), "{source}");
        assert!(
            source
                .to_string()
                .starts_with("no key is configured for this kid")
        );
        let refusal = source.downcast_ref::<JweError>();
        assert!(matches!(refusal, Some(JweError::KeyNotConfigured { .. })));
        assert!(!seen(&error).contains(['\r', '\0', '\u{202e}']));
        assert!(!seen(&error).contains("4111111111111111"));
    }
    let long = Sealer::with_kid(MERCHANT, &"k".repeat(3000)).jwe();
    let error = open(&merchant(), long).expect_err("not configured");
    let source = error.source().expect("a cause").to_string();
    assert!(source.contains(&"k".repeat(64)) && !source.contains(&"k".repeat(65)));
}

#[test]
fn a_keyring_has_keys_and_each_its_own_id() {
    let rule = |keys: Vec<PrivateKey>| Keyring::new(keys).expect_err("refused").to_string();
    assert_eq!(rule(Vec::new()), "keyring holds no key; give at least one");
    let twins = "keyring has two keys with one key id; give each key its own";
    assert_eq!(
        rule(vec![
            named_as(MERCHANT, "ab"),
            named_as(MERCHANT_NEXT, "ab")
        ]),
        twins
    );
    assert_eq!(
        rule(vec![
            named_as(MERCHANT, "ab"),
            key(MERCHANT),
            named_as(MERCHANT_NEXT, "AB")
        ]),
        twins
    );
    let ring = keyring([
        named_as(MERCHANT, "ab"),
        named_as(MERCHANT, "abc"),
        key(MERCHANT),
    ]);
    assert_eq!(ring.keys().len(), 3);
}

#[test]
fn swapped_keys_open_from_the_next_response_on() {
    let ring = keyring(vec![named_key(MERCHANT)]);
    let opener = JweOpener::new(ring.clone());
    let old = Sealer::with_kid(MERCHANT, kid(MERCHANT).as_str());
    let new = Sealer::with_kid(MERCHANT_NEXT, kid(MERCHANT_NEXT).as_str());
    assert!(open(&opener, old.jwe()).is_ok());
    assert!(open(&opener, new.jwe()).is_err());

    ring.replace([named_key(MERCHANT), named_key(MERCHANT_NEXT)])
        .expect("keys");
    assert!(open(&opener, old.jwe()).is_ok());
    assert!(open(&opener, new.jwe()).is_ok());

    ring.replace([named_key(MERCHANT_NEXT)]).expect("keys");
    assert!(open(&opener, old.jwe()).is_err());
    assert!(open(&opener, new.jwe()).is_ok());
}

#[test]
fn keys_that_cannot_be_a_ring_replace_nothing() {
    let ring = keyring(vec![named_key(MERCHANT)]);
    assert!(ring.replace([]).is_err());
    assert!(
        ring.replace([named_key(MERCHANT), named_key(MERCHANT)])
            .is_err()
    );
    let keys = ring.configured_keys();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].purpose, KeyPurpose::OpenCredentials);
    assert_eq!(keys[0].key_id, Some(kid(MERCHANT)));
}

/// Row G13.
#[test]
fn g13_a_jwe_that_does_not_open_names_its_kid_and_how_many_keys_without_an_id_were_tried() {
    let sealed_for_another = Sealer::good().jwe();
    for (keys, cause) in [
        (
            vec![key(MERCHANT_NEXT)],
            "; the one key without a key id was tried; give it the key id that the service shows",
        ),
        (
            vec![key(MERCHANT_NEXT), key(MERCHANT_NEXT)],
            "; 2 keys without a key id were tried; give each the key id that the service shows",
        ),
        (
            vec![key(MERCHANT_NEXT).with_key_id(kid(MERCHANT))],
            "; check that the private key of that key id is configured under it",
        ),
    ] {
        let opener = JweOpener::new(keyring(keys));
        let error = open(&opener, sealed_for_another.clone()).expect_err("another key");
        assert_eq!(error.kind(), PortErrorKind::Decrypt);
        let shown = error.source().expect("a cause").to_string();
        assert_eq!(
            shown,
            format!("the JWE's kid is \"{}\"{cause}", kid(MERCHANT).as_str())
        );
    }
}
