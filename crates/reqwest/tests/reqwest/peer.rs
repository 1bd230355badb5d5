//! A peer that speaks, or doesn't, over a loopback connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::{TransportError, wire};
use payment_credentials_reqwest::{ReqwestTransport, ReqwestTransportBuilder, Roots};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A good answer.
pub(crate) const GOOD: &str = "HTTP/1.1 201 Created\r\nv-c-correlation-id: 6612345\r\n\
    content-type: application/jose;charset=utf-8\r\ncontent-length: 12\r\n\r\neyJ9.a.b.c.d";

/// Does the same with every connection; the number given is the connection's.
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

    /// Reads one request on each connection, writes an answer, and hangs up.
    pub(crate) async fn answering(answer: impl AsRef<[u8]>) -> Self {
        let answer: Arc<[u8]> = answer.as_ref().into();
        Self::new(move |_, mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                read_request(&mut stream).await;
                // The client may have seen enough before the end.
                let _ = stream.write_all(&answer).await;
            }
        })
        .await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there were.
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
    ReqwestTransport::builder().roots(Roots::Bundled)
}

pub(crate) fn transport() -> ReqwestTransport {
    builder().build().expect("a transport")
}

/// The request of the operation, as the gateway spells it.
pub(crate) fn outgoing(base: &str) -> Outgoing {
    let asked = "7010000000016241111".parse().expect("a token id");
    let asked = payment_credentials_core::CredentialsRequest::new(asked);
    let encoded = wire::encode(&asked, payment_credentials_core::ApiVersion::V3);
    let request = Request::builder()
        .method(encoded.method)
        .uri(format!("{base}{}", encoded.path))
        .body(encoded.body);
    let mut request = request.expect("a request");
    *request.headers_mut() = encoded.headers;
    Outgoing::new(request)
}

/// Reads a request whose body is `{}`; nothing if the stream ended first.
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
