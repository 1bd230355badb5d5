//! Openings are observed as calls are: a wrong key after a rotation shows nowhere else.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use async_trait::async_trait;
use payment_credentials_core::{
    CredentialsOpener, Delivery, PaymentCredentials, Phase, PortError, PortErrorKind,
    Repeatability, SealedCredentials,
};
use payment_credentials_layers::{Metrics, Trace};
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};

use crate::measured::{check, recorded};
use crate::traced::{Heard, merchant_id};

/// An opener with the key of before a rotation, or one whose key service says nothing.
#[derive(Debug)]
enum Opener {
    WithAnotherKey,
    WithoutAWord,
}

#[async_trait]
impl CredentialsOpener for Opener {
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        match self {
            Self::WithAnotherKey => {
                let (kind, delivery) = (PortErrorKind::Decrypt, Delivery::Answered);
                let error = PortError::new(kind, delivery, Phase::Open, Repeatability::Never);
                Err(error.with_head(sealed.head().clone()))
            }
            Self::WithoutAWord => pending().await,
        }
    }
}

async fn polled_once_and_dropped(opener: &impl CredentialsOpener) {
    let sealed = Fixture::MastercardV3.sealed();
    let mut opening = pin!(opener.open(&sealed));
    poll_fn(|cx| {
        assert!(opening.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// Row G12.
#[test]
fn each_opening_is_counted_by_its_outcome() {
    let recorded = recorded(async || {
        let sealed = Fixture::MastercardV3.sealed();
        let good = Metrics::new(FixtureOpener);
        good.open(&sealed).await.expect("credentials");
        let wrong = Metrics::new(Opener::WithAnotherKey);
        wrong.open(&sealed).await.expect_err("another key");
        polled_once_and_dropped(&Metrics::new(Opener::WithoutAWord)).await;
    });
    check(
        &recorded,
        &[
            (
                "payment_credentials_call_duration_seconds{operation=open,outcome=decrypt}",
                &[0.0],
            ),
            (
                "payment_credentials_call_duration_seconds{operation=open,outcome=dropped}",
                &[0.0],
            ),
            (
                "payment_credentials_call_duration_seconds{operation=open,outcome=ok}",
                &[0.0],
            ),
            (
                "payment_credentials_calls_total{operation=open,outcome=decrypt,delivery=answered}",
                &[1.0],
            ),
            (
                "payment_credentials_calls_total{operation=open,outcome=dropped,delivery=answered}",
                &[1.0],
            ),
            (
                "payment_credentials_calls_total{operation=open,outcome=ok,delivery=answered}",
                &[1.0],
            ),
        ],
    );
}

/// Row G12.
#[tokio::test]
async fn each_opening_is_one_span_with_its_outcome_and_the_calls_id() {
    for (opener, outcome) in [
        (Opener::WithAnotherKey, "decrypt"),
        (Opener::WithoutAWord, "dropped"),
    ] {
        let heard = Heard::default();
        let _listening = heard.listen();
        let traced = Trace::new(opener, merchant_id());
        if outcome == "decrypt" {
            let sealed = Fixture::MastercardV3.sealed();
            traced.open(&sealed).await.expect_err("another key");
        } else {
            polled_once_and_dropped(&traced).await;
        }
        let fields = heard.fields();
        let field = |name| fields.get(name).map(String::as_str);
        assert_eq!(field("operation"), Some("open"));
        assert_eq!(field("merchant_id"), Some("testrest"));
        assert_eq!(field("outcome"), Some(outcome));
        assert_eq!(field("delivery"), Some("answered"));
        assert_eq!(field("phase"), Some("open"));
        assert!(field("correlation_id").is_some(), "{fields:?}");
    }
}
