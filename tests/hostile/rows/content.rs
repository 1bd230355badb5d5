//! Rows A27 to A32: bodies that are no JWEs, and JWEs that contain no credentials.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use payment_credentials_core::credentials::PayloadErrorKind;
use payment_credentials_core::{PortErrorKind, UnexpectedResponse};

use crate::tools::sealer::{CREDENTIALS, For, KID, Sealer};
use crate::tools::way::Way;

#[test]
fn a27_an_empty_plaintext_is_no_credentials() {
    let way = Way::merchant();
    for plaintext in ["", " ", "\r\n\t"] {
        assert_eq!(way.payload(plaintext), PayloadErrorKind::Empty);
    }
}

#[test]
fn a28_json_serializations_are_rejected() {
    let way = Way::merchant();
    let [header, key, iv, ciphertext, tag] = Sealer::good().parts().encoded();
    let content = format!(r#""iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}""#);
    let protected = format!(r#""protected":"{header}""#);
    let recipient = format!(r#"{{"header":{{"kid":"{KID}"}},"encrypted_key":"{key}"}}"#);
    for body in [
        format!(r#"{{{protected},"encrypted_key":"{key}",{content}}}"#),
        format!(r#"{{{protected},"unprotected":{{}},"encrypted_key":"{key}",{content}}}"#),
        format!(r#"{{{protected},"recipients":[{recipient}],{content}}}"#),
        format!(r#"{{{protected},"recipients":[{recipient},{recipient}],{content}}}"#),
        format!(r#" {{"recipients":[],{content}}} "#),
    ] {
        way.token(body);
    }
    way.token(include_str!(
        "../../vectors/jwe/refused/jwcrypto-json-flattened/token.jwe"
    ));
    way.token(include_str!(
        "../../vectors/jwe/refused/jwcrypto-json-general/token.jwe"
    ));
}

#[test]
fn a29_a_jws_is_never_taken_for_a_jwe() {
    let way = Way::merchant();
    let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
    let signing_input = |alg: &str| {
        let header = format!(r#"{{"alg":"{alg}","enc":"A256GCM","kid":"{KID}"}}"#);
        format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(CREDENTIALS.as_bytes())
        )
    };
    let pem = include_str!("../../vectors/jwe/keys/merchant.pkcs8.pem");
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).expect("base64");
    let pair = RsaKeyPair::from_pkcs8(&der).expect("a key");
    let input = signing_input("RS256");
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        input.as_bytes(),
        &mut signature,
    )
    .expect("signed");
    let rs256 = format!("{input}.{}", encode(&signature));
    // Algorithm confusion: a MAC whose key is the public key.
    let input = signing_input("HS256");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &For::Merchant.public_der());
    let hs256 = format!(
        "{input}.{}",
        encode(hmac::sign(&key, input.as_bytes()).as_ref())
    );
    let none = format!("{}.", signing_input("none"));
    for jws in [rs256, hs256, none] {
        way.token(&jws);
        way.token(format!("{jws}.."));
        way.token(format!("{jws}.AAAA.AAAA"));
    }
}

#[test]
fn a30_credentials_that_are_not_encrypted_are_unexpected() {
    let way = Way::merchant();
    for body in [
        CREDENTIALS,
        &format!(" \n{CREDENTIALS}\n"),
        "{}",
        r#"{"card":{"number":"4895370016750801"}}"#,
        r#"{"tokenizedCard":{"number":"4895370016750801","status":"ACTIVE"},"status":"x"}"#,
        r#"{"tokenizedCard":{"number":"4895370016750801""#,
    ] {
        way.unexpected(body, UnexpectedResponse::Unencrypted);
    }
    let quoted = serde_json::to_string(CREDENTIALS).expect("JSON");
    way.unexpected(quoted, UnexpectedResponse::Unencrypted);
    // Credentials in a list are not recognised at all.
    way.token(format!("[{CREDENTIALS}]"));
}

#[test]
fn a30_credentials_in_the_clear_are_accepted_by_opt_in_alone() {
    let way = Way::merchant().accepting_credentials_in_the_clear();
    way.opens(CREDENTIALS);
    way.opens(Sealer::good().jwe());
    way.unexpected("<html>", UnexpectedResponse::Html);
    way.unexpected(
        Sealer::response(CREDENTIALS).envelope(),
        UnexpectedResponse::MessageEncryption,
    );
    let asked = Way::merchant().opening_responses();
    asked.unexpected(CREDENTIALS, UnexpectedResponse::Unencrypted);
    asked
        .accepting_credentials_in_the_clear()
        .opens(CREDENTIALS);
}

#[test]
fn a31_an_encrypted_response_is_unexpected_where_none_was_asked_for() {
    let way = Way::merchant();
    let jwe = Sealer::good().jwe();
    let text = format!("\"{jwe}\"");
    let once = format!(r#"{{"encryptedResponse":{text}}}"#);
    let twice = format!(r#"{{"encryptedResponse":{once}}}"#);
    for value in [
        "1",
        "null",
        r#""""#,
        "[]",
        "{}",
        "true",
        &text,
        &format!("[{text}]"),
        &once,
        &twice,
    ] {
        let body = format!(r#"{{"encryptedResponse":{value}}}"#);
        way.unexpected(&body, UnexpectedResponse::MessageEncryption);
        let body = format!(r#"{{"encryptedResponse":{value},"other":1}}"#);
        way.unexpected(&body, UnexpectedResponse::MessageEncryption);
    }
    let both = format!(r#"{{"encryptedResponse":{text},"tokenizedCard":{{}}}}"#);
    way.unexpected(both, UnexpectedResponse::MessageEncryption);
    let twins = format!(r#"{{"encryptedResponse":{text},"encryptedResponse":{text}}}"#);
    way.unexpected(twins, UnexpectedResponse::MessageEncryption);
}

#[test]
fn a31_an_encrypted_response_that_was_asked_for_has_one_shape() {
    let way = Way::merchant().opening_responses();
    way.opens(Sealer::response(CREDENTIALS).envelope());
    let text = format!("\"{}\"", Sealer::response(CREDENTIALS).jwe());
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
        let body = format!(r#"{{"encryptedResponse":{value}}}"#);
        way.unexpected(&body, UnexpectedResponse::MessageEncryption);
    }
    for body in [
        format!(r#"{{"encryptedResponse":{text},"other":1}}"#),
        format!(r#"{{"encryptedResponse":{text},"encryptedResponse":{text}}}"#),
    ] {
        way.unexpected(body, UnexpectedResponse::MessageEncryption);
    }
}

#[test]
fn a32_a_second_layer_opens_with_the_other_key_and_a_third_does_not() {
    let way = Way::merchant().opening_responses();
    let second = Sealer::good().jwe();
    way.opens(&second);
    for inner in [second.clone(), format!("\"{second}\"")] {
        way.opens(Sealer::response(inner).envelope());
    }
    assert_eq!(way.key_uses(), 5, "a JWE is one use, and two are two");

    let third = Sealer::with_plaintext(second).jwe();
    let error = way
        .answer(Sealer::response(third).envelope())
        .expect_err("three layers");
    assert_eq!(error.kind(), PortErrorKind::Payload);
    // Of nested envelopes only the outer one is opened.
    let inner = Sealer::response(CREDENTIALS).envelope();
    let before = way.key_uses();
    let error = way.answer(Sealer::response(inner).envelope());
    let unexpected = PortErrorKind::Unexpected(UnexpectedResponse::MessageEncryption);
    assert_eq!(error.expect_err("two envelopes").kind(), unexpected);
    assert_eq!(way.key_uses() - before, 1);
}

#[test]
fn a32_a_jwe_within_a_jwe_is_no_credentials() {
    let way = Way::merchant();
    let second = Sealer::good().jwe();
    let third = Sealer::with_plaintext(second.clone()).jwe();
    for inner in [second, third] {
        assert_eq!(way.payload(&inner), PayloadErrorKind::NotJson);
        assert_eq!(
            way.payload(format!("\"{inner}\"")),
            PayloadErrorKind::NotAnObject
        );
        let wrapped = format!(r#"{{"encryptedResponse":"{inner}"}}"#);
        let jwe = Sealer::with_plaintext(wrapped).jwe();
        assert!(way.answer(jwe).is_err());
    }
}
