//! The transport over real TLS, against the sandbox.

use std::sync::Arc;

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    BuildError, CredentialsRequest, Delivery, Endpoint, Environment, Gateway,
    PaymentCredentialsPort, Phase, PortErrorKind, Repeatability,
};
use payment_credentials_reqwest::{ReqwestTransport, ReqwestTransportBuilder, Roots};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};

use crate::peer::builder;

pub(crate) async fn sandbox() -> Sandbox {
    payment_credentials_test_limit::start();
    let started = Sandbox::start(Authentication::NotRequired).await;
    started.expect("a sandbox")
}

pub(crate) fn trusting(sandbox: &Sandbox) -> ReqwestTransportBuilder {
    builder().extra_root(sandbox.root_certificate_der())
}

fn request() -> CredentialsRequest {
    CredentialsRequest::new(vault::VISA.parse().expect("a token id"))
}

/// Returns a port that connects to the sandbox but expects another host.
pub(crate) fn meaning(
    base: Endpoint,
    sandbox: &Sandbox,
    transport: Result<ReqwestTransport, BuildError>,
) -> Gateway {
    let endpoint = base
        .with_connect_to(sandbox.address().into())
        .expect("an endpoint");
    over(endpoint, transport)
}

fn over(endpoint: Endpoint, transport: Result<ReqwestTransport, BuildError>) -> Gateway {
    let transport = Arc::new(transport.expect("a transport"));
    let gateway = Gateway::builder(endpoint, Arc::new(Unauthenticated));
    gateway.build(transport).expect("a gateway")
}

fn custom(base: &str) -> Endpoint {
    Endpoint::custom(base.parse().expect("a base address"))
}

pub(crate) async fn works(port: &Gateway) {
    port.generate(&request()).await.expect("credentials");
}

fn last_host(sandbox: &Sandbox) -> String {
    let requests = sandbox.requests();
    let host = requests.last().and_then(|request| request.header("host"));
    host.expect("a request with a host").to_owned()
}

#[tokio::test]
async fn each_vendor_host_is_reached_by_its_own_name() {
    let sandbox = sandbox().await;
    let transport = trusting(&sandbox).build().expect("a transport");
    for environment in Environment::ALL {
        let port = meaning(Endpoint::new(environment), &sandbox, Ok(transport.clone()));
        works(&port).await;
        assert_eq!(last_host(&sandbox), environment.host());
    }
    let hosts = u64::try_from(Environment::ALL.len()).expect("a few");
    assert_eq!(sandbox.connections(), hosts);
}

#[tokio::test]
async fn a_port_in_the_address_is_said_and_not_dialled() {
    let sandbox = sandbox().await;
    let base = custom("https://apitest.cybersource.com:8443");
    works(&meaning(base, &sandbox, trusting(&sandbox).build())).await;
    assert_eq!(last_host(&sandbox), "apitest.cybersource.com:8443");
}

#[tokio::test]
async fn the_address_dialled_may_be_a_name() {
    let sandbox = sandbox().await;
    let name = format!("localhost:{}", sandbox.address().port());
    let endpoint = Endpoint::new(Environment::Test)
        .with_connect_to(name.parse().expect("an address"))
        .expect("an endpoint");
    works(&over(endpoint, trusting(&sandbox).build())).await;
    assert_eq!(last_host(&sandbox), Environment::Test.host());
}

#[tokio::test]
async fn an_address_instead_of_a_name_is_checked_too() {
    let sandbox = sandbox().await;
    let base = custom(&format!("https://{}", sandbox.address()));
    let transport = trusting(&sandbox).roots(Roots::ExtraOnly).build();
    works(&over(base, transport)).await;
    assert_eq!(last_host(&sandbox), sandbox.address().to_string());
}

#[tokio::test]
async fn a_kept_connection_saves_the_handshake() {
    let sandbox = sandbox().await;
    let port = meaning(
        Endpoint::new(Environment::Test),
        &sandbox,
        trusting(&sandbox).keep_unexamined_connections(1).build(),
    );
    for _ in 0..5 {
        works(&port).await;
    }
    assert_eq!((sandbox.connections(), sandbox.minted()), (1, 5));
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_stops_the_call_before_a_byte() {
    let sandbox = sandbox().await;
    let test = Endpoint::new(Environment::Test);
    let untrusted = meaning(test, &sandbox, builder().build());
    let elsewhere = custom("https://payments.example.com");
    let misnamed = meaning(elsewhere, &sandbox, trusting(&sandbox).build());
    for port in [untrusted, misnamed] {
        let error = port.generate(&request()).await.expect_err("refused");
        assert_eq!(
            (error.kind(), error.phase()),
            (PortErrorKind::Tls, Phase::Tls)
        );
        assert_eq!(
            (error.delivery(), error.repeatability()),
            (Delivery::NotSent, Repeatability::Never)
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_request_carries_what_the_header_rules_say_and_nothing_else() {
    let sandbox = sandbox().await;
    let test = Endpoint::new(Environment::Test);
    works(&meaning(test, &sandbox, trusting(&sandbox).build())).await;
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

#[test]
fn a_root_that_is_no_certificate_is_refused() {
    let error = builder()
        .extra_root([1, 2, 3])
        .build()
        .expect_err("refused");
    assert!(error.to_string().contains("no certificate"), "{error}");
}
