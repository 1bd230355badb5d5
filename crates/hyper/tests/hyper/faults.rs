//! Connections that can't be established, break, or are not what they should be.

use std::io::{self, Read};
use std::net::{Shutdown, TcpListener};
use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{Delivery, Endpoint, Host, Phase, PortErrorKind, Repeatability};
use payment_credentials_hyper::{Dialer, HyperPort, Roots, Socket, TcpDialer, pipe};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::peer::{Peer, call, read_request};

fn dialling(dialer: Arc<dyn Dialer>) -> HyperPort {
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    port.dialer(dialer).build().expect("a port")
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let (dialer, nobody) = pipe();
    drop(nobody);
    let port = dialling(Arc::new(dialer));
    let error = call(&port).await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Connect, Phase::Connect)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Safe)
    );
}

/// Resolves an invalid name, so that no resolver outside of this machine is contacted.
#[derive(Debug)]
struct Misspelt;

#[async_trait]
impl Dialer for Misspelt {
    async fn dial(&self, _host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        TcpDialer::default()
            .dial(&Host::Name("no name".into()), port)
            .await
    }
}

/// Row D8: a name that isn't found now may be found later.
#[tokio::test]
async fn d8_a_name_without_an_address_sent_nothing() {
    let port = dialling(Arc::new(Misspelt));
    let error = call(&port).await.expect_err("not found");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Connect, Phase::Connect)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Safe)
    );
}

/// Rows D8 and G19.
#[tokio::test]
async fn g19_a_port_that_nobody_listens_on_is_a_connect_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("bound");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let endpoint = Endpoint::custom(format!("http://{address}").parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let error = call(&port.build().expect("a port"))
        .await
        .expect_err("refused");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Connect, Delivery::NotSent)
    );
    // Row G19: the error names the address for whoever repairs the network, and never a path.
    let cause = std::error::Error::source(&error)
        .expect("a cause")
        .to_string();
    assert_eq!(
        cause,
        format!("can't connect to 127.0.0.1, port {}", address.port())
    );
}

/// `localhost` has an address of each family.
#[tokio::test]
async fn d9_addresses_that_all_refuse_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let free = listener.local_addr().expect("an address").port();
    drop(listener);
    let localhost = Host::Name("localhost".into());
    let dialled = TcpDialer::default().dial(&localhost, free).await;
    let error = dialled.map(drop).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "none of the host's 2 addresses could be connected to"
    );
}

#[tokio::test]
async fn a_close_before_the_response_leaves_the_outcome_open() {
    let peer = Peer::new(|_, mut stream| async move {
        read_request(&mut stream).await;
    });
    let error = peer.call().await.expect_err("closed");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Reset, Phase::Headers)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Unknown, Repeatability::MayRepeat)
    );
}

#[derive(Debug)]
pub(crate) struct ClosesAtOnce;

#[async_trait]
impl Dialer for ClosesAtOnce {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let (dialer, _closed) = pipe();
        dialer.dial(host, port).await
    }
}

#[tokio::test]
async fn a_close_before_the_first_byte_sent_nothing() {
    let port = dialling(Arc::new(ClosesAtOnce));
    let error = call(&port).await.expect_err("closed");
    assert_eq!(error.kind(), PortErrorKind::Reset);
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Safe)
    );
}

#[tokio::test]
async fn one_byte_written_is_enough_to_leave_the_outcome_open() {
    let peer = Peer::with_buffer(1, |_, mut stream| async move {
        stream.read_u8().await.expect("a byte");
    });
    let error = peer.call().await.expect_err("closed");
    assert_eq!(error.kind(), PortErrorKind::Reset);
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Unknown, Repeatability::MayRepeat)
    );
}

/// Row D4: a peer that speaks plain HTTP where TLS is expected.
#[tokio::test]
async fn a_peer_that_does_not_speak_tls_gets_no_request() {
    let plain = Peer::new(|_, mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .expect("written");
        let mut hello = Vec::new();
        let _ = stream.read_to_end(&mut hello).await;
        assert!(!hello.windows(4).any(|bytes| bytes == b"POST"));
    });
    let port = plain
        .builder_at("https://example.com")
        .build()
        .expect("a port");
    let error = call(&port).await.expect_err("no TLS");
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Tls, Phase::Tls)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Never)
    );
}

#[tokio::test]
async fn a_handshake_that_is_cut_may_be_tried_again() {
    let cut = Peer::new(|_, mut stream| async move {
        stream.read_u8().await.expect("a byte");
    });
    let port = cut
        .builder_at("https://example.com")
        .build()
        .expect("a port");
    let error = call(&port).await.expect_err("no TLS");
    assert_eq!(
        (error.kind(), error.delivery()),
        (PortErrorKind::Tls, Delivery::NotSent)
    );
    assert_eq!(error.repeatability(), Repeatability::Safe);
}

/// A regression test: about once in a thousand calls, a request that was handed over just as the
/// connection's task ended stayed unnoticed between the two until the call's deadline.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_closes_as_the_request_comes_leaves_no_call_hanging() {
    const CALLS: usize = 2_000;
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address");
    let peer = thread::spawn(move || {
        for stream in listener.incoming().take(CALLS) {
            let mut stream = stream.expect("a connection");
            stream.shutdown(Shutdown::Write).expect("closed");
            thread::spawn(move || stream.read_to_end(&mut Vec::new()));
        }
    });
    let endpoint = Endpoint::custom(format!("http://{address}").parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated)).roots(Roots::Bundled);
    let port = port.build().expect("a port");
    for _ in 0..CALLS {
        let error = call(&port).await.expect_err("closed");
        assert_eq!(error.kind(), PortErrorKind::Reset);
    }
    peer.join().expect("the peer ends");
}
