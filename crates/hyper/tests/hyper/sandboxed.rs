//! The port over real TLS, against the sandbox.

use std::sync::Arc;

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    Delivery, Endpoint, Environment, Phase, PortErrorKind, Repeatability,
};
use payment_credentials_hyper::{HyperPort, HyperPortBuilder, Roots};
use payment_credentials_sandbox::{Authentication, Sandbox};

use crate::peer::call;

pub(crate) async fn sandbox() -> Sandbox {
    payment_credentials_test_limit::start();
    let started = Sandbox::start(Authentication::NotRequired).await;
    started.expect("a sandbox")
}

/// Returns a builder of a port that connects to the sandbox but expects another host. The port
/// doesn't trust the sandbox yet.
pub(crate) fn meaning(base: Endpoint, sandbox: &Sandbox) -> HyperPortBuilder {
    let endpoint = base
        .with_connect_to(sandbox.address().into())
        .expect("an endpoint");
    HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled)
}

pub(crate) fn trusting(sandbox: &Sandbox) -> HyperPortBuilder {
    meaning(Endpoint::new(Environment::Test), sandbox).extra_root(sandbox.root_certificate_der())
}

#[tokio::test]
async fn each_vendor_host_is_reached_by_its_own_name() {
    let sandbox = sandbox().await;
    for environment in Environment::ALL {
        let port = meaning(Endpoint::new(environment), &sandbox)
            .extra_root(sandbox.root_certificate_der())
            .build()
            .expect("a port");
        call(&port).await.expect("credentials");
        let requests = sandbox.requests();
        let last = requests.last().expect("a request");
        assert_eq!(last.header("host"), Some(environment.host()));
    }
}

#[tokio::test]
async fn a_kept_connection_saves_the_handshake() {
    let sandbox = sandbox().await;
    let port = trusting(&sandbox).build().expect("a port");
    for _ in 0..5 {
        call(&port).await.expect("credentials");
    }
    assert_eq!((sandbox.connections(), sandbox.minted()), (1, 5));
}

/// Row D2: none of the compiled-in roots signed the sandbox's certificate.
#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_stops_the_call_before_a_byte() {
    let sandbox = sandbox().await;
    let port = meaning(Endpoint::new(Environment::Test), &sandbox)
        .build()
        .expect("a port");
    check_refused(&port, &sandbox).await;
}

/// Row D1: the host that is validated is the endpoint's, not the one that is dialled.
#[tokio::test]
async fn a_certificate_for_another_host_stops_the_call_before_a_byte() {
    let sandbox = sandbox().await;
    let elsewhere = Endpoint::custom("https://payments.example.com".parse().expect("an address"));
    let port = meaning(elsewhere, &sandbox).extra_root(sandbox.root_certificate_der());
    check_refused(&port.build().expect("a port"), &sandbox).await;
}

async fn check_refused(port: &HyperPort, sandbox: &Sandbox) {
    let error = call(port).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Tls, Phase::Tls)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Never)
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn an_address_instead_of_a_name_is_checked_too() {
    let sandbox = sandbox().await;
    let base = format!("https://{}", sandbox.address());
    let endpoint = Endpoint::custom(base.parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::ExtraOnly)
        .extra_root(sandbox.root_certificate_der())
        .build()
        .expect("a port");
    call(&port).await.expect("credentials");
    let requests = sandbox.requests();
    let host = requests.last().and_then(|request| request.header("host"));
    assert_eq!(host, Some(sandbox.address().to_string().as_str()));
}

#[tokio::test]
async fn the_request_carries_what_the_header_rules_say_and_nothing_else() {
    let sandbox = sandbox().await;
    let port = trusting(&sandbox).build().expect("a port");
    call(&port).await.expect("credentials");
    let requests = sandbox.requests();
    let request = requests.last().expect("a request");
    let mut names: Vec<_> = request.headers().map(|(name, _)| name).collect();
    names.sort_unstable();
    let expected = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, expected);
    assert_eq!(request.body(), b"{}");
}

#[tokio::test]
async fn a_sandbox_that_is_gone_is_a_connect_error() {
    let sandbox = sandbox().await;
    let port = trusting(&sandbox).build().expect("a port");
    drop(sandbox);
    let error = call(&port).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Connect, Delivery::NotSent)
    );
    assert_eq!(error.repeatability(), Repeatability::Safe);
}
