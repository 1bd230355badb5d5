//! Row G12: an alert sees the first event too, since its counter was there before, with the value zero.

use std::collections::BTreeMap;
use std::time::Duration;

use payment_credentials_core::generator::CredentialsGenerator;
use payment_credentials_core::{
    CredentialsOpener as _, Delivery, Phase, PortError, PortErrorKind, Repeatability,
};
use payment_credentials_layers::{Metrics, Operation};
use payment_credentials_mock::fixtures::{Fixture, FixtureOpener};
use payment_credentials_mock::{failures, scripted_opener};
use tokio::time::timeout;

use crate::fake::{Play, call, fake, request};
use crate::measured::recorded;

/// The counters and what was added to each, one after another.
fn counters(work: impl AsyncFnOnce()) -> BTreeMap<String, Vec<f64>> {
    let recorded = recorded(work).into_iter();
    recorded
        .filter(|(name, _)| name.contains("_total{"))
        .collect()
}

fn every_error() -> Vec<PortError> {
    let error =
        |kind, delivery| PortError::new(kind, delivery, Phase::Headers, Repeatability::Never);
    let with_deliveries = |kind| {
        Delivery::ALL
            .iter()
            .map(move |delivery| error(kind, *delivery))
    };
    PortErrorKind::all().flat_map(with_deliveries).collect()
}

#[track_caller]
fn check_first_is_zero(counters: &BTreeMap<String, Vec<f64>>) {
    let late: Vec<_> = counters
        .iter()
        .filter(|(_, added)| added[0] > 0.0)
        .collect();
    assert!(late.is_empty(), "not registered: {late:?}");
}

#[test]
fn g12_each_ending_of_a_call_has_a_counter_before() {
    let counters = counters(async || {
        let new = |port| Metrics::new(port).counted_from_zero(Operation::Generate);
        call(&new(fake(|_| Play::Give))).await.expect("credentials");
        for error in every_error() {
            let (kind, delivery) = (error.kind(), error.delivery());
            let port = new(fake(move |_| {
                let (phase, never) = (Phase::Headers, Repeatability::Never);
                Play::Fail(PortError::new(kind, delivery, phase, never))
            }));
            call(&port).await.expect_err("an error");
        }
        let hangs = new(fake(|_| Play::Hang));
        assert!(timeout(Duration::from_secs(1), call(&hangs)).await.is_err());
    });
    check_first_is_zero(&counters);
    let happened = counters.values().filter(|added| added.contains(&1.0));
    assert_eq!(
        happened.count(),
        every_error().len() + 3,
        "ok, dropped and the attempts"
    );
    assert!(counters.len() < 120, "{}", counters.len());
}

#[test]
fn g12_each_ending_of_an_opening_has_a_counter_before() {
    let counters = counters(async || {
        let (opener, script) = scripted_opener();
        let opener = Metrics::new(opener).counted_from_zero(Operation::Open);
        let sealed = Fixture::VisaV3.sealed();
        script.will_return(Ok(Fixture::VisaV3.opened()));
        opener.open(&sealed).await.expect("credentials");
        for error in every_error() {
            script.will_return(Err(error));
            opener.open(&sealed).await.expect_err("an error");
        }
    });
    check_first_is_zero(&counters);
    assert!(counters.keys().all(|name| name.contains("operation=open")));
    assert!(counters.len() < 50, "{}", counters.len());
}

#[test]
fn g12_the_use_case_has_its_counters_before_its_first_call() {
    let counters = counters(async || {
        let generator =
            CredentialsGenerator::new(fake(|_| Play::Fail(failures::connect())), FixtureOpener);
        let measured = Metrics::new(generator).counted_from_zero(Operation::GenerateAndOpen);
        measured
            .generate(&request())
            .await
            .expect_err("no connection");
    });
    check_first_is_zero(&counters);
    let name = "payment_credentials_calls_total{operation=generate_and_open,outcome=connect,delivery=not_sent}";
    assert_eq!(counters[name], [0.0, 1.0]);
}

/// Nobody pays for series that nobody asked for.
#[test]
fn without_that_a_counter_appears_with_its_first_event() {
    let counters = counters(async || drop(Metrics::new(fake(|_| Play::Give))));
    assert!(counters.is_empty(), "{counters:?}");
}
