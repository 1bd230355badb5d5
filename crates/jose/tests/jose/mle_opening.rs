//! Encrypted responses: which formats are opened and which are rejected.

use std::error::Error as _;

use payment_credentials_core::seam::MessageEncryption as _;
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    CredentialsOpener as _, EncryptionErrorKind, PortErrorKind, SealedContent, UnexpectedResponse,
};
use payment_credentials_jose::JweMessageEncryption;

use crate::fixtures::{
    MERCHANT, kid, merchant, read, read_text, says_which_key_and_nothing_else, vectors,
};
use crate::mle_stage::{RESPONSE, answered, enveloped, open, opening, outer};
use crate::sealer::{CREDENTIALS, Parts, Sealer};

/// Opens the credentials in a response with the keys of both kinds.
#[track_caller]
fn opens(body: &str) {
    let sealed = answered(opening(), 201, body).expect("a response");
    let credentials = pollster::block_on(merchant().open(&sealed)).expect("credentials");
    assert!(format!("{credentials:?}").contains("NetworkToken"));
}

#[track_caller]
fn refused(body: &str) -> PortErrorKind {
    let error = answered(opening(), 201, body).expect_err("refused");
    assert_eq!(error.status(), Some(201));
    assert!(error.correlation_id().is_some());
    assert!(!format!("{error:?}").contains("4895370016750801"));
    error.kind()
}

const UNEXPECTED: PortErrorKind = PortErrorKind::Unexpected(UnexpectedResponse::MessageEncryption);

#[test]
fn opens_what_four_other_implementations_made() {
    let visa = read("generate/payloads/visa-v3.json");
    for maker in ["authlib", "jose", "joserfc", "jwcrypto"] {
        let body = |shape| read_text(&format!("../mle/answers/{maker}-{shape}/body.json"));
        let ResponseBody::Decrypted(plaintext) = open(&opening(), body("json")).expect(maker)
        else {
            panic!("{maker} is not unsealed")
        };
        assert!(plaintext.expose() == visa, "{maker}");
        opens(&body("json"));
        opens(&body("jwe"));
        opens(&body("quoted-jwe"));
        let error = answered(opening(), 404, &body("error")).expect_err("a refusal");
        assert_eq!(error.reason(), Some("notFound"), "{maker}");
    }
    let stored = std::fs::read_dir(vectors().join("../mle/answers")).expect("a folder");
    assert_eq!(stored.count(), 16);
}

#[test]
fn opens_json_a_jwe_and_a_jwe_in_quotes() {
    let inner = Sealer::good().jwe();
    for plaintext in [
        CREDENTIALS.to_vec(),
        inner.as_str().into(),
        format!("\"{}\"", inner.as_str()).into(),
        format!(" \"{}\"\r\n", inner.as_str()).into(),
    ] {
        opens(&enveloped(&outer(plaintext)));
    }
}

#[test]
fn a_bare_jwe_passes_although_encryption_was_asked_for() {
    let bare = Sealer::good().jwe();
    opens(bare.as_str());
    opens(&format!("\"{}\"", bare.as_str()));
}

#[test]
fn a30_credentials_in_the_clear_are_refused_unless_they_are_accepted() {
    let plain = str::from_utf8(CREDENTIALS).expect("UTF-8");
    let unencrypted = PortErrorKind::Unexpected(UnexpectedResponse::Unencrypted);
    assert_eq!(refused(plain), unencrypted);
    let off = JweMessageEncryption::default();
    let error = answered(off.clone(), 201, plain).expect_err("refused");
    assert_eq!(error.kind(), unencrypted);

    for mle in [off, opening()] {
        let accepting = mle.accepting_credentials_in_the_clear();
        let sealed = answered(accepting.clone(), 201, plain).expect("accepted");
        assert!(matches!(sealed.content(), SealedContent::Plaintext(_)));
        pollster::block_on(merchant().open(&sealed)).expect("credentials");
        // All other responses are treated as without this setting.
        let jwe = Sealer::good().jwe();
        let sealed = answered(accepting.clone(), 201, jwe.as_str()).expect("a JWE");
        assert!(matches!(sealed.content(), SealedContent::Jwe(_)));
        let error = answered(accepting.clone(), 201, "<html>").expect_err("a page");
        assert_eq!(
            error.kind(),
            PortErrorKind::Unexpected(UnexpectedResponse::Html)
        );
        let error = answered(accepting, 404, r#"{"errors":[{"type":"notFound"}]}"#);
        assert_eq!(error.expect_err("a refusal").reason(), Some("notFound"));
    }
}

#[test]
fn a31_an_envelope_of_another_shape_is_unexpected() {
    let jwe = outer(CREDENTIALS).jwe();
    let text = format!("\"{}\"", jwe.as_str());
    let once = format!(r#"{{"encryptedResponse":{text}}}"#);
    let twice = format!(r#"{{"encryptedResponse":{once}}}"#);
    for value in [
        "1",
        "null",
        r#""""#,
        "[]",
        "{}",
        &format!("[{text}]"),
        &once,
        &twice,
    ] {
        assert_eq!(
            refused(&format!(r#"{{"encryptedResponse":{value}}}"#)),
            UNEXPECTED,
            "{value}"
        );
    }
    for body in [
        format!(r#"{{"encryptedResponse":{text},"x":1}}"#),
        format!(r#"{{"encryptedResponse":{text},"encryptedResponse":{text}}}"#),
        format!(r#"{{"encryptedResponse":{text},"tokenizedCard":{{}}}}"#),
    ] {
        assert_eq!(refused(&body), UNEXPECTED);
    }
    let error = open(&opening(), r#"{"encryptedResponse":1}"#).expect_err("refused");
    assert_eq!(
        error.source().expect("a cause").to_string(),
        "an encrypted response must have exactly one member, encryptedResponse, which holds a JWE"
    );
}

#[test]
fn a31_an_envelope_without_a_jwe_is_refused_by_its_shape() {
    for text in ["a", "a.b.c", "a.b.c.d.e.f", "eyJ9.a.b.c.d", " "] {
        let body = format!(r#"{{"encryptedResponse":"{text}"}}"#);
        assert_eq!(refused(&body), PortErrorKind::Jwe, "{text}");
    }
    let long = "a".repeat(70_000);
    assert_eq!(
        refused(&format!(r#"{{"encryptedResponse":"{long}"}}"#)),
        PortErrorKind::Jwe
    );
}

#[test]
fn a32_two_layers_are_opened_and_no_third() {
    // An envelope within an envelope.
    let again = enveloped(&outer(enveloped(&outer(CREDENTIALS))));
    assert_eq!(refused(&again), UNEXPECTED);
    // The second layer opens with the other key. A third layer inside is no credentials.
    let second = Sealer::good().jwe();
    opens(&enveloped(&outer(second.as_str())));
    let third = Sealer {
        plaintext: second.as_str().into(),
        ..Sealer::good()
    };
    let sealed = answered(opening(), 201, &enveloped(&outer(third.jwe().as_str())));
    let error = pollster::block_on(merchant().open(&sealed.expect("a response")));
    assert_eq!(
        error.expect_err("no credentials").kind(),
        PortErrorKind::Payload
    );
    // If both layers are encrypted for the response key, the second one can't be opened.
    let twice = enveloped(&outer(outer(CREDENTIALS).jwe().as_str()));
    let sealed = answered(opening(), 201, &twice).expect("a response");
    let error = pollster::block_on(merchant().open(&sealed)).expect_err("another key");
    assert_eq!(error.kind(), PortErrorKind::Jwe);
}

#[test]
fn what_is_inside_is_judged_as_any_other_body() {
    for (plaintext, unexpected) in [
        ("", UnexpectedResponse::Empty),
        ("<html>", UnexpectedResponse::Html),
        (
            r#"{"errors":[{"type":"x"}]}"#,
            UnexpectedResponse::ErrorBody,
        ),
    ] {
        let kind = PortErrorKind::Unexpected(unexpected);
        assert_eq!(refused(&enveloped(&outer(plaintext))), kind);
    }
    for plaintext in ["1", "[]", "a.b.c"] {
        assert_eq!(refused(&enveloped(&outer(plaintext))), PortErrorKind::Jwe);
    }
}

#[test]
fn whatever_fails_inside_the_cryptography_fails_alike() {
    let good = outer(CREDENTIALS).seal();
    let shown = |parts: Parts| {
        let body = format!(r#"{{"encryptedResponse":"{}"}}"#, parts.jwe().as_str());
        let error = open(&opening(), body).expect_err("refused");
        assert_eq!(error.kind(), EncryptionErrorKind::Decrypt);
        says_which_key_and_nothing_else(&error);
        format!("{error:?}")
    };
    let failure = shown(good.clone().with(Parts::TAG, [0; 16]));
    assert_eq!(
        shown(good.clone().with(Parts::ENCRYPTED_KEY, [1; 384])),
        failure
    );
    assert_eq!(shown(good.with(Parts::CIPHERTEXT, [0; 20])), failure);
    for alg in ["RSA1_5", "RSA-OAEP", "dir"] {
        let kid = kid(RESPONSE);
        let header = format!(
            r#"{{"alg":"{alg}","enc":"A256GCM","kid":"{}"}}"#,
            kid.as_str()
        );
        let other = Sealer {
            header,
            ..outer(CREDENTIALS)
        };
        assert_eq!(refused(&enveloped(&other)), PortErrorKind::Jwe);
    }
}

#[test]
fn an_encrypted_response_that_was_not_requested_names_the_key_that_it_takes() {
    let sealing = JweMessageEncryption::default().sealing_for(crate::mle_stage::recipient());
    for mle in [JweMessageEncryption::default(), sealing] {
        assert_eq!(mle.response_key_id(), None);
        let error = answered(mle, 201, &enveloped(&outer(CREDENTIALS))).expect_err("refused");
        assert_eq!(error.kind(), UNEXPECTED);
        let mut cause = error.source();
        let mut shown = String::new();
        while let Some(error) = cause {
            shown = error.to_string();
            cause = error.source();
        }
        let expected = format!(
            "no key is configured for this kid: \"{}\"; configured as REST key \"API Response MLE\": \
             no key ids;",
            kid(RESPONSE)
        );
        assert!(shown.starts_with(&expected), "{shown}");
    }
    assert_eq!(opening().response_key_id(), Some(kid(RESPONSE)));
    assert!(opening().is_active() && !JweMessageEncryption::default().is_active());
    assert_ne!(kid(MERCHANT), kid(RESPONSE));
}
