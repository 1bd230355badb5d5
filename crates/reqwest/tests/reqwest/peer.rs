//! A peer at the other end of a loopback connection.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Response};
use payment_credentials_core::seam::{Outgoing, RequestAuthenticator, Transport, UnsignedRequest};
use payment_credentials_core::{
    AuthError, ConfiguredKey, CredentialsRequest, Delivery, Endpoint, Gateway, MerchantId,
    PaymentCredentialsPort as _, Phase, Repeatability, TransportError, TransportErrorKind,
};
use payment_credentials_reqwest::{ReqwestTransport, ReqwestTransportBuilder, Roots};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A good response.
pub(crate) const GOOD: &str = "HTTP/1.1 201 Created\r\nv-c-correlation-id: 6612345\r\n\
    content-type: application/jose;charset=utf-8\r\ncontent-length: 12\r\n\r\neyJ9.a.b.c.d";

/// A peer that runs the same function for every connection, which receives the connection's number.
pub(crate) struct Peer {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Peer {
    pub(crate) async fn new<Played>(
        play: impl Fn(usize, TcpStream) -> Played + Send + 'static,
    ) -> Self
    where
        Played: Future<Output = ()> + Send + 'static,
    {
        payment_credentials_test_limit::start();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("an address");
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(play(counter.fetch_add(1, Ordering::SeqCst), stream));
            }
        });
        Self { address, accepted }
    }

    /// Returns a peer that reads one request on each connection, writes this response, and closes
    /// the connection.
    pub(crate) async fn answering(answer: impl AsRef<[u8]>) -> Self {
        let answer: Arc<[u8]> = answer.as_ref().into();
        Self::new(move |_, mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                read_request(&mut stream).await;
                // The client may close the connection before it has read everything.
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections the peer has accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// A request whose URI names this peer.
    pub(crate) fn outgoing(&self) -> Outgoing {
        outgoing(&format!("http://{}", self.address))
    }

    pub(crate) async fn call(&self) -> Result<Response<Bytes>, TransportError> {
        transport().send(self.outgoing()).await
    }
}

pub(crate) fn builder() -> ReqwestTransportBuilder {
    payment_credentials_test_limit::start();
    ReqwestTransport::builder().roots(Roots::Bundled)
}

pub(crate) fn transport() -> ReqwestTransport {
    builder().build().expect("a transport")
}

/// Returns a transport that keeps connections, which is acceptable with a peer that never sends
/// surplus bytes.
pub(crate) fn keeping() -> ReqwestTransport {
    let builder = builder().keep_unexamined_connections(32);
    builder.build().expect("a transport")
}

/// The operation's request to a base address, as the gateway passes it to the transport.
pub(crate) fn outgoing(base: &str) -> Outgoing {
    outgoing_by(Endpoint::custom(base.parse().expect("a base address")))
}

/// The same request with another address to connect to.
pub(crate) fn detour(base: &str, to: SocketAddr) -> Outgoing {
    let endpoint = Endpoint::custom(base.parse().expect("a base address"));
    outgoing_by(endpoint.with_connect_to(to.into()).expect("an endpoint"))
}

fn outgoing_by(endpoint: Endpoint) -> Outgoing {
    let caught = Arc::new(Catch::default());
    let gateway = Gateway::builder(endpoint, Arc::new(Signer));
    let gateway = gateway.build(Arc::clone(&caught) as _).expect("a gateway");
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
    pollster::block_on(gateway.generate(&request)).expect_err("caught");
    let outgoing = caught.0.lock().expect("unpoisoned").take();
    outgoing.expect("an outgoing request")
}

/// The credentials of a request, which no output may contain.
pub(crate) const SECRET: &str = "Signature 4111111111111111";

#[derive(Debug)]
struct Signer;

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let header = (AUTHORIZATION, HeaderValue::from_static(SECRET));
        Ok([header].into_iter().collect())
    }
}

/// A transport that records the request that a gateway sends.
#[derive(Debug, Default)]
struct Catch(Mutex<Option<Outgoing>>);

#[async_trait]
impl Transport for Catch {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        *self.0.lock().expect("unpoisoned") = Some(outgoing);
        let (fault, phase) = (TransportErrorKind::Connect, Phase::Connect);
        let (delivery, retry) = (Delivery::NotSent, Repeatability::Never);
        Err(TransportError::new(fault, delivery, phase, retry))
    }
}

/// Reads a request whose body is `{}`; returns `None` if the stream ended first.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n{}") {
        request.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(request).ok()
}

/// Answers every request on a connection until it ends.
pub(crate) async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while read_request(&mut stream).await.is_some() {
        if stream.write_all(GOOD.as_bytes()).await.is_err() {
            return;
        }
    }
}
