//! The stored keys and vectors, and openers for them.

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use payment_credentials_core::{
    CredentialsOpener, Delivery, Jwe, KeyId, PaymentCredentials, Phase, PortError, ResponseHead,
    SealedCredentials,
};
use payment_credentials_jose::{
    ContentKey, JweOpener, KeyUnwrap, Keyring, UnwrapError, WrappedKey,
};
use payment_credentials_keys::PrivateKey;

/// The four stored private keys.
pub(crate) const MERCHANT: &str = "merchant";
pub(crate) const MERCHANT_NEXT: &str = "merchant-next";
pub(crate) const MERCHANT_3072: &str = "merchant-3072";
pub(crate) const MERCHANT_4096: &str = "merchant-4096";

pub(crate) fn vectors() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/jwe").into()
}

pub(crate) fn read(path: &str) -> Vec<u8> {
    payment_credentials_test_limit::start();
    #[expect(clippy::disallowed_methods, reason = "vectors are files")]
    let file = std::fs::read(vectors().join(path));
    file.expect("a stored file")
}

pub(crate) fn read_text(path: &str) -> String {
    String::from_utf8(read(path)).expect("UTF-8")
}

/// A stored key without its id, parsed only once.
pub(crate) fn key(name: &str) -> PrivateKey {
    static PARSED: Mutex<Option<HashMap<String, PrivateKey>>> = Mutex::new(None);
    let mut parsed = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let parsed = parsed.get_or_insert_default();
    let parse = || PrivateKey::from_pem(read(&format!("keys/{name}.pkcs8.pem"))).expect("a key");
    parsed.entry(name.to_owned()).or_insert_with(parse).clone()
}

/// The id of a stored key.
pub(crate) fn kid(name: &str) -> KeyId {
    let kids: serde_json::Value = serde_json::from_slice(&read("keys/kids.json")).expect("JSON");
    let kid = kids[name].as_str().expect("a kid");
    kid.parse().expect("a key id")
}

pub(crate) fn named_key(name: &str) -> PrivateKey {
    key(name).with_key_id(kid(name))
}

pub(crate) fn keyring(keys: impl IntoIterator<Item = PrivateKey>) -> Keyring {
    Keyring::new(keys).expect("a keyring")
}

/// An opener with one key and that key's id.
pub(crate) fn merchant() -> JweOpener {
    JweOpener::new(keyring([named_key(MERCHANT)]))
}

pub(crate) fn jwe(compact: &str) -> Jwe {
    compact.parse().expect("a JWE by its shape")
}

pub(crate) fn sealed(jwe: Jwe) -> SealedCredentials {
    let head = ResponseHead::new(201).with_correlation_id("6612345".parse().expect("an id"));
    SealedCredentials::new(jwe, head)
}

pub(crate) fn open(opener: &JweOpener, jwe: Jwe) -> Result<PaymentCredentials, PortError> {
    pollster::block_on(opener.open(&sealed(jwe)))
}

/// Returns everything that an error shows, and checks what must be true of each error.
pub(crate) fn seen(error: &PortError) -> String {
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.phase(), Phase::OpenCredentials);
    assert_eq!(error.status(), Some(201));
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
    let mut seen = format!("{error} {error:?} {error:#?} {:?}", error.repeatability());
    let mut source = error.source();
    while let Some(cause) = source {
        seen = format!("{seen} {cause} {cause:?}");
        source = cause.source();
    }
    seen
}

/// Counts how often a key is used.
#[derive(Debug)]
pub(crate) struct Counting<K> {
    pub(crate) keys: K,
    pub(crate) asked: AtomicUsize,
}

impl<K> Counting<K> {
    pub(crate) fn new(keys: K) -> Self {
        let asked = AtomicUsize::new(0);
        Self { keys, asked }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl<K: KeyUnwrap> KeyUnwrap for Counting<K> {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.keys.unwrap_key(wrapped).await
    }
}

/// Checks that the cause repeats the kid of the header and nothing more, whatever failed with the
/// key.
#[track_caller]
pub(crate) fn says_which_key_and_nothing_else(error: &(dyn Error + 'static)) {
    let cause = error.source().expect("a cause");
    let text = cause.to_string();
    assert!(cause.source().is_none());
    let begins =
        text.starts_with("the JWE's kid is ") || text.starts_with("the JWE names no key id");
    let ends = [
        "give it the key id that the service shows",
        "give each the key id that the service shows",
        "check that the private key of that key id is configured under it",
        "check that the key whose public half the service has is configured",
    ];
    assert!(
        begins && ends.iter().any(|end| text.ends_with(end)),
        "{text}"
    );
}
