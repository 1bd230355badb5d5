//! The JSON test suite of Nicolas Seriot against every parser of untrusted JSON.
//!
//! `y_` documents are JSON, `n_` documents are not, `i_` documents may be either.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::credentials::{PayloadError, PayloadErrorKind};
use payment_credentials_core::wire::{ResponseBody, decode};

use crate::tools::sealer::Sealer;
use crate::tools::way::Way;

/// Name and document of each case.
fn suite() -> Vec<(String, Vec<u8>)> {
    let stored = include_str!("../../vectors/json/json-test-suite.json");
    let stored: Vec<(String, String)> = serde_json::from_str(stored).expect("the suite");
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, document) in stored {
        // Where the suite has bytes that aren't UTF-8, the package has U+FFFD; 0xff is not valid
        // UTF-8 either.
        if document.contains('\u{fffd}') {
            let parts: Vec<&[u8]> = document.split('\u{fffd}').map(str::as_bytes).collect();
            cases.push((name, parts.join(&0xff)));
        } else {
            cases.push((name, document.into_bytes()));
        }
    }
    // Two documents that are too long to be stored as files.
    cases.push((
        "n_structure_100000_opening_arrays".into(),
        "[".repeat(100_000).into(),
    ));
    let open_objects = "[{\"\":".repeat(50_000) + "\n";
    cases.push(("n_structure_open_array_object".into(), open_objects.into()));
    let count = |kind| {
        cases
            .iter()
            .filter(|(name, _)| name.starts_with(kind))
            .count()
    };
    assert_eq!((count("y_"), count("n_"), count("i_")), (95, 188, 35));
    cases
}

fn read(document: &[u8]) -> Result<(), PayloadErrorKind> {
    let read = PaymentCredentials::from_plaintext(document);
    read.map(drop).map_err(|error: PayloadError| error.kind())
}

/// A response that holds the document as an unknown member.
fn around(document: &[u8]) -> Vec<u8> {
    [br#"{"card":{},"x":"#, document, b"}"].concat()
}

#[test]
fn the_response_s_parser_returns_every_required_outcome() {
    for (name, document) in suite() {
        let whole = read(&document);
        let within = read(&around(&document));
        match &name[..2] {
            "y_" => {
                let is_object = document.trim_ascii().first() == Some(&b'{');
                let expected = match name.as_str() {
                    "y_object_duplicated_key" | "y_object_duplicated_key_and_value" => {
                        PayloadErrorKind::Duplicate
                    }
                    _ if is_object => PayloadErrorKind::NoAccount,
                    _ => PayloadErrorKind::NotAnObject,
                };
                assert_eq!(whole, Err(expected), "{name}");
                assert_eq!(within, Ok(()), "{name}");
            }
            "n_" => {
                let is_refused = |read| {
                    matches!(
                        read,
                        Err(PayloadErrorKind::Empty
                            | PayloadErrorKind::NotJson
                            | PayloadErrorKind::NotUtf8
                            | PayloadErrorKind::TooDeep)
                    )
                };
                assert!(is_refused(whole), "{name}");
                assert!(is_refused(within), "{name}");
            }
            _ => assert!(
                whole.is_err(),
                "no document of the suite has an account: {name}"
            ),
        }
    }
}

#[test]
fn a_header_opens_only_around_json() {
    let way = Way::merchant();
    let kid = crate::tools::sealer::KID;
    for (name, document) in suite() {
        let before = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{kid}","x":"#);
        let header = [before.as_bytes(), &document, b"}"].concat();
        let opens = way.answer(Sealer::with_header(header).jwe()).is_ok();
        match &name[..2] {
            "y_" => assert!(opens, "{name}"),
            "n_" => assert!(!opens, "{name}"),
            _ => {}
        }
    }
}

#[test]
fn no_body_of_any_status_causes_a_panic() {
    for (_, document) in suite() {
        for body in [
            document.clone(),
            around(&document),
            [br#"{"errors":"#, &*document, b"}"].concat(),
        ] {
            for status in [201, 400, 502] {
                let status = StatusCode::from_u16(status).expect("a status");
                let body = ResponseBody::Received(Bytes::from(body.clone()));
                let error = decode(status, &HeaderMap::new(), body).expect_err("no JWE");
                assert!(error.to_string().is_ascii());
            }
        }
    }
}
