//! A correct transport over TLS, and one that breaks the clauses that are tested there.

use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use payment_credentials_contract::transport::{self, Peer, Scenario, Stage, Staged};
use payment_credentials_contract::{Report, Verdict};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use payment_credentials_core::{Phase, Repeatability, TransportError, TransportErrorKind};
use payment_credentials_peer_tls::tls;
use pollster::block_on;
use rustls::crypto::aws_lc_rs;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::http::{Cut, Rules, Unsolicited, Wire, encode, read_answer};

/// What a transport does wrong, if anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flaw {
    None,
    OverlooksBytes,
    OverlooksEnds,
    /// Rejects a kept connection on which any bytes have arrived, including TLS's own.
    TakesTicketsForBytes,
}

#[derive(Debug)]
struct Encrypted {
    flaw: Flaw,
    config: Arc<ClientConfig>,
    idle: Mutex<Vec<Wire>>,
}

impl Encrypted {
    /// With this flaw, whether a kept connection has no bytes waiting, including TLS's own.
    fn is_untouched(&self, wire: &Wire) -> bool {
        let Wire::Tls(stream) = wire else {
            return false;
        };
        let below = stream.sock.try_clone().expect("a socket");
        self.flaw != Flaw::TakesTicketsForBytes || Wire::Tcp(below).unsolicited().is_none()
    }

    fn is_fit(&self, wire: &mut Wire) -> bool {
        let overlooked = match self.flaw {
            Flaw::OverlooksBytes => Some(Unsolicited::Bytes),
            Flaw::OverlooksEnds => Some(Unsolicited::End),
            Flaw::None | Flaw::TakesTicketsForBytes => None,
        };
        wire.unsolicited().is_none_or(|it| Some(it) == overlooked)
    }

    fn connection(&self, outgoing: &Outgoing) -> io::Result<Wire> {
        let mut idle = self.idle.lock().expect("unpoisoned");
        while let Some(mut wire) = idle.pop() {
            if self.is_untouched(&wire) && self.is_fit(&mut wire) {
                return Ok(wire);
            }
        }
        let (host, port) = outgoing.destination().dialled();
        let tcp = TcpStream::connect((host.to_string(), port))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
        let name = "localhost".try_into().expect("a name");
        let session = ClientConnection::new(Arc::clone(&self.config), name);
        let mut stream = StreamOwned::new(session.expect("a session"), tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        let mut wire = Wire::Tls(Box::new(stream));
        let is_fit = self.is_fit(&mut wire);
        is_fit
            .then_some(wire)
            .ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

const RULES: Rules = Rules {
    body_cap: MAX_RESPONSE_BODY,
    head_cap: 64 * 1024,
    tells_the_head: true,
    cut: Cut::Fails,
    lax: None,
};

#[async_trait]
impl Transport for Encrypted {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let failed = |phase: Phase| {
            TransportError::new(
                TransportErrorKind::Reset,
                phase.delivery(),
                phase,
                Repeatability::Never,
            )
        };
        let attempt = outgoing.attempt();
        attempt.reached(Phase::Connect);
        let mut wire = self
            .connection(&outgoing)
            .map_err(|_io| failed(Phase::Connect))?;
        attempt.reached(Phase::Write);
        let written = wire.write(&encode(outgoing.request(), ""));
        written.map_err(|_io| failed(Phase::Write))?;
        let mut rest = Vec::new();
        let answer = read_answer(&mut wire, &mut rest, RULES, attempt)
            .await
            .map_err(|_unread| failed(Phase::Headers))?;
        self.idle.lock().expect("unpoisoned").push(wire);
        Ok(answer)
    }
}

struct EncryptedStage(Flaw);

const WHY: &str = "it speaks TLS alone, and blocks its thread";

#[async_trait]
impl Stage for EncryptedStage {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        const ALL: [(Scenario, &str); 5] = [
            (Scenario::Connected, WHY),
            (Scenario::Dropped, WHY),
            (Scenario::Process, WHY),
            (Scenario::Unsolicited, WHY),
            (Scenario::Unreachable, WHY),
        ];
        &ALL
    }

    async fn stage(&self, scenario: Scenario, _peer: &Peer) -> Option<Staged> {
        let version = match scenario {
            Scenario::Tls12 => &TLS12,
            Scenario::Tls13 => &TLS13,
            _ => return None,
        };
        let (tls, root) = tls(version);
        let mut roots = RootCertStore::empty();
        roots.add(root.into()).expect("a root");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let transport = Encrypted {
            flaw: self.0,
            config: Arc::new(config),
            idle: Mutex::default(),
        };
        Some(Staged::tls(transport, tls))
    }
}

fn report(flaw: Flaw) -> Report {
    block_on(transport::run(&EncryptedStage(flaw)))
}

#[test]
fn a_good_transport_keeps_what_is_staged_under_tls() {
    let report = report(Flaw::None);
    report.assert_kept();
    let kept = ["knows what it sent", "no borrowed responses"];
    assert_eq!(report.clauses_with(Verdict::Kept), kept, "{report}");
}

#[test]
fn catches_what_is_overlooked_under_tls() {
    for (flaw, clause, seen) in [
        (
            Flaw::OverlooksBytes,
            "no borrowed responses",
            "an unsolicited response",
        ),
        (Flaw::OverlooksEnds, "knows what it sent", "a close_notify"),
        (
            Flaw::TakesTicketsForBytes,
            "no borrowed responses",
            "tickets and new keys cost connections",
        ),
    ] {
        let report = report(flaw);
        assert_eq!(report.clauses_with(Verdict::Broken), [clause], "{report}");
        assert!(report.to_string().contains(seen), "{report}");
    }
}
