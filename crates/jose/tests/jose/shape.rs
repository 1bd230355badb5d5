//! Formats and headers that are rejected before any key is used, and content that isn't
//! credentials.

use std::error::Error;
use std::sync::Arc;

use payment_credentials_core::credentials::{PayloadError, PayloadErrorKind};
use payment_credentials_core::secret::SecretBytes;
use payment_credentials_core::wire::{ResponseBody, decode};
use payment_credentials_core::{
    CredentialsOpener as _, Jwe, PortErrorKind, Repeatability, SealedCredentials,
};
use payment_credentials_jose::{JweError, JweHeaderError, JweOpener, JwePart};

use crate::fixtures::{
    Counting, MERCHANT, jwe, keyring, merchant, named_key, open, read_text, seen,
};
use crate::sealer::{CREDENTIALS, Parts, Sealer};

/// Returns why a JWE is rejected, and checks that no key was used.
fn refusal(jwe: Jwe) -> JweError {
    let keys = Arc::new(Counting::new(keyring([named_key(MERCHANT)])));
    let error = open(&JweOpener::new(Arc::clone(&keys)), jwe).expect_err("refused");
    assert_eq!(error.kind(), PortErrorKind::Jwe);
    assert_eq!(error.repeatability(), Repeatability::Never);
    assert_eq!(keys.asked(), 0);
    seen(&error);
    let source = error.source().expect("a cause");
    source
        .downcast_ref::<JweError>()
        .expect("a refusal")
        .clone()
}

#[test]
fn opens_what_is_sealed_here() {
    assert!(open(&merchant(), Sealer::good().jwe()).is_ok());
}

#[test]
fn refuses_encrypted_keys_of_no_key_s_length() {
    let good = Sealer::good().seal();
    for bytes in [0, 1, 255, 1025, 4096] {
        let jwe = good
            .clone()
            .with(Parts::ENCRYPTED_KEY, vec![1; bytes])
            .jwe();
        assert_eq!(refusal(jwe), JweError::EncryptedKeyLength { bytes });
    }
}

#[test]
fn refuses_encrypted_keys_of_another_key_s_length() {
    let good = Sealer::good().seal();
    for bytes in [257, 384, 512, 1024] {
        let jwe = good
            .clone()
            .with(Parts::ENCRYPTED_KEY, vec![1; bytes])
            .jwe();
        let error = open(&merchant(), jwe).expect_err("refused");
        assert_eq!(error.kind(), PortErrorKind::Jwe);
        assert!(seen(&error).contains(&format!("the encrypted key has {bytes} bytes")));
    }
}

#[test]
fn refuses_other_ivs_and_tags() {
    let good = Sealer::good().seal();
    for bytes in [0, 1, 8, 11, 13, 16] {
        let jwe = good.clone().with(Parts::IV, vec![7; bytes]).jwe();
        assert_eq!(refusal(jwe), JweError::Iv { bytes });
    }
    for bytes in [0, 1, 4, 8, 12, 15, 17, 32] {
        let mut tag = good.0[Parts::TAG].clone();
        tag.resize(bytes, 0);
        let jwe = good.clone().with(Parts::TAG, tag).jwe();
        assert_eq!(refusal(jwe), JweError::Tag { bytes });
    }
}

#[test]
fn refuses_a_second_spelling_of_each_part() {
    let good = read_text("opens/jose-visa-v3/token.jwe");
    let parts: Vec<&str> = good.split('.').collect();
    let names = [
        JwePart::Header,
        JwePart::EncryptedKey,
        JwePart::Iv,
        JwePart::Ciphertext,
        JwePart::Tag,
    ];
    for (at, part) in names.into_iter().enumerate() {
        let mut odd: Vec<String> = parts.iter().copied().map(String::from).collect();
        // A single remaining character encodes no byte, whatever the part's length is.
        while odd[at].len() % 4 != 1 {
            odd[at].push('A');
        }
        assert_eq!(refusal(jwe(&odd.join("."))), JweError::PartEncoding(part));
    }
}

#[test]
fn refuses_headers_that_are_too_much() {
    let with = |members: &str| Sealer::with_members(MERCHANT, members).jwe();
    let kid = format!(r#","kid":"{}""#, "k".repeat(4096));
    let long = JweError::Header(JweHeaderError::TooLong);
    assert_eq!(refusal(with(&kid)), long);
    let deep = format!(r#","x":{}{}"#, "[".repeat(1000), "]".repeat(1000));
    let too_deep = JweError::Header(JweHeaderError::TooDeep);
    assert_eq!(refusal(with(&deep)), too_deep);
    let twins = JweError::Header(JweHeaderError::Duplicate);
    assert_eq!(refusal(with(r#","\u0065nc":"A256GCM""#)), twins);
    assert_eq!(refusal(with(r#","crit":null"#)), JweError::Critical);
    assert_eq!(refusal(with(r#","zip":null"#)), JweError::Compressed);
}

#[test]
fn opens_past_members_that_do_not_matter() {
    for members in [
        r#","jku":"https://example.com/keys","x5u":"https://example.com/cert""#,
        r#","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"},"x5c":["AQAB"],"x5t":"AQAB""#,
        r#","typ":"JWT","cty":"json","iat":1757695744,"ZIP":"DEF","Crit":["exp"]"#,
        r#","p2c":2147483648,"p2s":"AQAB""#,
    ] {
        let jwe = Sealer::with_members(MERCHANT, members).jwe();
        assert!(open(&merchant(), jwe).is_ok(), "{members}");
    }
}

#[test]
fn tells_what_is_wrong_with_the_content() {
    let nested = Sealer::good().jwe().as_str().as_bytes().to_vec();
    for (plaintext, fault) in [
        (Vec::new(), PayloadErrorKind::Empty),
        (b"{}".to_vec(), PayloadErrorKind::NoAccount),
        (nested, PayloadErrorKind::NotJson),
    ] {
        let sealer = Sealer {
            plaintext,
            ..Sealer::good()
        };
        let error = open(&merchant(), sealer.jwe()).expect_err("no credentials");
        assert_eq!(error.kind(), PortErrorKind::Payload);
        assert_eq!(error.repeatability(), Repeatability::Never);
        seen(&error);
        let source = error.source().expect("a cause");
        let payload: &PayloadError = source.downcast_ref().expect("a payload error");
        assert_eq!(payload.kind(), fault);
    }
}

#[test]
fn passes_on_what_is_unsealed_already() {
    let unsealed = |plaintext: &[u8]| -> SealedCredentials {
        let body = ResponseBody::Decrypted(SecretBytes::from(zeroize::Zeroizing::new(
            plaintext.to_vec(),
        )));
        let mut headers = http::HeaderMap::new();
        headers.insert(
            "v-c-correlation-id",
            http::HeaderValue::from_static("6612345"),
        );
        decode(http::StatusCode::CREATED, &headers, body).expect("a response")
    };
    let opener = merchant();
    assert!(pollster::block_on(opener.open(&unsealed(CREDENTIALS))).is_ok());
    let error = pollster::block_on(opener.open(&unsealed(b"{}"))).expect_err("no credentials");
    assert_eq!(error.kind(), PortErrorKind::Payload);
    seen(&error);
}
