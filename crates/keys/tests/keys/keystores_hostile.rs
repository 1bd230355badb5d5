//! Damaged and hostile keystores give a keystore or an error within a short time, and never a
//! panic.

use payment_credentials_core::BuildError;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Certificate, Keystore};
use proptest::prelude::*;

use crate::keystores::{MERCHANT_MID, PASSWORD, file};

/// Reads a file and everything in it; errors must be of the known kinds.
fn look(file: &[u8]) -> Result<(), BuildError> {
    let keystore = Keystore::read(file, Some(&Password::from(PASSWORD))).map_err(BuildError::from);
    let looked = keystore.and_then(|keystore| {
        let _ = (format!("{keystore:?}"), keystore.private_key());
        keystore.signing_identity(MERCHANT_MID).map(drop)
    });
    if let Err(error) = &looked {
        let settings = ["private key", "keystore", "password", "certificate"];
        assert!(settings.contains(&error.setting()), "{error}");
        assert!(!format!("{error:?}").contains(PASSWORD));
    }
    looked
}

/// Row B4.
#[test]
fn b4_a_keystore_that_is_cut_anywhere_is_refused() {
    for name in ["small.p12", "open-lengths.p12", "service-new.p12"] {
        let whole = file(&format!("loads/{name}"));
        assert!(look(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(look(&whole[..length]).is_err(), "{name} of {length} bytes");
        }
    }
}

/// Row B4.
#[test]
fn b4_a_sealed_keystore_that_is_changed_anywhere_is_refused_or_the_same() {
    for name in ["small.p12", "open-lengths.p12"] {
        let whole = file(&format!("loads/{name}"));
        let mut same = 0;
        for at in 0..whole.len() {
            for bit in [0x01, 0x80] {
                let mut changed = whole.clone();
                changed[at] ^= bit;
                same += usize::from(look(&changed).is_ok());
            }
        }
        // Some bits mean nothing, for example in the parameters of a default.
        assert!(same < 40, "{name}: {same} changes went unseen");
    }
}

#[test]
fn a_keystore_without_seal_that_is_changed_anywhere_does_no_harm() {
    let whole = file("loads/openssl-no-encryption.p12");
    for at in (0..whole.len()).step_by(7) {
        for bits in [0x01, 0x20, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= bits;
            let _ = look(&changed);
        }
    }
}

/// Row B4.
#[test]
fn b4_deep_nesting_is_refused() {
    let sequences = |wrap: &dyn Fn(Vec<u8>) -> Vec<u8>, depth| {
        (0..depth).fold(Vec::new(), |inner, _| wrap(inner))
    };
    let definite = |inner: Vec<u8>| {
        let length = u32::try_from(inner.len()).expect("short").to_be_bytes();
        [&[0x30, 0x84], &length[..], &inner].concat()
    };
    let deep = sequences(&definite, 10_000);
    let bags = [vec![0x02, 0x01, 0x03], deep.clone()].concat();
    for hostile in [
        deep.clone(),
        [0x30, 0x80].repeat(10_000),
        [0x30, 0x80].repeat(500_000),
        definite(bags),
        [
            &[0x30, 0x80, 0x02, 0x01, 0x03][..],
            &[0x30, 0x80].repeat(10_000),
        ]
        .concat(),
        [
            &[0x30, 0x80, 0x02, 0x01, 0x03][..],
            &[0x24, 0x80].repeat(10_000),
        ]
        .concat(),
    ] {
        assert!(look(&hostile).is_err());
        assert!(Certificate::from_der(&hostile).is_err());
    }
}

/// Each of these has the length that is allowed at most. Work that grows with its square would take hours.
#[test]
fn b4_text_of_the_greatest_length_is_read_once_whatever_repeats_in_it() {
    const MOST: usize = 1024 * 1024;
    let begin = b"-----BEGIN PRIVATE KEY-----";
    for repeated in [
        &b"\\"[..],
        b"\\\"",
        b"\\x",
        b"\"",
        b"-",
        b"-----BEGIN ",
        b"-----END ",
        b" ",
        b"\n",
        b"MII",
        b"-----BEGIN PRIVATE KEY-----",
        b"-----BEGIN A-----\n-----END B-----\n",
        b"4,ENCRYPTED\n",
        b"=",
    ] {
        let file = [begin, repeated.repeat(MOST / repeated.len()).as_slice()].concat();
        for text in [&file[..MOST], &file[begin.len()..]] {
            let error = look(text).unwrap_err().to_string();
            assert!(
                !error.contains("MiB"),
                "refused for its length alone: {error}"
            );
        }
    }
    for repeated in ["{\"keys\":[", "[", "{\"kty\":"] {
        assert!(look(repeated.repeat(MOST / repeated.len()).as_bytes()).is_err());
    }
}

#[test]
fn a_certificate_that_is_changed_anywhere_does_no_harm() {
    let whole = file("loads/service.cer");
    for at in 0..whole.len() {
        assert!(Certificate::from_der(&whole[..at]).is_err());
        for bits in [0x01, 0x10, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= bits;
            if let Ok(certificate) = Certificate::from_der(&changed) {
                let shown = certificate.subject();
                assert!(
                    shown.len() <= 256 && shown.bytes().all(|byte| (b' '..=b'~').contains(&byte))
                );
                let _ = (
                    certificate.key_id(),
                    certificate.not_after(),
                    format!("{certificate:?}"),
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_follows_the_beginning_of_a_keystore_does_no_harm(
        start in 0_usize..64,
        rest in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let whole = file("loads/small.p12");
        let _ = look(&[&whole[..start], &rest].concat());
        let _ = look(&rest);
    }
}
