//! Which shared secrets are valid (reliability B8), and that no output contains them.

use std::sync::Arc;

use payment_credentials_auth::{
    AccessToken, BearerAuthenticator, HttpSignatureAuthenticator, JwtAuthenticator, SharedSecret,
    SharedSecretKey,
};
use proptest::prelude::*;

use crate::fixtures::{NOW, SECRET, at, jwt, jwt_id, secret_key, sign, unsigned};

fn refused(text: &str) -> String {
    let error = SharedSecret::from_base64(text).expect_err(text);
    let shown = format!("{error:?}");
    assert!(std::error::Error::source(&error).is_none());
    assert!(text.len() < 5 || !shown.contains(text), "{shown}");
    error.to_string()
}

/// Row B8.
#[test]
fn takes_a_secret_with_line_ends_after_it() {
    let expected = jwt()
        .headers(&unsigned(), at(NOW), jwt_id())
        .expect("headers");
    for end in ["", "\n", "\r\n", "\n\n"] {
        let secret = SharedSecret::from_base64(&format!("{SECRET}{end}")).expect("a secret");
        let key = secret_key();
        let key = SharedSecretKey::new(key.owner().clone(), key.key_id().clone(), secret);
        let jwt = JwtAuthenticator::with_shared_secret(key);
        let headers = jwt
            .headers(&unsigned(), at(NOW), jwt_id())
            .expect("headers");
        assert_eq!(headers, expected);
    }
}

/// Row B8.
#[test]
fn b8_refuses_what_is_no_secret_and_says_why() {
    let [not_base64, uncanonical] = [
        "shared secret is not base64; give the text as the vendor's Business Center (its web \
         console) showed it",
        "shared secret is not canonical base64: characters at its end are missing or changed; \
         give the text as the vendor's Business Center (its web console) showed it",
    ];
    let empty = "shared secret is empty; give the text that the vendor's Business Center (its web console) \
         showed with the key";
    assert_eq!(refused(""), empty);
    assert_eq!(refused("\r\n"), empty);
    for text in [
        "not a secret".to_owned(),
        format!(" {SECRET}"),
        format!("{SECRET} "),
        SECRET.replace('J', "\n"),
        SECRET.replace('J', "é"),
        format!("\u{feff}{SECRET}"),
        format!("{SECRET}{SECRET}"),
    ] {
        assert_eq!(refused(&text), not_base64, "{text}");
    }
    for text in [
        SECRET.replace("tE=", "tF="),
        SECRET.replace('=', ""),
        SECRET.replace("E=", "="),
        SECRET.replace("tE=", ""),
    ] {
        assert_eq!(refused(&text), uncanonical, "{text}");
    }
    let url_safe = SECRET.replace('+', "-").replace('/', "_");
    assert_eq!(
        refused(&url_safe),
        "shared secret is in the URL-safe alphabet of base64; give the text as the vendor's \
         Business Center (its web console) \
         showed it, with + and / in it"
    );
}

/// Row B8.
#[test]
fn b8_refuses_a_secret_below_32_bytes() {
    let short = "shared secret is shorter than 32 bytes: copy it again, whole; if it is whole, make a new \
                 key in the vendor's Business Center (its web console)";
    // Secrets of 8 and of 31 bytes.
    assert_eq!(refused("MDEyMzQ1Njc="), short);
    assert_eq!(refused(&format!("{}AA==", "A".repeat(40))), short);
    assert!(SharedSecret::from_base64(&format!("{}AAA=", "A".repeat(40))).is_ok());
}

#[test]
fn debug_shows_ids_and_neither_secrets_nor_signatures() {
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    let access_token: AccessToken = "mF_9.B5f-4.1JqM".parse().expect("an access token");
    let bearer = BearerAuthenticator::new(Arc::new(access_token));
    let headers = [
        jwt()
            .headers(&unsigned(), at(NOW), jwt_id())
            .expect("headers"),
        http_signature
            .headers(&unsigned(), at(NOW))
            .expect("headers"),
        sign(&bearer, &unsigned(), at(NOW)).expect("headers"),
    ];
    let shown = format!("{:#?} {http_signature:#?} {bearer:#?} {headers:#?}", jwt());
    assert!(shown.contains("SharedSecret(redacted)") && shown.contains("AccessToken(redacted)"));
    assert!(shown.contains("testrest") && shown.contains("08c94330"));
    let mut secret: Vec<String> = vec![SECRET[..8].into(), "B5f".into()];
    for headers in &headers {
        for name in ["authorization", "signature"] {
            if let Some(value) = headers.get(name) {
                assert!(value.is_sensitive());
                let value = value.to_str().expect("text");
                secret.push(value[value.len() - 20..].into());
            }
        }
    }
    assert_eq!(secret.len(), 5);
    for secret in secret {
        assert!(!shown.contains(&secret), "{secret}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_secret_or_refused(text in "\\PC{0,60}|[A-Za-z0-9+/]{40,48}={0,2}") {
        if let Err(error) = SharedSecret::from_base64(&text) {
            prop_assert!(error.to_string().starts_with("shared secret is "));
        }
    }
}
