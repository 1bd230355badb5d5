//! Requests with a known outcome, and random input.

use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use http::request::Parts;
use proptest::prelude::*;

use super::check::{AuthenticationCheck, AuthenticationScheme};
use super::directory::Directory;
use super::examination::Examination;
use super::outcome::AuthenticationOutcome;
use super::replay::Replays;
use super::rules::Rules;
use super::verifier::Verifier;
use super::{http_signature, jwt};
use crate::explained::Explained;
use crate::public_key::Certificate;
use crate::reading::{Reading, Tolerated};

/// The vendor's sample key, which all of its example programs carry.
const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";
const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";
const NOW: u64 = 1_780_000_000;
const BODY: &str = r#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#;
const V2: &str = "/tms/v2/tokens/7010000000016241111/payment-credentials";
const V3: &str = "/tms/v3/tokens/7010000000016241111/payment-credentials";

fn verifier(reading: Reading) -> Verifier {
    let mut directory = Directory::default();
    let secret = STANDARD.decode(SECRET).unwrap();
    directory.add_secret("testrest", KEY_ID, &secret).unwrap();
    Verifier::without_own(Rules {
        reading,
        explained: Explained::No,
        directory,
    })
}

fn examine(verifier: &Verifier, head: &Parts, body: &str) -> AuthenticationOutcome {
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    verifier.examine(head, Some(body.as_bytes()), now, true)
}

fn head(path: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// The secret of the vendor's page on testing signatures.
const PUBLISHED_SECRET: &str = "0123k20MBbIB2t012345678993gHCIZsQKFpf7dR0hY=";
const BRAND: &str = "apitest.visaacceptance.com";
const USUAL: &str = "apitest.cybersource.com";
const BARE: &str = "request-target";
const OLD: &str = "(request-target)";

/// Host, name of the date, name of the target, path, signature. The page contains the first row;
/// the others were computed from its inputs, with other hosts, paths and formats.
const PUBLISHED: [(&str, &str, &str, &str, &str); 8] = [
    (
        BRAND,
        "date",
        OLD,
        "/pts/v2/payments/",
        "ViHPF/tRP+jlFkWaUWBB53WQ6ASQ1ox1zbJ7ApVc7Q8=",
    ),
    (
        USUAL,
        "date",
        OLD,
        "/pts/v2/payments/",
        "0vPJsjMaV/RKbhY0/tcU+VTTaExxVOdOvd+KiF5pB4I=",
    ),
    (
        USUAL,
        "date",
        BARE,
        "/pts/v2/payments/",
        "HZnonEDMUsdLycttARb7Md+/t2ElCDfT3aOKOBFaqvQ=",
    ),
    (
        USUAL,
        "date",
        BARE,
        "/pts/v2/payments",
        "skPpTwsaPAIJ7nuzkognJswLpVmEil7fYSqLkzu8ETo=",
    ),
    (
        USUAL,
        "date",
        OLD,
        "/pts/v2/payments",
        "qDEL4LO/fKfKj6yzKJVy2WdgDITERE+WJUqeaFqg6oI=",
    ),
    (
        USUAL,
        "v-c-date",
        BARE,
        "/pts/v2/payments/",
        "KNxoZml/A07OTiZ6wR9syOVWb0AEA4bZLnH2+OV6je0=",
    ),
    (
        USUAL,
        "v-c-date",
        BARE,
        "/pts/v2/payments",
        "0Upqk4lE5sxJy71sUjOF7ntbbRb2BfYv0Ic6bhhQGso=",
    ),
    (
        BRAND,
        "date",
        BARE,
        "/pts/v2/payments/",
        "gBNffqEthQgscKdtNUJ8qFc/dk81ICtFCto38U8HBBg=",
    ),
];

#[test]
fn the_published_signature_is_that_of_the_rebuilt_text() {
    for (host, date, target, path, signature) in PUBLISHED {
        let head = head(
            path,
            &[
                ("host", host),
                (date, "Fri, 14 Dec 2018 00:00:00 GMT"),
                (
                    "digest",
                    "SHA-256=a/goIo1XUCr80rnKFCWp7yRpwVL50E9RaunuEHh11XM=",
                ),
                (
                    "v-c-merchant-id",
                    "the transacting merchant, which may be another",
                ),
            ],
        );
        let (directory, replays) = (Directory::default(), Replays::default());
        let at = Examination {
            head: &head,
            body: Some(b""),
            now: 0,
            reading: Reading::Strict,
            directory: &directory,
            replays: &replays,
            is_acceptable: true,
            outcome: AuthenticationOutcome::default(),
        };
        let headers = ["host", date, target, "digest", "v-c-merchant-id"];
        let text = http_signature::string_to_sign(&headers, "testmid", &at.host(), &at).unwrap();
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            &STANDARD.decode(PUBLISHED_SECRET).unwrap(),
        );
        let tag = hmac::sign(&key, text.as_bytes());
        assert_eq!(STANDARD.encode(tag), signature, "{text}");
    }
}

/// Computed with the sample key for this endpoint.
#[test]
fn http_signatures_for_this_endpoint_are_known() {
    let verifier = verifier(Reading::Strict);
    for (path, signature) in [
        (V2, "mKsjGGW01It88bjUqyWi22QE80Nj1d3QBDYgzU9+YUs="),
        (V3, "LomsLSrWmfGd+iM5Q/MWSSUudKArtJVvsDLvPxIvJpw="),
    ] {
        let parameters = format!(
            r#"keyid="{KEY_ID}", algorithm="HmacSHA256", headers="host date request-target digest v-c-merchant-id", signature="{signature}""#
        );
        let head = head(
            path,
            &[
                ("host", "apitest.cybersource.com"),
                ("date", "Thu, 28 May 2026 20:26:40 GMT"),
                (
                    "digest",
                    "SHA-256=P8QrVd5LitJMuJL1nD3X+pbKg7gKbCMSn8CGYLouYAY=",
                ),
                ("v-c-merchant-id", "testrest"),
                ("signature", &parameters),
            ],
        );
        let outcome = examine(&verifier, &head, BODY);
        assert!(outcome.failure().is_none(), "{outcome:?}");
        assert_eq!(outcome.scheme(), Some(AuthenticationScheme::HttpSignature));
        assert_eq!(outcome.key_id(), Some(KEY_ID));
        assert_eq!(outcome.key_owner(), Some("testrest"));
        assert_eq!(outcome.merchant_id(), Some("testrest"));
        assert_eq!(outcome.tolerated(), &[] as &[Tolerated]);
    }
}

/// Computed with the sample key for this endpoint.
#[test]
fn a_jwt_by_shared_secret_for_this_endpoint_is_known() {
    let jwt = concat!(
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjA4Yzk0MzMwLWY2MTgtNDJhMy1iMDlkLWUxZTQzYmU1ZWZkYSIsInR5cCI6",
        "IkpXVCJ9.eyJkaWdlc3QiOiJQOFFyVmQ1TGl0Sk11SkwxbkQzWCtwYktnN2dLYkNNU244Q0dZTG91WUFZPSIsImRp",
        "Z2VzdEFsZ29yaXRobSI6IlNIQS0yNTYiLCJleHAiOjE3ODAwMDAxMjAsImlhdCI6MTc4MDAwMDAwMCwiaXNzIjoid",
        "GVzdHJlc3QiLCJqdGkiOiIxMjNlNDU2Ny1lODliLTQyZDMtYTQ1Ni00MjY2MTQxNzQwMDAiLCJyZXF1ZXN0LWhvc3",
        "QiOiJhcGl0ZXN0LmN5YmVyc291cmNlLmNvbSIsInJlcXVlc3QtbWV0aG9kIjoicG9zdCIsInJlcXVlc3QtcmVzb3V",
        "yY2UtcGF0aCI6Ii90bXMvdjMvdG9rZW5zLzcwMTAwMDAwMDAwMTYyNDExMTEvcGF5bWVudC1jcmVkZW50aWFscyIs",
        "InYtYy1qd3QtdmVyc2lvbiI6IjIiLCJ2LWMtbWVyY2hhbnQtaWQiOiJ0ZXN0cmVzdCJ9.P1q-VzMSIE4Kpy8kAnqN",
        "V1-ximyf1aJVkbONsRTBfwk",
    );
    let verifier = verifier(Reading::Strict);
    let authorization = format!("Bearer {jwt}");
    let headers = [
        ("host", "apitest.cybersource.com"),
        ("authorization", &*authorization),
    ];
    let outcome = examine(&verifier, &head(V3, &headers), BODY);
    assert!(outcome.failure().is_none(), "{outcome:?}");
    assert_eq!(outcome.scheme(), Some(AuthenticationScheme::Jwt));
    assert_eq!(outcome.merchant_id(), Some("testrest"));
    let again = examine(&verifier, &head(V3, &headers), BODY);
    assert_eq!(
        again.failure().unwrap().check(),
        AuthenticationCheck::Replay
    );
}

/// The first signature is printed in the vendor's guide; the others were computed.
#[test]
fn digests_are_base64_of_the_body_as_it_is() {
    let verifier = verifier(Reading::Strict);
    for (body, digest) in [
        ("{}", "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="),
        (
            r#"{"hello":"world"}"#,
            "k6I5cakU5erL8KjSUVTNownDwccvu5kU1Hxg88toFYg=",
        ),
        (BODY, "P8QrVd5LitJMuJL1nD3X+pbKg7gKbCMSn8CGYLouYAY="),
        (
            r#"{"paymentCredentialType":"SECURITY_CODE"}"#,
            "Uck7KvXkNbqXLAQfQ1uCPZG+6mietdwMKFeCfGiyyJI=",
        ),
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ] {
        let parameters = format!(
            r#"keyid="{KEY_ID}", algorithm="HmacSHA256", headers="host date request-target digest v-c-merchant-id", signature="""#
        );
        let head = head(
            V3,
            &[
                ("date", "Thu, 28 May 2026 20:26:40 GMT"),
                ("v-c-merchant-id", "testrest"),
                ("signature", &parameters),
            ],
        );
        let outcome = examine(&verifier, &head, body);
        let failure = outcome.failure().unwrap();
        assert_eq!(failure.check(), AuthenticationCheck::Digest);
        assert_eq!(failure.expected(), format!("Digest SHA-256={digest}"));
    }
}

/// Texts that are almost valid credentials.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,20}",
        Just("Bearer ".to_owned()),
        Just(".".to_owned()),
        Just("eyJhbGciOiJIUzI1NiJ9".to_owned()),
        Just("e30".to_owned()),
        Just(r#"keyid=""#.to_owned()),
        Just(KEY_ID.to_owned()),
        Just(r#"", algorithm="HmacSHA256""#.to_owned()),
        Just(r#", headers="host date request-target digest v-c-merchant-id""#.to_owned()),
        Just(r#", signature="AAAA""#.to_owned()),
        Just("\u{80}é".to_owned()),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn parts(authorization: Option<&str>, signature: Option<&str>) -> Parts {
    let mut head = head(
        V3,
        &[
            ("host", "apitest.cybersource.com"),
            ("date", "Thu, 28 May 2026 20:26:40 GMT"),
            (
                "digest",
                "SHA-256=P8QrVd5LitJMuJL1nD3X+pbKg7gKbCMSn8CGYLouYAY=",
            ),
            ("v-c-merchant-id", "testrest"),
        ],
    );
    for (name, value) in [("authorization", authorization), ("signature", signature)] {
        let value = value.and_then(|text| http::HeaderValue::from_bytes(text.as_bytes()).ok());
        if let Some(value) = value {
            head.headers.insert(name, value);
        }
    }
    head
}

proptest! {
    #[test]
    fn garbage_is_refused_without_a_panic(text in nearly(), claims in nearly()) {
        let verifier = verifier(Reading::Tolerant);
        for head in [parts(Some(&text), None), parts(None, Some(&text))] {
            prop_assert!(examine(&verifier, &head, BODY).failure().is_some());
        }
        let _ = (http_signature::parse(&text), http_signature::parse(&claims));
        let (directory, replays, head) = (Directory::default(), Replays::default(), parts(None, None));
        let mut at = Examination {
            head: &head,
            body: Some(b"{}"),
            now: 0,
            reading: Reading::Tolerant,
            directory: &directory,
            replays: &replays,
            is_acceptable: true,
            outcome: AuthenticationOutcome::default(),
        };
        jwt::validate(&format!("{text}.{claims}"), &mut at);
        prop_assert!(at.outcome.failure().is_some());
    }

    #[test]
    fn a_certificate_of_any_bytes_is_refused_without_a_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
        length in any::<[u8; 4]>(),
    ) {
        let nested = [&[0x30, 0x83][..], &length, &bytes].concat();
        for certificate in [bytes, nested] {
            prop_assert!(Certificate::read(&certificate).is_none());
        }
    }
}
