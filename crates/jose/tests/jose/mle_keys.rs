//! The two kinds of keys that people confuse, and response keys from every source.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use payment_credentials_core::seam::MessageEncryption as _;
use payment_credentials_core::{
    CredentialsOpener as _, EncryptionErrorKind, KeyPurpose, PortErrorKind, Repeatability,
};
use payment_credentials_jose::{
    ContentKey, JweError, JweMessageEncryption, KeyUnwrap, ResponseKey, ResponseKeyring,
    UnwrapError, WrappedKey,
};
use payment_credentials_keys::Keystore;
use zeroize::Zeroizing;

use crate::fixtures::{
    Counting, MERCHANT, MERCHANT_4096, MERCHANT_NEXT, key, keyring, kid, merchant, named_key, read,
};
use crate::mle_stage::{
    RESPONSE, answered, enveloped, open, opening, outer, response_key, response_keys,
};
use crate::sealer::{CREDENTIALS, Parts, Sealer};

/// A response whose outer layer is encrypted for this key and names this kid.
fn sealed_for(key: &'static str, kid: &str) -> String {
    enveloped(&Sealer::with_kid(key, kid))
}

#[test]
fn a16_the_error_says_which_kind_of_key_is_missing_and_which_there_are() {
    // The outer layer is encrypted for the key of credentials.
    let mle =
        JweMessageEncryption::default().opening_with(response_keys([RESPONSE, MERCHANT_NEXT]));
    let error = open(&mle, enveloped(&Sealer::good())).expect_err("the other key");
    assert_eq!(error.kind(), EncryptionErrorKind::Jwe);
    let source = error.source().expect("a cause");
    assert_eq!(
        source.to_string(),
        format!(
            "no key is configured for this kid: \"{}\"; configured as REST key \"API Response MLE\": \
             \"{}\", \"{}\"; add the key of that kid, or correct a key id; if it is the TMS key \
             \"Message-Level Encryption\", it belongs in the other setting",
            kid(MERCHANT),
            kid(RESPONSE),
            kid(MERCHANT_NEXT)
        )
    );
    let refusal = source.downcast_ref::<JweError>();
    assert!(matches!(
        refusal,
        Some(JweError::KeyNotConfigured {
            purpose: KeyPurpose::OpenResponses,
            ..
        })
    ));

    // The credentials are encrypted for the response key.
    let sealed = answered(opening(), 201, outer(CREDENTIALS).jwe().as_str());
    let error = pollster::block_on(merchant().open(&sealed.expect("a JWE"))).expect_err("not ours");
    assert_eq!(error.kind(), PortErrorKind::Jwe);
    let shown = error.source().expect("a cause").to_string();
    let missing = format!("for this kid: \"{}\"; configured as TMS key", kid(RESPONSE));
    assert!(shown.contains(&missing), "{shown}");
    assert!(
        shown.contains(&format!(": \"{}\";", kid(MERCHANT))),
        "{shown}"
    );
    assert!(
        shown.ends_with(
            "if it is the REST key \"API Response MLE\", it belongs in the other setting"
        ),
        "{shown}"
    );
}

#[test]
fn a16_of_many_configured_key_ids_eight_are_shown() {
    let named = |n: usize| ResponseKey::new(key(MERCHANT), format!("key-{n}").parse().expect("id"));
    let keys = ResponseKeyring::new((0..12).map(named)).expect("a keyring");
    let mle = JweMessageEncryption::default().opening_with(keys);
    let error = open(&mle, sealed_for(MERCHANT, "another")).expect_err("no such key");
    let shown = error.source().expect("a cause").to_string();
    assert!(shown.contains("\"key-0\", \"key-1\""), "{shown}");
    assert!(shown.contains("\"key-7\" and 4 more;"), "{shown}");

    let sealed = answered(opening(), 201, Sealer::good().jwe().as_str()).expect("a JWE");
    let service = payment_credentials_jose::JweOpener::new(Elsewhere(Box::new(|wrapped| {
        Err(wrapped.not_configured([]))
    })));
    let error = pollster::block_on(service.open(&sealed)).expect_err("no such key");
    let shown = error.source().expect("a cause").to_string();
    assert!(shown.contains(": no key ids;"), "{shown}");
}

/// The error names the key, which is no secret, but never which step failed.
#[test]
fn what_does_not_open_says_which_of_the_two_keys_it_was_for() {
    let tampered = |sealer: &Sealer| sealer.seal().with(Parts::TAG, [0; 16]).jwe();
    let answer = tampered(&outer(CREDENTIALS));
    let answer = format!(r#"{{"encryptedResponse":"{}"}}"#, answer.as_str());
    let error = answered(opening(), 201, &answer).expect_err("refused");
    let opens_with = "the JWE does not open with the configured key";
    let expected = format!("{opens_with}, REST key \"API Response MLE\" (answered, status 201");
    assert!(error.to_string().starts_with(&expected), "{error}");

    let credentials = tampered(&Sealer::good());
    let sealed = answered(opening(), 201, credentials.as_str()).expect("a JWE");
    let error = pollster::block_on(merchant().open(&sealed)).expect_err("refused");
    let expected =
        format!("{opens_with}, TMS key \"Message-Level Encryption\" (answered, status 201");
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[test]
fn a17_a_kid_is_compared_and_never_shown_raw() {
    for kid in [
        "../../etc/passwd",
        "a\r\nb\0\u{202e}'\"",
        "4111111111111111",
        &"k".repeat(3000),
    ] {
        let error = open(&opening(), sealed_for(RESPONSE, kid)).expect_err("no such key");
        let source = error.source().expect("a cause");
        let shown = format!("{source} {source:?}");
        assert!(shown.chars().all(|c| matches!(c, ' '..='~')), "{shown}");
        assert!(!shown.contains("4111111111111111") && !shown.contains(&"k".repeat(65)));
    }
    open(
        &opening(),
        sealed_for(RESPONSE, &kid(RESPONSE).as_str().to_uppercase()),
    )
    .expect("opens");
}

#[test]
fn a18_without_a_kid_at_most_three_keys_are_tried() {
    let opens = |names: &[&str]| {
        let keys = names.iter().enumerate().map(|(nth, name)| {
            ResponseKey::new(key(name), format!("key-{nth}").parse().expect("an id"))
        });
        let keys = ResponseKeyring::new(keys).expect("a keyring");
        let mle = JweMessageEncryption::default().opening_with(keys);
        open(&mle, enveloped(&Sealer::without_kid(MERCHANT))).is_ok()
    };
    let other = MERCHANT_NEXT;
    assert!(opens(&[MERCHANT]));
    assert!(opens(&[other, other, MERCHANT]));
    assert!(opens(&[RESPONSE, MERCHANT_4096, other, other, MERCHANT]));
    assert!(!opens(&[other, other, other, MERCHANT]));
}

#[test]
fn a33_an_old_key_opens_while_it_stays() {
    let old = sealed_for(RESPONSE, kid(RESPONSE).as_str());
    let opens = |keys| {
        open(
            &JweMessageEncryption::default().opening_with(keys),
            old.clone(),
        )
    };
    let during = response_keys([MERCHANT_NEXT, RESPONSE]);
    assert_eq!(*during.key_id(), kid(MERCHANT_NEXT));
    opens(during).expect("the old key is there");
    let error = opens(response_keys([MERCHANT_NEXT])).expect_err("it is gone");
    assert_eq!(error.kind(), EncryptionErrorKind::Jwe);
    // Another merchant's key with our kid.
    let theirs = sealed_for(MERCHANT_4096, kid(MERCHANT_NEXT).as_str());
    let mle = JweMessageEncryption::default().opening_with(response_keys([MERCHANT_NEXT]));
    assert_eq!(
        open(&mle, theirs).expect_err("refused").kind(),
        EncryptionErrorKind::Jwe
    );
    let theirs = sealed_for(MERCHANT, kid(MERCHANT_NEXT).as_str());
    assert_eq!(
        open(&mle, theirs).expect_err("refused").kind(),
        EncryptionErrorKind::Decrypt
    );
}

#[test]
fn a_response_keyring_has_keys_and_each_its_own_id() {
    let rule = |keys: Vec<ResponseKey>| ResponseKeyring::new(keys).expect_err("refused");
    assert_eq!(
        rule(Vec::new()).to_string(),
        "response keyring holds no key; give at least one"
    );
    assert_eq!(
        rule(vec![response_key(MERCHANT), response_key(MERCHANT)]).to_string(),
        "response keyring has two keys with one key id; give each key its own"
    );
}

#[test]
fn a_keystore_names_its_response_key() {
    for file in [
        "service-old.p12",
        "service-new.p12",
        "openssl-default.p12",
        "keytool.p12",
    ] {
        let keystore = read(&format!("../keystores/loads/{file}"));
        let keystore = Keystore::read(&keystore, Some(&"testpass".into())).expect(file);
        let response = ResponseKey::from_keystore(&keystore, "KEYSTORE_mid").expect(file);
        assert_eq!(response.key_id().as_str(), "1700000000000000000017");
        assert!(ResponseKey::from_keystore(&keystore, "another_mid").is_err());
        let keys = ResponseKeyring::new([response]).expect("a keyring");
        let [listed] = &*keys.configured_keys() else {
            panic!("one key")
        };
        assert_eq!(listed.purpose, KeyPurpose::OpenResponses);
        assert!(listed.not_after.is_some(), "{file}");
        let mle = JweMessageEncryption::default().opening_with(keys);
        open(&mle, sealed_for(MERCHANT, "1700000000000000000017")).expect(file);
    }
    let pem = read("keys/merchant.pkcs1.pem");
    let keystore = Keystore::read(&pem, None).expect("a keystore");
    assert!(ResponseKey::from_keystore(&keystore, "keystore_mid").is_err());
    let named = ResponseKey::new(keystore.private_key().expect("a key"), kid(MERCHANT));
    assert_eq!(*named.key_id(), kid(MERCHANT));
    assert!(named.certificate().is_none());
}

#[test]
fn keys_are_listed_without_secrets() {
    let mle = opening();
    let [listed] = &*mle.configured_keys() else {
        panic!("one key")
    };
    assert_eq!(listed.purpose, KeyPurpose::OpenResponses);
    assert_eq!(listed.key_id, Some(kid(RESPONSE)));
    let shown = format!("{mle:?}");
    assert!(shown.contains("bits: 3072"), "{shown}");
    assert!(shown.len() < 2000, "{shown}");
}

/// A key service that runs this function.
pub(crate) struct Elsewhere(pub(crate) Box<Unwrap>);

type Unwrap = dyn Fn(&WrappedKey) -> Result<ContentKey, UnwrapError> + Send + Sync;

impl std::fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Elsewhere")
    }
}

#[async_trait::async_trait]
impl KeyUnwrap for Elsewhere {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        assert_eq!(wrapped.encrypted_key().len() % 128, 0);
        (self.0)(wrapped)
    }
}

#[test]
fn a_response_key_can_live_elsewhere() {
    let elsewhere = |keys| JweMessageEncryption::default().opening_elsewhere(kid(RESPONSE), keys);
    let mle = elsewhere(Elsewhere(Box::new(|wrapped| {
        assert_eq!(wrapped.purpose(), KeyPurpose::OpenResponses);
        ContentKey::new(Zeroizing::new(vec![0x5a; 32]))
    })));
    assert_eq!(mle.response_key_id(), Some(kid(RESPONSE)));
    assert_eq!(mle.configured_keys().len(), 1);
    open(&mle, enveloped(&outer(CREDENTIALS))).expect("opens");

    let down = elsewhere(Elsewhere(Box::new(|_| {
        Err(UnwrapError::Unavailable("throttled".into()))
    })));
    let error = answered(down, 201, &enveloped(&outer(CREDENTIALS))).expect_err("down");
    assert_eq!(
        (error.kind(), error.repeatability()),
        (PortErrorKind::KeyService, Repeatability::MayRepeat)
    );
    let denied = elsewhere(Elsewhere(Box::new(|_| {
        Err(UnwrapError::Denied("no".into()))
    })));
    let error = answered(denied, 201, &enveloped(&outer(CREDENTIALS))).expect_err("denied");
    assert_eq!(
        (error.kind(), error.repeatability()),
        (PortErrorKind::KeyService, Repeatability::Never)
    );
}

#[test]
fn no_key_is_used_for_what_the_header_gives_away() {
    let keys = Arc::new(Counting::new(keyring([named_key(RESPONSE)])));
    let mle = JweMessageEncryption::default().opening_elsewhere(kid(RESPONSE), Arc::clone(&keys));
    let zipped = Sealer::with_members(RESPONSE, r#","zip":"DEF""#);
    open(&mle, enveloped(&zipped)).expect_err("compressed");
    open(&mle, r#"{"encryptedResponse":1}"#).expect_err("no text");
    assert_eq!(keys.asked.load(Ordering::Relaxed), 0);
    open(&mle, enveloped(&outer(CREDENTIALS))).expect("opens");
    assert_eq!(keys.asked(), 1);
}
