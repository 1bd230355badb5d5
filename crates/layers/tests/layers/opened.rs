//! Openings are observed like calls, since nothing else reveals a wrong key after a rotation.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::generator::CredentialsGenerator;
use payment_credentials_core::{
    CredentialsOpener, Delivery, PaymentCredentials, Phase, PortError, PortErrorKind,
    Repeatability, SealedCredentials,
};
use payment_credentials_layers::{Deadline, Metrics, Retry, Trace};
use payment_credentials_mock::failures;
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};

use crate::fake::{Play, fails, fake, request};
use crate::measured::{check, recorded};
use crate::traced::{Heard, merchant_id};

/// An opener with the key from before a rotation, or with a key service that doesn't answer.
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
                let error =
                    PortError::new(kind, delivery, Phase::OpenCredentials, Repeatability::Never);
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
fn g12_each_opening_is_counted_by_its_outcome() {
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
async fn g12_each_opening_is_one_span_with_its_outcome_and_the_calls_id() {
    for (opener, outcome) in [
        (Opener::WithAnotherKey, "decrypt"),
        (Opener::WithoutAWord, "dropped"),
    ] {
        let heard = Heard::default();
        let _listening = heard.listen();
        let traced = Trace::new(opener).with_merchant_id(merchant_id());
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
        assert_eq!(field("phase"), Some("open_credentials"));
        assert!(field("correlation_id").is_some(), "{fields:?}");
    }
}

/// Row G12: around the use case, each call is counted once, by its outcome.
#[test]
fn g12_the_use_case_is_counted_once_and_a_wrong_key_is_its_outcome() {
    let recorded = recorded(async || {
        let port = || fake(|_| Play::Give);
        let good = CredentialsGenerator::new(port(), FixtureOpener);
        Metrics::new(good)
            .generate(&request())
            .await
            .expect("credentials");
        let wrong = CredentialsGenerator::new(port(), Opener::WithAnotherKey);
        let error = Metrics::new(wrong).generate(&request()).await;
        assert!(error.expect_err("another key").sealed().is_some());
    });
    let calls: Vec<_> = recorded
        .iter()
        .filter(|(name, _)| name.contains("calls_total{"))
        .map(|(name, counts)| (name.as_str(), counts.len()))
        .collect();
    let name = |outcome| {
        format!(
            "payment_credentials_calls_total{{operation=generate_and_open,outcome={outcome},\
             delivery=answered}}"
        )
    };
    assert_eq!(calls, [(&*name("decrypt"), 1), (&*name("ok"), 1)]);
}

/// The opener's error knows nothing of the attempts that the port made.
#[test]
fn an_opening_that_fails_counts_the_attempts_of_its_call() {
    let recorded = recorded(async || {
        let port = fake(|call| match call {
            0 => Play::Fail(failures::connect()),
            _ => Play::Give,
        });
        let wrong = CredentialsGenerator::new(Retry::new(port), Opener::WithAnotherKey);
        let error = Metrics::new(wrong).generate(&request()).await;
        error.expect_err("another key");
    });
    let name = "payment_credentials_attempts_total{}";
    let attempts = recorded.iter().find(|(recorded, _)| recorded == name);
    assert_eq!(attempts.expect("counted").1, [2.0]);
}

/// Row G12.
#[tokio::test]
async fn g12_the_use_case_is_one_span_also_where_its_opening_is_dropped() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let generator = CredentialsGenerator::new(fake(|_| Play::Give), Opener::WithoutAWord);
    let traced = Trace::new(generator).with_merchant_id(merchant_id());
    let request = request();
    {
        let mut call = pin!(traced.generate(&request));
        poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    let fields = heard.fields();
    assert_eq!(fields["operation"], "generate_and_open");
    assert_eq!(fields["outcome"], "dropped");
    assert_eq!(fields["delivery"], "answered");
    // The vendor's support and the owner of the key service need both.
    assert_eq!(fields["phase"], "open_credentials");
    let response = Fixture::VisaV3.head();
    let id = response.correlation_id().expect("an id").to_string();
    assert_eq!(fields["correlation_id"], id);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_bounds_an_opener_and_what_came_can_be_opened_later() {
    let limit = Duration::from_secs(2);
    let slow = Deadline::new(Opener::WithoutAWord, limit);
    let generator = CredentialsGenerator::new(fake(|_| Play::Give), slow);
    let start = tokio::time::Instant::now();
    let mut error = generator.generate(&request()).await.expect_err("late");
    assert_eq!(start.elapsed(), limit);
    let reported = (error.kind(), error.delivery(), error.phase());
    let expected = (
        PortErrorKind::Deadline,
        Delivery::Answered,
        Phase::OpenCredentials,
    );
    assert_eq!(reported, expected);
    assert!(error.correlation_id().is_some());
    let sealed = error.take_sealed().expect("the response");
    let opener = Deadline::new(FixtureOpener, limit);
    opener.open(&sealed).await.expect("credentials");
}

/// Row G12: both layers around the use case, in their order.
#[test]
fn g12_the_use_case_is_measured_within_its_span() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let recorded = recorded(async || {
        let wrong = CredentialsGenerator::new(fake(|_| Play::Give), Opener::WithAnotherKey);
        let observed = Trace::new(Metrics::new(wrong));
        observed
            .generate(&request())
            .await
            .expect_err("another key");
    });
    assert_eq!(heard.fields()["outcome"], "decrypt");
    let is_counted = |(name, _): &(String, Vec<f64>)| name.contains("outcome=decrypt");
    assert!(recorded.iter().any(is_counted), "{recorded:?}");
}

/// Row G12: the attempts of the port count, whatever the opener's error says.
#[tokio::test(start_paused = true)]
async fn g12_an_opening_that_fails_keeps_the_attempts_of_the_port() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = Retry::new(fake(fails(2, failures::connect)));
    let generator = CredentialsGenerator::new(port, Opener::WithAnotherKey);
    let traced = Trace::new(generator);
    traced.generate(&request()).await.expect_err("another key");
    assert_eq!(heard.fields()["attempts"], "3");
}

/// Row G12: the opening is dropped below both layers, after attempts of which the first was never sent.
#[tokio::test(start_paused = true)]
async fn g12_an_opening_that_is_dropped_has_its_phase_through_every_layer() {
    let heard = Heard::default();
    let _listening = heard.listen();
    let port = Retry::new(fake(fails(1, failures::connect)));
    let generator = CredentialsGenerator::new(port, Opener::WithoutAWord);
    let observed = Trace::new(Metrics::new(generator));
    let request = request();
    let call = tokio::time::timeout(Duration::from_secs(20), observed.generate(&request));
    assert!(call.await.is_err());
    let fields = heard.fields();
    let shown = ["outcome", "delivery", "phase", "attempts"].map(|field| &*fields[field]);
    assert_eq!(shown, ["dropped", "answered", "open_credentials", "2"]);
    assert!(fields.contains_key("correlation_id"), "{fields:?}");
}
