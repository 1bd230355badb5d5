//! Mutual TLS: the transport's identity towards a service that requests a certificate.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use payment_credentials_core::secret::Password;
use payment_credentials_core::{Delivery, Host, Phase, PortError, PortErrorKind, Repeatability};
use payment_credentials_hyper::{ClientIdentity, Dialer, HyperPortBuilder, Socket};
use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, copy_bidirectional,
    duplex,
};
use tokio::time::sleep;

use crate::authority::{Asks, Authority};
use crate::peer::{Peer, answer_all, call};

/// The certificate chains that clients presented to a server.
type Shown = Arc<Mutex<Vec<Vec<CertificateDer<'static>>>>>;

/// A service behind TLS that records the certificates of its clients.
fn service(
    authority: &Authority,
    asks: Asks,
    version: &'static SupportedProtocolVersion,
) -> (Peer, Shown) {
    let acceptor = authority.server("payments.example", asks, version);
    let shown = Shown::default();
    let notes = Arc::clone(&shown);
    let peer = Peer::new(move |_, stream| {
        let (acceptor, notes) = (acceptor.clone(), Arc::clone(&notes));
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            notes.lock().expect("unpoisoned").push(chain.to_vec());
            answer_all(stream).await;
        }
    });
    (peer, shown)
}

fn trusting(authority: &Authority, peer: &Peer) -> HyperPortBuilder {
    let builder = peer.builder_at("https://payments.example");
    builder.extra_root(authority.root())
}

/// Row D6: by default the client presents no certificate.
#[tokio::test]
async fn d6_a_service_that_asks_is_shown_nothing_unless_configured() {
    let authority = Authority::new("payments root");
    for version in [&TLS12, &TLS13] {
        let (peer, shown) = service(&authority, Asks::ButTakesNone, version);
        let port = trusting(&authority, &peer).build().expect("a port");
        call(&port).await.expect("a response");
        assert_eq!(*shown.lock().expect("unpoisoned"), [[]]);
    }
}

#[tokio::test]
async fn a_service_that_asks_is_shown_exactly_what_was_configured() {
    let authority = Authority::new("payments root");
    let (certificate, identity) = authority.client();
    for version in [&TLS12, &TLS13] {
        for asks in [Asks::ButTakesNone, Asks::AndNeedsOne] {
            let (peer, shown) = service(&authority, asks, version);
            let port = trusting(&authority, &peer).client_identity(identity.clone());
            call(&port.build().expect("a port"))
                .await
                .expect("a response");
            assert_eq!(*shown.lock().expect("unpoisoned"), [[certificate.clone()]]);
        }
    }
}

#[test]
fn g16_an_identity_is_read_with_its_password_from_a_keystore_and_from_encrypted_pem() {
    for file in [
        &include_bytes!("../../../../tests/vectors/keystores/client/client.p12")[..],
        include_bytes!("../../../../tests/vectors/keystores/client/client-encrypted.pem"),
    ] {
        let identity = ClientIdentity::read(file, Some(&Password::from("testpass")));
        let shown = format!("{:?}", identity.expect("an identity"));
        assert_eq!(shown, "ClientIdentity(certificates: 2, key redacted)");
        let wrong = ClientIdentity::read(file, Some(&Password::from("another")));
        assert!(wrong.is_err());
        assert!(ClientIdentity::read(file, None).is_err());
    }
}

#[tokio::test]
async fn a_service_that_does_not_ask_is_shown_nothing() {
    let authority = Authority::new("payments root");
    let (peer, shown) = service(&authority, Asks::Never, &TLS13);
    let port = trusting(&authority, &peer).client_identity(authority.client().1);
    call(&port.build().expect("a port"))
        .await
        .expect("a response");
    assert_eq!(*shown.lock().expect("unpoisoned"), [[]]);
}

#[track_caller]
fn check(error: &PortError, phase: Phase, delivery: Delivery, why: &str) {
    assert_eq!(error.kind(), PortErrorKind::Tls);
    assert_eq!(
        (error.phase(), error.delivery(), error.repeatability()),
        (phase, delivery, Repeatability::Never)
    );
    let source = error.source().expect("a cause").to_string();
    assert!(source.contains(why), "{source}");
}

#[tokio::test]
async fn a_service_that_wants_a_certificate_says_so_in_the_handshake_of_tls_1_2() {
    let authority = Authority::new("payments root");
    let (peer, _) = service(&authority, Asks::AndNeedsOne, &TLS12);
    let port = trusting(&authority, &peer).build().expect("a port");
    let error = call(&port).await.expect_err("refused");
    let why = "requires a client certificate";
    check(&error, Phase::Tls, Delivery::NotSent, why);
}

#[tokio::test]
async fn a_client_certificate_that_is_not_accepted_is_told_from_the_service_s_own() {
    let authority = Authority::new("payments root");
    let (peer, _) = service(&authority, Asks::AndNeedsOne, &TLS12);
    let stranger = Authority::new("a stranger").client().1;
    let port = trusting(&authority, &peer).client_identity(stranger);
    let error = call(&port.build().expect("a port")).await;
    let why = "doesn't accept the client certificate";
    check(
        &error.expect_err("refused"),
        Phase::Tls,
        Delivery::NotSent,
        why,
    );
}

/// With TLS 1.3 a server authenticates its client last: by then the client has its keys and may
/// write.
#[tokio::test(start_paused = true)]
async fn a_service_that_objects_once_the_request_is_written_leaves_the_outcome_open() {
    let authority = Authority::new("payments root");
    for (identity, why) in [
        (None, "requires a client certificate"),
        (
            Some(Authority::new("a stranger").client().1),
            "doesn't accept the client certificate",
        ),
    ] {
        let acceptor = authority.server("payments.example", Asks::AndNeedsOne, &TLS13);
        let peer = Peer::new(move |_, stream| {
            let (server, line) = duplex(64 * 1024);
            let acceptor = acceptor.clone();
            tokio::spawn(async move { acceptor.accept(server).await.map(drop) });
            hold_second_flight(stream, line)
        });
        let mut port = trusting(&authority, &peer);
        if let Some(identity) = identity {
            port = port.client_identity(identity);
        }
        let error = call(&port.build().expect("a port")).await;
        check(
            &error.expect_err("refused"),
            Phase::Headers,
            Delivery::Unknown,
            why,
        );
    }
}

/// Connects two ends. What the client sends after its first flight is held back until the client
/// has sent everything.
async fn hold_second_flight(mut client: DuplexStream, mut server: DuplexStream) {
    let mut flight = BytesMut::with_capacity(64 * 1024);
    client.read_buf(&mut flight).await.expect("a flight");
    server.write_all_buf(&mut flight).await.expect("written");
    server.read_buf(&mut flight).await.expect("a flight");
    client.write_all_buf(&mut flight).await.expect("written");
    sleep(Duration::from_secs(1)).await;
    // The connection may end as abruptly as the server does.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

/// A connection on which a TLS alert arrives before anything can be written.
#[derive(Debug)]
struct Objects;

impl Socket for Objects {}

impl AsyncRead for Objects {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, alert)))
    }
}

impl AsyncWrite for Objects {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        _buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[async_trait]
impl Dialer for Objects {
    async fn dial(&self, _host: &Host, _port: u16) -> io::Result<Box<dyn Socket>> {
        Ok(Box::new(Self))
    }
}

#[tokio::test]
async fn a_service_that_objects_before_the_request_is_written_was_sent_nothing() {
    let peer = Peer::new(|_, _| async {});
    let port = peer.builder().dialer(Arc::new(Objects)).build();
    let error = call(&port.expect("a port")).await.expect_err("refused");
    let why = "requires a client certificate";
    check(&error, Phase::Connect, Delivery::NotSent, why);
}

#[test]
fn an_identity_is_not_shown() {
    let authority = Authority::new("payments root");
    let peer_less = payment_credentials_hyper::HyperTransport::builder();
    let shown = format!("{:?}", peer_less.client_identity(authority.client().1));
    let expected = "client_identity: Some(ClientIdentity(certificates: 1, key redacted))";
    assert!(shown.contains(expected), "{shown}");
}
