//! Row E24: a runtime that was built without timers: an error that names the remedy, and nothing is sent.

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::{
    CredentialsOpener as _, Delivery, PaymentCredentialsPort, PortError, PortErrorKind,
    Repeatability,
};
use payment_credentials_layers::{
    Allowance, Deadline, LocalAllowance, PauseUntil, RateLimit, Retry,
};
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};

use crate::fake::{Fake, Play, call, fake};

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime without timers").block_on(work)
}

#[track_caller]
fn check(error: &PortError, delivery: Delivery) {
    let found = (error.kind(), error.delivery(), error.repeatability());
    assert_eq!(
        found,
        (PortErrorKind::Setup, delivery, Repeatability::Never)
    );
    let cause = std::error::Error::source(error)
        .expect("a cause")
        .to_string();
    assert!(cause.contains("enable_time"), "{cause}");
}

#[track_caller]
fn check_unsent(layered: &impl PaymentCredentialsPort, port: &Fake, sent: usize) {
    let error = run(call(layered)).expect_err("no timers");
    check(&error, Delivery::NotSent);
    assert_eq!(port.asked(), sent);
}

#[test]
fn e24_a_deadline_and_a_retry_send_nothing() {
    let port = fake(|_| Play::Give);
    check_unsent(
        &Deadline::new(port.clone(), Duration::from_secs(8)),
        &port,
        0,
    );
    check_unsent(&Retry::new(port.clone()), &port, 0);
}

#[test]
fn e24_a_rate_limit_and_a_pause_need_timers_only_to_wait() {
    let port = fake(|_| Play::Give);
    let limit = RateLimit::new(port.clone(), 1).expect("a limit");
    run(call(&limit)).expect("the first call waits for nothing");
    check_unsent(&limit, &port, 1);

    let allowance = Arc::new(LocalAllowance::unlimited());
    let pause = PauseUntil::sharing(port.clone(), Arc::clone(&allowance) as Arc<dyn Allowance>);
    run(call(&pause)).expect("no pause");
    allowance.pause(Duration::from_secs(60));
    check_unsent(&pause, &port, 2);
}

#[test]
fn e24_an_opening_says_that_its_response_came() {
    let opener = Deadline::new(FixtureOpener, Duration::from_secs(8));
    let sealed = Fixture::VisaV3.sealed();
    let error = run(opener.open(&sealed)).expect_err("no timers");
    check(&error, Delivery::Answered);
    assert_eq!(error.head(), Some(sealed.head()));
}
