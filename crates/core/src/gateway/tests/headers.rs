//! Which component may write which header into a request.

use std::error::Error;

use super::*;
use crate::header::{RULES, RequestValue};

const CANARY: &str = "canary";

#[track_caller]
fn refuses(name: &'static str) {
    let (bench, result) = Bench {
        foreign: Some((name, CANARY)),
        ..Bench::default()
    }
    .run();
    let error = result.expect_err(name);
    let reported = (error.kind(), error.delivery(), error.repeatability());
    let expected = (
        PortErrorKind::Setup,
        Delivery::NotSent,
        Repeatability::Never,
    );
    assert_eq!(reported, expected, "{name}");
    assert!(bench.sent.lock().expect("unpoisoned").is_none(), "{name}");
    let cause = error.source().expect("a cause").to_string();
    assert!(cause.contains(&format!("\"{name}\"")), "{cause}");
    assert!(!format!("{error:?}{cause}").contains(CANARY), "{name}");
}

/// Row G10.
#[test]
fn an_authenticator_writes_no_header_that_is_not_an_authenticators() {
    let foreign = RULES
        .iter()
        .filter(|rule| rule.request != RequestValue::Authenticator);
    for rule in foreign {
        refuses(rule.name);
    }
    for unlisted in ["x-unknown", "x-forwarded-host", "content-location", "via"] {
        refuses(unlisted);
    }
}

/// Row G10.
#[test]
fn an_authenticator_writes_every_header_of_its_own() {
    let own = RULES
        .iter()
        .filter(|rule| rule.request == RequestValue::Authenticator);
    for rule in own {
        let (bench, result) = Bench {
            foreign: Some((rule.name, CANARY)),
            ..Bench::default()
        }
        .run();
        assert!(result.is_ok(), "{}", rule.name);
        let sent = bench.sent.lock().expect("unpoisoned");
        let value = &sent.as_ref().expect("sent").request().headers()[rule.name];
        assert_eq!(value, CANARY, "{}", rule.name);
        assert_eq!(value.is_sensitive(), rule.secret, "{}", rule.name);
    }
}

#[test]
fn a_foreign_header_of_any_length_is_told_in_few_characters() {
    let name: &'static str = Box::leak("x".repeat(5_000).into_boxed_str());
    let (_, result) = Bench {
        foreign: Some((name, CANARY)),
        ..Bench::default()
    }
    .run();
    let cause = result.expect_err("refused");
    let cause = cause.source().expect("a cause").to_string();
    assert!(cause.len() < 200, "{cause}");
}

fn with_extra(headers: &[(&'static str, &'static str)]) -> (Arc<Bench>, GatewayBuilder) {
    let bench = Arc::new(Bench::default());
    let endpoint = Endpoint::new(Environment::Test);
    let mut builder =
        Gateway::builder(endpoint, Arc::clone(&bench) as _).clock(Arc::clone(&bench) as _);
    for (name, value) in headers {
        let name = HeaderName::from_static(name);
        builder = builder.extra_header(name, HeaderValue::from_static(value));
    }
    (bench, builder)
}

#[test]
fn an_extra_header_travels_as_a_secret_and_no_authenticator_sees_it() {
    let extra = [("x-egress-key", CANARY), ("x-egress-route", "west")];
    let (bench, builder) = with_extra(&extra);
    assert!(!format!("{builder:?}").contains(CANARY));
    let gateway = builder.build(Arc::clone(&bench) as _).expect("a gateway");
    assert!(!format!("{gateway:?}").contains(CANARY));
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
    block_on(gateway.generate(&request)).expect("credentials");

    let sent = bench.sent.lock().expect("unpoisoned");
    let sent = sent.as_ref().expect("sent");
    for (name, value) in extra {
        let header = &sent.request().headers()[name];
        assert_eq!(header, value);
        assert!(header.is_sensitive());
    }
    assert!(!format!("{sent:?}").contains(CANARY));
    let signed = bench.signed.lock().expect("unpoisoned");
    assert!(!format!("{signed:?}").contains(CANARY));
}

#[test]
fn an_extra_header_is_none_that_the_table_knows_and_is_given_once() {
    let twice = [("x-egress-key", CANARY), ("x-egress-key", CANARY)];
    let known = RULES.iter().map(|rule| vec![(rule.name, CANARY)]);
    for extra in known.chain([twice.to_vec()]) {
        let (name, _) = extra[0];
        let (bench, builder) = with_extra(&extra);
        let error = builder.build(bench).expect_err(name);
        assert_eq!(error.setting(), "extra header", "{name}");
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains(&format!("\"{name}\"")), "{cause}");
        assert!(!format!("{error:?}").contains(CANARY), "{name}");
    }
}
