//! Only the three values of the error decide what is retried.

use payment_credentials_core::request::RequestBody;
use payment_credentials_core::{
    Delivery, PaymentCredentialsPort, Phase, PortError, PortErrorKind, Repeatability,
};
use payment_credentials_layers::{OnUnknownDelivery, Retry, RetryPolicy};
use payment_credentials_mock::failures;

use crate::fake::{Play, call, fails, fake, request, reset_before_send};

/// Whether a first failure is followed by another attempt with these settings.
async fn is_retried(
    reaction: OnUnknownDelivery,
    failure: impl Fn() -> PortError + Send + Sync + 'static,
) -> bool {
    let port = fake(move |call| match call {
        0 => Play::Fail(failure()),
        _ => Play::Give,
    });
    let answer = call(&Retry::with_policy(
        port.clone(),
        &RetryPolicy::default().on_unknown_delivery(reaction),
    ))
    .await;
    assert_eq!(answer.is_ok(), port.asked() == 2);
    port.asked() == 2
}

#[tokio::test(start_paused = true)]
async fn the_advice_decides_whatever_kind_and_delivery_are() {
    for kind in PortErrorKind::all() {
        for delivery in [Delivery::Answered, Delivery::NotSent, Delivery::Unknown] {
            for (advice, by_default, by_opt_in) in [
                (Repeatability::Safe, true, true),
                (Repeatability::MayRepeat, false, true),
                (Repeatability::Never, false, false),
            ] {
                let failure = move || PortError::new(kind, delivery, Phase::Headers, advice);
                let found = (
                    is_retried(OnUnknownDelivery::Report, failure).await,
                    is_retried(OnUnknownDelivery::Repeat, failure).await,
                );
                assert_eq!(
                    found,
                    (by_default, by_opt_in),
                    "{kind:?} {delivery:?} {advice:?}"
                );
            }
        }
    }
}

/// A request for the network token alone creates no cryptogram, however often it is repeated.
#[tokio::test(start_paused = true)]
async fn what_mints_nothing_is_repeated_whatever_became_of_it() {
    for (named, attempts) in [("NETWORK_TOKEN", 2), ("CRYPTOGRAM", 1)] {
        let body = RequestBody::default().with_payment_credential_type(named);
        let request = request().with_body(body).expect("a request");
        let port = fake(fails(1, failures::reset_after_send));
        let answer = Retry::new(port.clone()).generate(&request).await;
        assert_eq!((port.asked(), answer.is_ok()), (attempts, attempts == 2));
    }
}

/// The faults that the adapters report, each with the decision of the policy.
#[tokio::test(start_paused = true)]
async fn each_fault_is_retried_as_the_policy_says() {
    #[derive(Debug, PartialEq)]
    enum Made {
        Always,
        ByOptIn,
        Never,
    }
    async fn check(
        name: &str,
        failure: impl Fn() -> PortError + Send + Sync + Copy + 'static,
        expected: Made,
    ) {
        let by_default = is_retried(OnUnknownDelivery::Report, failure).await;
        let made = match is_retried(OnUnknownDelivery::Repeat, failure).await {
            true if by_default => Made::Always,
            true => Made::ByOptIn,
            false => Made::Never,
        };
        assert_eq!(made, expected, "{name}");
    }
    check("no connection", failures::connect, Made::Always).await;
    check("closed at byte 0", reset_before_send, Made::Always).await;
    check(
        "reset after the request",
        failures::reset_after_send,
        Made::ByOptIn,
    )
    .await;
    check("deadline", failures::deadline_after_send, Made::Never).await;
    for phase in [
        Phase::Start,
        Phase::Connect,
        Phase::Tls,
        Phase::Write,
        Phase::Body,
    ] {
        check("deadline", move || PortError::deadline(phase), Made::Never).await;
    }
    for status in 400..=599 {
        let expected = match status {
            429 | 503 => Made::Always,
            408 | 500..=599 => Made::ByOptIn,
            _ => Made::Never,
        };
        check(
            &status.to_string(),
            move || failures::refused(status),
            expected,
        )
        .await;
    }
}
