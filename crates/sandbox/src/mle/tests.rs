//! Requests that other implementations encrypted, stored under `tests/vectors/mle`.

#![expect(clippy::disallowed_methods, reason = "the vectors are files")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rsa::KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{EncryptedContent, Gate, Mle, MleCheck, MleFailure, ResponseKeys, Rules};
use crate::explained::Explained;
use crate::keystore_authority::Authority;
use crate::reading::Reading;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");

/// The key id that the requests name, and the body that they contain.
const KEY_ID: &str = "1700000000000000000033";
const BODY: &[u8] = br#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#;

/// When the requests were made, according to their `iat`.
fn made() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

/// A strict gate that accepts only requests that are encrypted for a stored key.
fn gate(key: &str) -> Gate {
    let pem = fs::read_to_string(format!("{VECTORS}/jwe/keys/{key}.pkcs8.pem")).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = KeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap();
    let rules = Rules {
        requests: Mle::Mandatory,
        responses: Mle::Off,
        content: EncryptedContent::default(),
        reading: Reading::Strict,
        explained: Explained::Yes,
    };
    let authority = Authority::with_service(&key, KEY_ID).unwrap();
    Gate::new(rules, ResponseKeys::default(), Arc::new(authority))
}

#[test]
fn opens_what_four_other_implementations_encrypted() {
    let (service, other) = (gate("merchant-next"), gate("merchant"));
    for maker in ["authlib", "jose", "joserfc", "jwcrypto"] {
        let body = fs::read(format!("{VECTORS}/mle/requests/{maker}/body.json")).unwrap();
        let outcome = service.examine(Some(&body), None, made());
        assert!(outcome.failure().is_none(), "{maker}: {outcome:?}");
        assert_eq!(outcome.opened_body(), Some(BODY), "{maker}");
        assert_eq!(outcome.request_key_id(), Some(KEY_ID), "{maker}");

        let outcome = other.examine(Some(&body), None, made());
        let failed = outcome.failure().map(MleFailure::check);
        assert_eq!(failed, Some(MleCheck::Decryption), "{maker}");
        assert_eq!(outcome.opened_body(), None, "{maker}");
    }
    let stored = Path::new(VECTORS).join("mle/requests").read_dir().unwrap();
    assert_eq!(stored.count(), 4);
}
