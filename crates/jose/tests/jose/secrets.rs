//! No output contains a plaintext or a key.

use payment_credentials_core::KeyPurpose;
use payment_credentials_jose::{ContentKey, JweOpener, KeyAlgorithm, WrappedKey};
use zeroize::Zeroizing;

use crate::fixtures::{MERCHANT, key, keyring, merchant, named_key, open, seen};
use crate::sealer::Sealer;

const SECRETS: [&str; 4] = ["4895370016750801", "AwAAAADggP/Ce5", "5a5a5a", "90, 90"];

#[track_caller]
fn holds_no_secret(shown: &str) {
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn errors_show_no_plaintext() {
    for plaintext in [
        r#"{"tokenizedCard":{"number":"4895370016750801"},"tokenizedCard":{}}"#,
        r#"{"tokenizedCard":{"number":"4895370016750801""#,
        "4895370016750801",
        r#""4895370016750801""#,
        r#"["AwAAAADggP/Ce5+ZciCXQUUAAAA="]"#,
    ] {
        let sealer = Sealer {
            plaintext: plaintext.into(),
            ..Sealer::good()
        };
        let error = open(&merchant(), sealer.jwe()).expect_err("no credentials");
        holds_no_secret(&seen(&error));
    }
}

#[test]
fn plaintexts_and_content_keys_are_redacted() {
    let opener = merchant();
    let jwe = Sealer::good().jwe();
    let plaintext = pollster::block_on(opener.open_bytes(&jwe)).expect("opens");
    holds_no_secret(&format!("{plaintext:?} {plaintext:#?}"));
    let credentials = open(&opener, jwe).expect("opens");
    holds_no_secret(&format!("{credentials:?} {credentials:#?}"));
    let content_key = ContentKey::new(Zeroizing::new(vec![0x5a; 32])).expect("32 bytes");
    assert_eq!(format!("{content_key:?}"), "ContentKey(redacted)");
}

#[test]
fn keys_show_their_id_and_their_size() {
    let shown = "PrivateKey { key_id: Some(KeyId(\"0ab683411379a3ecba4c6ded077dce23f7906ab2\")), \
                 bits: 2048, .. }";
    assert_eq!(format!("{:?}", named_key(MERCHANT)), shown);
    let unnamed = "PrivateKey { key_id: None, bits: 2048, .. }";
    assert_eq!(format!("{:?}", key(MERCHANT)), unnamed);
    let opener = JweOpener::new(keyring([key(MERCHANT)]));
    let shown = format!(
        "JweOpener {{ purpose: OpenCredentials, keys: Keyring {{ keys: [{unnamed}], offload: Inline }}, \
         accepted: Accepted {{ a128_gcm: false, rsa_oaep: false }} }}"
    );
    assert_eq!(format!("{opener:?}"), shown);
    let (purpose, algorithm) = (KeyPurpose::OpenResponses, KeyAlgorithm::RsaOaep256);
    let wrapped = WrappedKey::new(purpose, algorithm, Some("a\nb"), &[90; 256]);
    assert_eq!(
        format!("{wrapped:?}"),
        r#"WrappedKey { purpose: OpenResponses, algorithm: RsaOaep256, kid: Some(HeaderText("a\nb")), encrypted: 256 bytes }"#
    );
}
