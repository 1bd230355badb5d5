//! A client of hyper-util over TLS, with layers of tower, against the sandbox.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsRequest, Endpoint, Environment, Gateway, PaymentCredentialsPort as _, PortErrorKind,
    Refusal,
};
use payment_credentials_sandbox::{Authentication, Sandbox, vault};
use payment_credentials_tower::TowerTransport;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::{Service, ServiceBuilder};

/// Connects to the sandbox, whatever host a request names.
#[derive(Clone)]
struct Dial {
    address: SocketAddr,
    tls: TlsConnector,
}

impl Dial {
    fn to(sandbox: &Sandbox) -> Self {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from(sandbox.root_certificate_der().to_vec());
        roots.add(root).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("a provider")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            address: sandbox.address(),
            tls: TlsConnector::from(Arc::new(config)),
        }
    }
}

impl Service<Uri> for Dial {
    type Response = Socket;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Socket>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { address, tls } = self.clone();
        Box::pin(async move {
            let host = uri.host().unwrap_or_default().to_owned();
            let name = ServerName::try_from(host).map_err(io::Error::other)?;
            let socket = TcpStream::connect(address).await?;
            Ok(Socket(TokioIo::new(tls.connect(name, socket).await?)))
        })
    }
}

struct Socket(TokioIo<TlsStream<TcpStream>>);

impl Connection for Socket {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

fn port(sandbox: &Sandbox) -> Gateway {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .retry_canceled_requests(false)
        .build(Dial::to(sandbox));
    let stack = ServiceBuilder::new()
        .buffer(8)
        .load_shed()
        .concurrency_limit(8)
        .timeout(Duration::from_secs(30))
        .service(client);
    let transport: TowerTransport<_> = TowerTransport::new(stack);
    let endpoint = Endpoint::new(Environment::Test);
    Gateway::builder(endpoint, Arc::new(Unauthenticated))
        .build(Arc::new(transport))
        .expect("a gateway")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_over_tls_gets_credentials_and_refusals_from_the_sandbox() {
    payment_credentials_test_limit::start();
    let sandbox = Sandbox::start(Authentication::NotRequired)
        .await
        .expect("a sandbox");
    let port = port(&sandbox);
    let request = |id: &str| CredentialsRequest::new(id.parse().expect("a token id"));
    assert!(port.generate(&request(vault::VISA)).await.is_ok());
    let error = port
        .generate(&request(vault::NOT_FOUND))
        .await
        .expect_err("a refusal");
    assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
    assert!(error.correlation_id().is_some());
    assert_eq!(sandbox.connections(), 2, "a connection was kept");
}
