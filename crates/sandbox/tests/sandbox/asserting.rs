//! The assertions for tests.

use std::panic::{AssertUnwindSafe, catch_unwind};

use payment_credentials_sandbox::vault::{NOT_FOUND, VISA};
use payment_credentials_sandbox::{Policy, ReceivedRequest, Sandbox, Stage};

use super::client::{Call, start};
use super::signer::{Jwt, start as start_signed};

/// What an assertion says when it fails.
fn failure<T>(assertion: impl FnOnce() -> T) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(assertion));
    let payload = outcome.err().unwrap();
    payload.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn assertions_that_hold_say_nothing() {
    let sandbox = start();
    sandbox.assert_minted(0);
    sandbox.assert_none_refused();
    Call::v3(VISA).answer(&sandbox).await;
    Call::v3(NOT_FOUND).answer(&sandbox).await;
    sandbox.assert_minted(1);
    sandbox.assert_none_refused();
    let minted = sandbox.assert_one_request_with(ReceivedRequest::is_minted);
    assert_eq!(minted.number(), 1);
}

#[tokio::test]
async fn an_assertion_that_fails_prints_the_journal() {
    let sandbox = start_signed(Policy::tolerant());
    let call = Jwt::of(&sandbox)
        .claim("iss", "somebody_else")
        .call(&sandbox);
    call.answer(&sandbox).await;
    let all: [&dyn Fn(&Sandbox); 3] = [
        &|sandbox| sandbox.assert_minted(1),
        &|sandbox| drop(sandbox.assert_one_request_with(|it| it.refused_at() == Some(Stage::Body))),
        &Sandbox::assert_none_refused,
    ];
    for assertion in all {
        let text = failure(|| assertion(&sandbox));
        for part in [
            "#1 from 127.0.0.1",
            "-> 401",
            "authentication issuer refused",
            "somebody_else",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.contains(sandbox.merchant().key_id()), "{text}");
    }
}

#[test]
fn an_empty_journal_says_so() {
    let text = failure(|| start().assert_minted(1));
    assert!(text.contains("expected 1 to be minted, got 0"), "{text}");
    assert!(text.contains("no request was recorded"), "{text}");
}

#[tokio::test]
async fn the_journal_masks_card_numbers() {
    let sandbox = start();
    Call::to("/4111111111111111?4111111111111111")
        .answer(&sandbox)
        .await;
    let journal = sandbox.journal();
    assert!(!journal.contains("4111111111111111"), "{journal}");
    assert!(journal.contains("[digits masked]"), "{journal}");
}
