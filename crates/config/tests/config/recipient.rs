//! Certificate files with another certificate than the service's, or with none.

use std::time::{Duration, SystemTime};

use payment_credentials_config::Config;

use crate::fixtures::{folder, notes, signing_with, vector, write};

fn sealing_for(file: impl std::fmt::Display, more: &str) -> Config {
    signing_with(&format!(
        "request_mle = true\nmleForRequestPublicCertPath = '{file}'\n{more}"
    ))
}

/// How many notes say that the certificate may not be the service's.
fn doubts(config: &Config, now: u64) -> usize {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
    let notes = config.inventory(now).expect("an inventory").notes;
    let notes = notes.iter().map(ToString::to_string);
    let doubt = "TOML: mleForRequestPublicCertPath holds a certificate whose common name isn't";
    notes.filter(|note| note.starts_with(doubt)).count()
}

#[test]
fn another_certificate_than_the_services_is_noted_unless_it_is_named() {
    let folder = folder("recipient_another");
    // A merchant's certificate, valid in 2020.
    let merchants = write(&folder, "merchant.pem", include_str!("expired.pem"));
    let noted = |more| doubts(&sealing_for(merchants.display(), more), 1_600_000_000);
    assert_eq!(noted(""), 1);
    assert_eq!(noted("request_mle_key_alias = 'EXPIRED_mid'"), 0);
    let service = vector("keystores/loads/service.pem");
    let service = sealing_for(service.display(), "");
    assert_eq!(doubts(&service, 1_800_000_000), 0);
}

#[test]
fn what_is_noted_while_files_are_read_is_among_the_notes_then() {
    let service = vector("keystores/loads/service.pem");
    let config = sealing_for(service.display(), "request_mle_key_alias = 'another'");
    let doubts = || {
        let notes = notes(&config).into_iter();
        notes
            .filter(|note| note.contains("whose common name isn't the one"))
            .count()
    };
    assert_eq!(doubts(), 0);
    config.port().expect("a port");
    config.key_set().expect("keys");
    assert_eq!(doubts(), 1);
}

#[test]
fn a_file_without_a_usable_certificate_says_which_to_give() {
    for (file, says) in [
        (
            "keystores/loads/service-new.p12",
            "can't be used: certificate is not usable: this file holds PKCS#12; take the certificate out",
        ),
        (
            "jwe/keys/certificate.pem",
            "holds a certificate that names no key id; the service's names one, so download",
        ),
        (
            "jwe/keys/merchant.pkcs8.pem",
            "can't be used: certificate is not usable: this file holds a private key; give the certificate",
        ),
    ] {
        let config = sealing_for(vector(file).display(), "");
        let error = config.port().expect_err("refused").to_string();
        let expected = format!("TOML: mleForRequestPublicCertPath {says}");
        assert!(error.starts_with(&expected), "{error}");
    }
}
