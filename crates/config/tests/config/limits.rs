//! The limits of a configuration, around a port.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::{
    CredentialsRequest, Delivery, PaymentCredentialsPort, PortError, PortErrorKind,
    SealedCredentials,
};
use payment_credentials_mock::fixtures::Fixture;
use payment_credentials_mock::{failures, scripted};
use tokio::time::{Instant, sleep};

use crate::fixtures::toml;

fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("an id"))
}

/// Takes this long for each call.
#[derive(Debug)]
struct Slow(Duration);

#[async_trait]
impl PaymentCredentialsPort for Slow {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        sleep(self.0).await;
        Ok(Fixture::VisaV3.sealed())
    }
}

/// A port that takes this long for each call, behind the configured limits.
fn limited(fields: &str, takes: Duration) -> Arc<dyn PaymentCredentialsPort> {
    let limits = toml(fields).limits().expect("limits");
    limits.around(Arc::new(Slow(takes))).expect("a port")
}

/// Makes as many calls at once. Returns the time that they took, and the errors.
async fn calls(port: &Arc<dyn PaymentCredentialsPort>, count: usize) -> (Duration, Vec<PortError>) {
    let began = Instant::now();
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let port = Arc::clone(port);
            tokio::spawn(async move { port.generate(&request()).await })
        })
        .collect();
    let mut errors = Vec::new();
    for call in calls {
        errors.extend(call.await.expect("no panic").err());
    }
    (began.elapsed(), errors)
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_the_port_stays_as_it_is() {
    let port = limited("", Duration::from_secs(60));
    let (took, errors) = calls(&port, 100).await;
    assert_eq!((took, errors.len()), (Duration::from_secs(60), 0));
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_is_repeated_as_often_as_configured() {
    for (retries, succeeds) in [(0, false), (1, false), (2, true)] {
        let (port, script) = scripted();
        script.will_return(Err(failures::connect()));
        script.will_return(Err(failures::connect()));
        script.will_return(Ok(Fixture::VisaV3.sealed()));
        script.allow_unused();
        let limits = toml(&format!("max_retries = {retries}"));
        let port = limits.limits().expect("limits").around(Arc::new(port));
        let called = port.expect("a port").generate(&request()).await;
        assert_eq!(called.is_ok(), succeeds, "{retries}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_begin_at_the_configured_rate_whichever_port_makes_them() {
    let limits = toml("calls_per_second = 2").limits().expect("limits");
    let port = || {
        limits
            .around(Arc::new(Slow(Duration::ZERO)))
            .expect("a port")
    };
    let (one, other) = (port(), port());
    let ((one, _), (other, _)) = tokio::join!(calls(&one, 5), calls(&other, 5));
    assert!(
        one.max(other) >= Duration::from_secs(4),
        "{one:?} {other:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn as_many_calls_run_at_the_same_time_as_configured() {
    let port = limited("max_concurrent_calls = 2", Duration::from_secs(3));
    let (took, errors) = calls(&port, 6).await;
    assert_eq!((took, errors.len()), (Duration::from_secs(9), 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_turn_ends_at_the_total_deadline_unsent() {
    for retries in ["", "max_retries = 1"] {
        let fields = format!("max_concurrent_calls = 1\ntotal_deadline_ms = 4000\n{retries}");
        let port = limited(&fields, Duration::from_secs(3));
        let (took, errors) = calls(&port, 3).await;
        assert_eq!(took, Duration::from_secs(4), "{retries}");
        let unsent = |error: &&PortError| error.delivery() == Delivery::NotSent;
        assert_eq!(errors.iter().filter(unsent).count(), 1, "{errors:#?}");
        for error in errors {
            assert_eq!(error.kind(), PortErrorKind::Deadline);
        }
    }
}

#[test]
fn a_limit_out_of_its_range_is_refused() {
    let fields =
        "max_retries = 11\ncalls_per_second = 0\nmax_concurrent_calls = 0\ntotal_deadline_ms = 0";
    let error = toml(fields).limits().expect_err("refused");
    assert_eq!(
        error.to_string(),
        "TOML: max_retries must be 0 to 10 retries\n\
         TOML: calls_per_second must be 1 to 100000 calls\n\
         TOML: max_concurrent_calls must be 1 to 100000 calls\n\
         TOML: total_deadline_ms must be 1 to 600000 milliseconds"
    );
}
