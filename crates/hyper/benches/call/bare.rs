//! A client of hyper-util over TLS and nothing else, for comparison.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use payment_credentials_core::wire::{self, EncodedRequest};
use payment_credentials_core::{ApiVersion, CredentialsRequest, Environment};
use payment_credentials_sandbox::Sandbox;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;

fn host() -> &'static str {
    Environment::Test.host()
}

/// A client and the request that the client sends.
pub(crate) struct Bare {
    client: Client<Dial, Full<Bytes>>,
    encoded: EncodedRequest,
}

impl Bare {
    pub(crate) fn new(sandbox: &Sandbox, request: &CredentialsRequest) -> Self {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from(sandbox.root_certificate_der().to_vec());
        roots.add(root).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("a provider")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let dial = Dial {
            address: sandbox.address(),
            tls: TlsConnector::from(Arc::new(config)),
        };
        Self {
            client: Client::builder(TokioExecutor::new()).build(dial),
            encoded: wire::encode(request, ApiVersion::V3),
        }
    }

    /// Sends the request and reads the response to its end.
    pub(crate) async fn call(&self) -> Bytes {
        let uri = format!("https://{}{}", host(), self.encoded.path);
        let mut request = Request::post(uri)
            .body(Full::new(self.encoded.body.clone()))
            .expect("a request");
        request.headers_mut().extend(self.encoded.headers.clone());
        let answer = self.client.request(request).await.expect("a response");
        assert_eq!(answer.status(), 201);
        answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes()
    }
}

#[derive(Clone)]
struct Dial {
    address: SocketAddr,
    tls: TlsConnector,
}

impl Service<Uri> for Dial {
    type Response = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Self::Future {
        let Self { address, tls } = self.clone();
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let name = ServerName::try_from(host()).expect("a name");
            let stream = tls.connect(name, stream).await?;
            Ok(Stream(TokioIo::new(stream)))
        })
    }
}

struct Stream(TokioIo<TlsStream<TcpStream>>);

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
