//! The contracts: the transport's against the suite's own peer, the port's against the sandbox.

use std::io;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use payment_credentials_contract::port::{self, GivenId, Service};
use payment_credentials_contract::{Verdict, transport};
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{CredentialsRequest, Endpoint, Host};
use payment_credentials_hyper::{Dialer, HyperPort, HyperTransport, Roots, Socket, pipe};
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::PrivateKey;
use payment_credentials_peer_tls::tls;
use payment_credentials_sandbox::{Sandbox, vault};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::sandboxed::{sandbox, trusting};

fn hyper_transport() -> HyperTransport {
    let transport = HyperTransport::builder().roots(Roots::Bundled).build();
    transport.expect("a transport")
}

fn over(version: &'static SupportedProtocolVersion) -> transport::Staged {
    let (tls, root) = tls(version);
    let transport = HyperTransport::builder()
        .roots(Roots::ExtraOnly)
        .extra_root(root)
        .build();
    transport::Staged::tls(transport.expect("a transport"), tls)
}

struct TransportStage;

#[async_trait]
impl transport::Stage for TransportStage {
    async fn stage(
        &self,
        scenario: transport::Scenario,
        _peer: &transport::Peer,
    ) -> Option<transport::Staged> {
        match scenario {
            transport::Scenario::Connected
            | transport::Scenario::Dropped
            | transport::Scenario::Unsolicited
            | transport::Scenario::Unreachable => {
                Some(transport::Staged::transport(hyper_transport()))
            }
            transport::Scenario::Process => {
                let mut this = Command::new(std::env::current_exe().expect("a path"));
                this.args(["--ignored", "--exact", "contract::a_call_from_a_process"]);
                Some(transport::Staged::Process(this))
            }
            transport::Scenario::Tls12 => Some(over(&TLS12)),
            transport::Scenario::Tls13 => Some(over(&TLS13)),
            _ => None,
        }
    }
}

/// With several threads, a call and its connection's task run in parallel.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g7_the_transport_keeps_every_clause() {
    let report = transport::run(&TransportStage).await;
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 8, "{report}");
}

/// With one thread, only the second call itself notices what happened to the idle connection
/// between two calls.
#[tokio::test]
async fn the_transport_keeps_every_clause_on_one_thread() {
    transport::run(&TransportStage).await.assert_kept();
}

#[tokio::test]
#[ignore = "run by the suite, in a process with hostile variables"]
async fn a_call_from_a_process() {
    transport::send_from_process(hyper_transport()).await;
}

/// Connects to the suite's peer without a socket: a task copies the bytes between pipe and peer.
#[derive(Debug)]
struct PeerDialer(transport::Peer);

#[async_trait]
impl Dialer for PeerDialer {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let peer = self.0.connect().ok_or(io::ErrorKind::ConnectionRefused)?;
        let (dialer, mut listener) = pipe();
        let socket = dialer.dial(host, port).await?;
        let theirs = listener.accept().await;
        tokio::spawn(carry(theirs.expect("the other end"), peer));
        Ok(socket)
    }
}

async fn carry(mut stream: DuplexStream, mut peer: transport::Connection) -> io::Result<()> {
    loop {
        match peer.next_action() {
            transport::Action::Bytes(bytes) => stream.write_all(&bytes).await?,
            transport::Action::Close => return Ok(()),
            // The peer is held back until the suite releases it, and no event announces that.
            transport::Action::Hold => tokio::task::yield_now().await,
            transport::Action::Listen | _ => {
                let mut heard = BytesMut::new();
                if stream.read_buf(&mut heard).await? == 0 {
                    return Ok(());
                }
                peer.receive(&heard);
            }
        }
    }
}

const NO_TLS: &str = "the suite's pipe carries no TLS";

struct PipeStage;

#[async_trait]
impl transport::Stage for PipeStage {
    fn cannot(&self) -> &[(transport::Scenario, &'static str)] {
        &[
            (
                transport::Scenario::Process,
                "a pipe stays within a process",
            ),
            (transport::Scenario::Tls12, NO_TLS),
            (transport::Scenario::Tls13, NO_TLS),
            (
                transport::Scenario::Unsolicited,
                "the suite's pipe carries nothing unsolicited",
            ),
        ]
    }

    async fn stage(
        &self,
        scenario: transport::Scenario,
        peer: &transport::Peer,
    ) -> Option<transport::Staged> {
        if self.cannot().iter().any(|(cannot, _)| *cannot == scenario) {
            return None;
        }
        let transport = HyperTransport::builder()
            .roots(Roots::Bundled)
            .dialer(Arc::new(PeerDialer(peer.clone())))
            .build();
        Some(transport::Staged::transport(
            transport.expect("a transport"),
        ))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transport_keeps_every_clause_over_a_pipe() {
    let report = transport::run(&PipeStage).await;
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 7, "{report}");
}

/// A sandbox that all staged ports share.
#[derive(Clone, Debug)]
struct Behind {
    sandbox: Arc<Sandbox>,
    requests_before: usize,
}

impl Service for Behind {
    fn asked(&self) -> usize {
        self.sandbox.requests().len() - self.requests_before
    }

    fn gave(&self) -> GivenId {
        GivenId::Some
    }
}

struct PortStage(Arc<Sandbox>);

#[async_trait]
impl port::Stage for PortStage {
    async fn stage(&self, scenario: port::Scenario) -> Option<port::Staged> {
        let ask = |id: &str| CredentialsRequest::new(id.parse().expect("a token id"));
        let request = match scenario {
            port::Scenario::Responds | port::Scenario::Unreachable => vault::VISA,
            port::Scenario::HangsUp => vault::CLOSES,
            port::Scenario::Refuses => vault::NOT_FOUND,
            port::Scenario::Silent => vault::NEVER_RESPONDS,
            _ => return None,
        };
        let sandbox = &self.0;
        let port = if scenario == port::Scenario::Unreachable {
            unreachable_port()
        } else {
            let mut port = trusting(sandbox);
            if scenario == port::Scenario::Silent {
                port = port.call_deadline(CALL_DEADLINE);
            }
            port.build().expect("a port")
        };
        let opener = Arc::new(opener(sandbox));
        let service = Arc::new(Behind {
            sandbox: Arc::clone(sandbox),
            requests_before: sandbox.requests().len(),
        });
        let staged = port::Staged::new(Arc::new(port), opener, service, ask(request));
        Some(staged.with_next(ask(vault::MASTERCARD)))
    }
}

/// The deadline where no response comes: shorter than the suite's limit, longer than a busy machine
/// needs.
const CALL_DEADLINE: Duration = Duration::from_secs(1);

/// A port to an address on which no process listens.
fn unreachable_port() -> HyperPort {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let endpoint = Endpoint::custom(format!("http://{address}").parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    port.build().expect("a port")
}

fn opener(sandbox: &Sandbox) -> JweOpener {
    let merchant = sandbox.merchant();
    let key = PrivateKey::from_pem(merchant.opening_key_pem()).expect("a key");
    let key = key.with_key_id(merchant.opening_key_id().parse().expect("a key id"));
    JweOpener::new(Keyring::new([key]).expect("a keyring"))
}

#[tokio::test]
async fn the_port_keeps_every_clause() {
    let stage = PortStage(Arc::new(sandbox().await));
    let report = port::run(&stage).await;
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 7, "{report}");
}
