//! No part of a content key stays in memory, neither after a JWE is opened or fails to open nor
//! after a request is sealed.
//!
//! A child process does the work, and its memory is read from outside: see `heap`.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use payment_credentials_core::seam::MessageEncryption as _;
use payment_credentials_jose::{ContentKey, JweMessageEncryption, Recipient};
use payment_credentials_keys::Certificate;
use zeroize::Zeroizing;

use crate::memory::scanned::{PIECE, Scanned, next_line, report};
use crate::tools::sealer::{Sealer, TAG};
use crate::tools::way::Way;

const BODY: &str = r#"{"paymentCredentialType":"CRYPTOGRAM"}"#;

/// The number of pieces in one copy of a content key.
const COPY: usize = 32 + 1 - PIECE;

fn hits(child: &Scanned, content_key: &[u8]) -> usize {
    child.hits(&[content_key]).into_iter().sum()
}

/// Makes the child hold a copy until it is released, so that the test fails if the scan finds
/// nothing.
#[track_caller]
fn is_seen_while_it_is_held(child: &mut Scanned, content_key: &[u8]) {
    child.say(&STANDARD.encode(content_key));
    child.wait_for("held");
    assert_eq!(hits(child, content_key), COPY, "the copy that is held");
    child.say("go on");
    child.wait_for("dropped");
    assert_eq!(hits(child, content_key), 0, "the copy that was dropped");
}

#[test]
fn a_content_key_leaves_nothing_in_memory_whether_it_opens_or_not() {
    let mut content_key = vec![0; 32];
    rand::fill(&mut content_key).expect("random bytes");
    let sealer = |sealer: Sealer| Sealer {
        wrapped: content_key.clone(),
        content_key: content_key.clone(),
        ..sealer
    };
    let bare = sealer(Sealer::good()).parts();
    let answer = sealer(Sealer::response(Sealer::good().plaintext)).parts();
    let bodies = [
        bare.jwe(),
        bare.with(TAG, [0; 16]).jwe(),
        answer.envelope(),
        answer.with(TAG, [0; 16]).envelope(),
    ];
    let child = "memory::content_key_heap::child_opens";
    let mut child = Scanned::start(child, "content-key-opens", &bodies.join(" "));
    child.wait_for("done");
    assert_eq!(hits(&child, &content_key), 0, "what opened");
    is_seen_while_it_is_held(&mut child, &content_key);
}

#[test]
fn the_content_key_of_a_sealed_request_leaves_nothing_in_memory() {
    let child = "memory::content_key_heap::child_seals";
    let mut child = Scanned::start(child, "content-key-seals", BODY);
    let printed = child.wait_for("done");
    let sealed = printed
        .lines()
        .find(|line| line.contains("encryptedRequest"));
    let content_key = content_key(sealed.expect("a sealed request"));
    assert_eq!(hits(&child, &content_key), 0, "what sealed");
    is_seen_while_it_is_held(&mut child, &content_key);
}

/// The content key of a request that is sealed for the key `merchant-next`.
fn content_key(sealed: &str) -> Vec<u8> {
    let pem = include_str!("../../vectors/jwe/keys/merchant-next.pkcs8.pem");
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).expect("base64");
    let key = PrivateDecryptingKey::from_pkcs8(&der).expect("a key");
    let key = OaepPrivateDecryptingKey::new(key).expect("a key");
    let encrypted = sealed.split('.').nth(1).expect("a part");
    let encrypted = URL_SAFE_NO_PAD.decode(encrypted).expect("base64url");
    let mut buffer = vec![0; key.min_output_size()];
    let oaep = &OAEP_SHA256_MGF1SHA256;
    let content_key = key.decrypt(oaep, &encrypted, &mut buffer, None);
    content_key.expect("unwrapped").to_vec()
}

/// Opens JWEs, successfully and not; then holds the content key that the parent sends.
#[test]
#[ignore = "runs as a child of the tests above, which read its memory"]
fn child_opens() {
    let line = next_line();
    let way = Way::merchant().opening_responses();
    let opened = line.split(' ').map(|body| way.answer(body).is_ok());
    assert_eq!(opened.collect::<Vec<_>>(), [true, false, true, false]);
    report("done");
    hold();
}

/// Seals a request; then holds the content key that the parent sends.
#[test]
#[ignore = "runs as a child of the tests above, which read its memory"]
fn child_seals() {
    let body = next_line();
    let service = include_bytes!("../../vectors/keystores/loads/service.pem");
    let service = Certificate::from_pem(service).expect("a certificate");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let recipient = Recipient::new(&service, now).expect("a recipient");
    let mle = JweMessageEncryption::default().sealing_for(recipient);
    let sealed = pollster::block_on(mle.seal(body.into(), now)).expect("sealed");
    report(str::from_utf8(&sealed).expect("text"));
    report("done");
    hold();
}

fn hold() {
    let encoded = next_line();
    let mut content_key = Zeroizing::new(vec![0; 33]);
    let length = STANDARD.decode_slice(&encoded, &mut content_key);
    assert_eq!(length.expect("base64"), 32);
    content_key.truncate(32);
    let content_key = ContentKey::new(content_key).expect("a content key");
    report("held");
    next_line();
    drop(black_box(content_key));
    report("dropped");
    next_line();
}
