//! The suites end by themselves, whatever they test.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use payment_credentials_contract::opener::{self, KeyUses};
use payment_credentials_contract::{Verdict, port, transport};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, PaymentCredentials, PaymentCredentialsPort, PortError,
    SealedCredentials, TransportError,
};
use pollster::block_on;

use crate::toy::ToyService;

/// Never ends, whatever is called.
#[derive(Debug)]
struct Hangs;

#[async_trait]
impl PaymentCredentialsPort for Hangs {
    async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        pending().await
    }
}

#[async_trait]
impl CredentialsOpener for Hangs {
    async fn open(&self, _: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        pending().await
    }
}

#[async_trait]
impl Transport for Hangs {
    async fn send(&self, _: Outgoing) -> Result<Response<Bytes>, TransportError> {
        pending().await
    }
}

impl KeyUses for Hangs {
    fn count(&self) -> usize {
        0
    }
}

const PATIENCE: Duration = Duration::from_millis(1);

#[async_trait]
impl port::Stage for Hangs {
    async fn stage(&self, _: port::Scenario) -> Option<port::Staged> {
        let request = CredentialsRequest::new("7010000000016241111".parse().ok()?);
        let service = Arc::new(ToyService::default());
        let (port, opener) = (Arc::new(Self), Arc::new(Self));
        Some(port::Staged::new(port, opener, service, request))
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }
}

#[async_trait]
impl opener::Stage for Hangs {
    async fn stage(&self, _: opener::Scenario) -> Option<opener::Staged> {
        let sealed = Arc::new(ToyService::default()).mint();
        Some(opener::Staged::new(Arc::new(Self), sealed, Arc::new(Self)))
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }
}

#[async_trait]
impl transport::Stage for Hangs {
    fn cannot(&self) -> &[(transport::Scenario, &'static str)] {
        &[
            (transport::Scenario::Process, "it would hang there too"),
            (transport::Scenario::Tls12, "it speaks no TLS"),
            (transport::Scenario::Tls13, "it speaks no TLS"),
        ]
    }

    async fn stage(
        &self,
        scenario: transport::Scenario,
        _peer: &transport::Peer,
    ) -> Option<transport::Staged> {
        let cannot = transport::Stage::cannot(self);
        let cannot = cannot.iter().any(|(cannot, _)| *cannot == scenario);
        (!cannot).then(|| transport::Staged::transport(Self))
    }

    fn patience(&self) -> Duration {
        PATIENCE
    }
}

#[test]
fn a_port_that_hangs_is_reported() {
    let report = block_on(port::run(&Hangs));
    assert!(
        report
            .clauses_with(Verdict::Broken)
            .contains(&"ends by itself")
    );
}

#[test]
fn an_opener_that_hangs_is_reported() {
    let report = block_on(opener::run(&Hangs));
    assert_eq!(report.clauses_with(Verdict::Broken).len(), 4, "{report}");
}

#[test]
fn a_transport_that_hangs_is_reported() {
    let report = block_on(transport::run(&Hangs));
    let not_staged = report.clauses_with(Verdict::NotStaged);
    assert_eq!(not_staged, ["nothing from the environment"], "{report}");
    assert_eq!(report.clauses_with(Verdict::Broken).len(), 7, "{report}");
}

#[test]
fn a_report_stays_readable_however_much_is_broken() {
    let report = block_on(opener::run(&Hangs)).to_string();
    assert!(report.contains("- and 4 more"), "{report}");
}
