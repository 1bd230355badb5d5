//! What a certificate contains: its owner, its key's id, and its expiry.

use std::time::{Duration, SystemTime};

use payment_credentials_keys::{Certificate, Validity};

use crate::fixtures::read;
use crate::keystores::{KID, MERCHANT_MID, file, loaded};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn both_spellings_give_the_same_certificate() {
    let der = file("loads/service.cer");
    let certificate = Certificate::from_der(&der).expect("DER");
    assert_eq!(
        Certificate::from_pem(file("loads/service.pem")).expect("PEM"),
        certificate
    );
    assert_eq!(certificate.der(), der);
    assert_eq!(certificate.common_name(), Some("CyberSource_SJC_US"));
    let shown = "Certificate { subject: \"CN=CyberSource_SJC_US, serialNumber=1700000000000000000033\", not_after: ";
    assert!(
        format!("{certificate:?}").starts_with(shown),
        "{certificate:?}"
    );
}

#[test]
fn files_that_hold_no_one_certificate_say_so() {
    let refused = |file: &[u8], expected: &str| {
        let error = Certificate::from_pem(file).expect_err("refused");
        assert_eq!(
            error.to_string(),
            format!("certificate is not usable: {expected}")
        );
    };
    refused(b"", "this file holds nothing; check the path");
    refused(
        &file("loads/service.cer"),
        "this file holds DER, not PEM; read it with `from_der`",
    );
    refused(
        &read("keys/merchant.pkcs8.pem"),
        "this file holds a private key; give the certificate, which is public",
    );
    let broken = b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
    let not_x509 = "this file holds a certificate that is not X.509, or is broken; copy it again";
    refused(broken, not_x509);
    refused(
        b"-----BEGIN CERTIFICATE-----\n",
        "this file holds the beginning of a certificate, and ends too early; copy it again, whole",
    );
    let twice = file("loads/service.pem").repeat(2);
    refused(
        &twice,
        "this file holds more than one; give each a file of its own",
    );
    // Data after a certificate, such as OpenSSL's trust settings, isn't part of it.
    let der = file("loads/service.cer");
    let followed = Certificate::from_der([&der[..], &[0x30, 0x00]].concat());
    assert_eq!(followed.expect("a certificate").der(), der);
    let error = Certificate::from_der(b"hello").expect_err("no certificate");
    assert_eq!(
        error.to_string(),
        "certificate is not usable: this file holds no certificate; it should be X.509 in DER, or begin with \
         `-----BEGIN CERTIFICATE-----`"
    );
}

#[test]
fn the_key_id_is_the_subjects_number_or_else_the_serial_number_in_digits() {
    let key_id = |path: &str| {
        let keystore = loaded(path);
        keystore
            .certificate(MERCHANT_MID)
            .expect("a certificate")
            .key_id()
    };
    assert_eq!(
        key_id("loads/small.p12").expect("the subject's").as_str(),
        KID
    );
    assert_eq!(
        key_id("loads/serial-in-digits.p12")
            .expect("the serial")
            .as_str(),
        KID
    );
    // A serial number of seven digits is chance, and OpenSSL's 20 bytes are no digits.
    key_id("refused/no-key-id.p12").expect_err("neither");
    let random = Certificate::from_pem(read("keys/certificate.pem")).expect("a certificate");
    random.key_id().expect_err("neither");
}

#[test]
fn a_certificate_is_for_its_dates_and_warns_ninety_days_ahead() {
    let certificate = Certificate::from_der(file("loads/service.cer")).expect("DER");
    let (begin, end) = (certificate.not_before(), certificate.not_after());
    // 2026-01-01 and 2056-01-01.
    assert_eq!(
        begin,
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
    );
    assert_eq!(
        end,
        SystemTime::UNIX_EPOCH + Duration::from_secs(2_713_910_400)
    );
    let second = Duration::from_secs(1);
    for (now, validity) in [
        (SystemTime::UNIX_EPOCH, Validity::NotYet),
        (begin - second, Validity::NotYet),
        (begin, Validity::Valid),
        (end - 90 * DAY, Validity::Valid),
        (end - 90 * DAY + second, Validity::EndsSoon { days: 89 }),
        (end - DAY, Validity::EndsSoon { days: 1 }),
        (end, Validity::EndsSoon { days: 0 }),
        (end + second, Validity::Expired),
    ] {
        assert_eq!(certificate.validity_at(now), validity, "{now:?}");
    }
}
