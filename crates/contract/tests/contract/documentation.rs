//! The suites have the same clauses as the traits' documentation, under the same names.

use payment_credentials_contract::{Report, opener, port, transport};
use pollster::block_on;

use crate::declarations::NothingAtAll;

const PORTS: &str = include_str!("../../../core/src/port.rs");
const TRANSPORT: &str = include_str!("../../../core/src/seam/transport.rs");

/// The bold names in the list above a trait.
fn documented<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
    let (above, _) = source.split_once(name).expect("the trait");
    let contract = above.rsplit("/// # Contract").next().expect("its contract");
    contract
        .lines()
        .filter_map(|line| line.strip_prefix("/// - **"))
        .map(|line| line.split("**").next().expect("a name"))
        .collect()
}

#[track_caller]
fn check(report: &Report, source: &str, name: &str, clauses: &[&str]) {
    let names: Vec<_> = report.clauses().map(|(name, _)| name).collect();
    assert_eq!(names, documented(source, name));
    let sources = clauses.concat();
    for name in names {
        let function = format!("async fn {}(", name.replace(' ', "_"));
        assert!(sources.contains(&function), "{function}");
    }
}

#[test]
fn the_port_has_a_function_for_each_clause() {
    let report = block_on(port::run(&NothingAtAll));
    let clauses = include_str!("../../src/port/clauses.rs");
    check(
        &report,
        PORTS,
        "pub trait PaymentCredentialsPort",
        &[clauses],
    );
}

#[test]
fn the_opener_has_a_function_for_each_clause() {
    let report = block_on(opener::run(&NothingAtAll));
    let clauses = include_str!("../../src/opener/clauses.rs");
    check(&report, PORTS, "pub trait CredentialsOpener", &[clauses]);
}

#[test]
fn the_transport_has_a_function_for_each_clause() {
    let report = block_on(transport::run(&NothingAtAll));
    let clauses = [
        include_str!("../../src/transport/clauses/as_it_is.rs"),
        include_str!("../../src/transport/clauses/bounded.rs"),
        include_str!("../../src/transport/clauses/knows_what_it_sent.rs"),
        include_str!("../../src/transport/clauses/no_borrowed_responses.rs"),
        include_str!("../../src/transport/clauses/nothing_from_the_environment.rs"),
        include_str!("../../src/transport/clauses/strict_about_framing.rs"),
        include_str!("../../src/transport/clauses/the_head_is_reported.rs"),
        include_str!("../../src/transport/clauses/whole_or_not_at_all.rs"),
    ];
    check(&report, TRANSPORT, "pub trait Transport", &clauses);
}
