//! Which algorithms an opener accepts, also after its keys have been replaced.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_config::Config;
use payment_credentials_core::Jwe;
use payment_credentials_jose::{JweOpener, OpenError};

use crate::fixtures::{toml, vector};

/// RFC 7516 §A.1: RSA-OAEP with A256GCM.
const SHA1: &str = include_str!("../../../../tests/vectors/jwe/opt-in/rfc7516-a1/token.jwe");
const SHA1_KEY: &str = "jwe/opt-in/rfc7516-a1/key.pkcs8.pem";
const OTHER_KEY: &str = "jwe/keys/merchant.pkcs8.pem";

fn with_key(key: &str, more: &str) -> Config {
    let key = vector(key);
    toml(&format!("opening_key_file = '{}'\n{more}", key.display()))
}

async fn opened(opener: &JweOpener, jwe: &str) -> Result<Vec<u8>, OpenError> {
    let jwe: Jwe = jwe.trim().parse().expect("a JWE");
    let plaintext = opener.open_bytes(&jwe).await?;
    Ok(plaintext.expose().to_vec())
}

/// A JWE for a key of 2048 bits of which only the header and the format are valid.
fn shaped(alg: &str, enc: &str) -> String {
    let header = format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#);
    let parts = [header.as_bytes(), &[0; 256], &[0; 12], &[0; 8], &[0; 16]];
    parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

#[tokio::test]
async fn an_algorithm_is_accepted_only_if_it_is_listed() {
    let (sha1, short) = ("RSA-OAEP", "A128GCM");
    for (listed, accepted) in [
        ("", [false, false]),
        ("opening_accepts = []", [false, false]),
        ("opening_accepts = ['RSA-OAEP']", [true, false]),
        ("opening_accepts = 'A128GCM'", [false, true]),
        ("opening_accepts = 'RSA-OAEP, A128GCM'", [true, true]),
    ] {
        let opener = with_key(OTHER_KEY, listed).opener().expect("an opener");
        let jwes = [shaped(sha1, "A256GCM"), shaped("RSA-OAEP-256", short)];
        for (jwe, accepted) in jwes.iter().zip(accepted) {
            let error = opened(&opener, jwe).await.expect_err("not sealed");
            let is_refused = matches!(error, OpenError::Jwe(_));
            assert_eq!(is_refused, !accepted, "{listed}: {error}");
        }
    }
}

#[tokio::test]
async fn a_listed_algorithm_opens() {
    let config = with_key(SHA1_KEY, "");
    let variables = [("CYBERSOURCE_OPENING_ACCEPTS", "RSA-OAEP,A128GCM")];
    let config = config.overridden_by(Config::from_env(variables).expect("variables"));
    let opener = config.opener().expect("an opener");
    let plaintext = opened(&opener, SHA1).await.expect("opened");
    assert!(plaintext.starts_with(b"The true sign of intelligence"));
}

#[tokio::test]
async fn replacing_the_keys_keeps_the_algorithms() {
    let accepts = "opening_accepts = ['RSA-OAEP']";
    let config = with_key(OTHER_KEY, accepts);
    let keyring = config.keyring().expect("keys");
    let opener = config.opener_with(keyring.clone()).expect("an opener");
    let before = opened(&opener, SHA1).await.expect_err("another key");
    assert!(matches!(before, OpenError::Decrypt(_)), "{before}");

    let next = with_key(SHA1_KEY, accepts).keyring().expect("keys");
    let replaced = keyring.replace(next.keys().iter().cloned());
    replaced.expect("other keys");
    assert!(opened(&opener, SHA1).await.is_ok());
}

#[test]
fn other_algorithms_are_rejected_together_with_other_mistakes() {
    for listed in [
        "'RSA1_5'",
        "['rsa-oaep']",
        "['RSA-OAEP-256']",
        "'RSA-OAEP,'",
    ] {
        let config = toml(&format!("opening_accepts = {listed}"));
        let error = config.opener().expect_err("refused").to_string();
        let lines: Vec<_> = error.lines().collect();
        assert_eq!(lines.len(), 2, "{error}");
        assert!(lines[0].starts_with("TOML: opening_key_file is missing"));
        let expected = "TOML: opening_accepts must be of A128GCM, RSA-OAEP";
        assert!(lines[1].starts_with(expected), "{error}");
        let keys = with_key(OTHER_KEY, "").keyring().expect("keys");
        let with = config.opener_with(keys).expect_err("refused").to_string();
        assert_eq!(lines[1], with);
    }
}
