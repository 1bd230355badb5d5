//! Connections through a proxy: HTTP CONNECT (RFC 9110 §9.3.6).

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use payment_credentials_core::{Host, Repeatability};
use rustls::ClientConfig;
use tokio_rustls::TlsConnector;

use crate::dial::Dialer;
use crate::proxy::Proxy;
use crate::records::Records;
use crate::settings::MAX_FIELDS;
use crate::socket::Socket;

/// The most bytes in the head of a proxy's response.
const MAX_HEAD: usize = 16 * 1024;

/// Connects to a proxy with another dialer, and requests a tunnel from the proxy.
#[derive(Debug)]
pub(crate) struct TunnelDialer {
    proxy: Arc<Proxy>,
    /// For a proxy that uses TLS.
    tls: Arc<ClientConfig>,
    inner: Arc<dyn Dialer>,
}

impl TunnelDialer {
    pub(crate) fn new(proxy: Arc<Proxy>, tls: Arc<ClientConfig>, inner: Arc<dyn Dialer>) -> Self {
        Self { proxy, tls, inner }
    }

    async fn tunnel(&self, host: &Host, port: u16) -> Result<Box<dyn Socket>, NoTunnel> {
        let request = self.request(host, port).map_err(NoTunnel::Unaskable)?;
        let proxy = self.inner.dial(self.proxy.host(), self.proxy.port());
        let mut socket = proxy.await.map_err(NoTunnel::Unreachable)?;
        if let Some(name) = self.proxy.tls() {
            let tls = TlsConnector::from(Arc::clone(&self.tls));
            let encrypted = tls.connect(name.clone(), Records::new(socket)).await;
            socket = Box::new(encrypted.map_err(NoTunnel::Tls)?);
        }
        self.ask(socket, request).await
    }

    /// Makes the `CONNECT` request, which contains only what the proxy may know.
    fn request(&self, host: &Host, port: u16) -> Result<Request<Empty<Bytes>>, http::Error> {
        let target = format!("{host}:{port}");
        let mut request = Request::builder()
            .method(Method::CONNECT)
            .header(header::HOST, &target)
            .uri(target.parse::<Uri>()?)
            .body(Empty::new())?;
        if let Some(credentials) = self.proxy.credentials()? {
            let headers = request.headers_mut();
            headers.insert(header::PROXY_AUTHORIZATION, credentials);
        }
        Ok(request)
    }

    /// Sends the request and reads the head of the response. Fails if bytes follow the head.
    async fn ask(
        &self,
        socket: Box<dyn Socket>,
        request: Request<Empty<Bytes>>,
    ) -> Result<Box<dyn Socket>, NoTunnel> {
        let handshake = http1::Builder::new()
            .max_headers(MAX_FIELDS)
            .max_header_size(MAX_HEAD)
            .handshake(TokioIo::new(socket));
        let (mut sender, mut connection) = handshake.await.map_err(NoTunnel::of)?;
        let mut exchange = pin!(sender.send_request(request));
        let response = poll_fn(|cx| {
            // An error that ends the connection is also returned by `exchange`.
            let _ = connection.poll_without_shutdown(cx);
            exchange.as_mut().poll(cx)
        });
        let status = response.await.map_err(NoTunnel::of)?.status();
        if !status.is_success() {
            return Err(self.refusal(status));
        }
        let parts = connection.into_parts();
        if !parts.read_buf.is_empty() {
            return Err(NoTunnel::SpokeFirst);
        }
        Ok(parts.io.into_inner())
    }

    /// The error for a response that isn't a success.
    fn refusal(&self, status: StatusCode) -> NoTunnel {
        if status != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            NoTunnel::Refused(status.as_u16())
        } else if self.proxy.has_password() {
            NoTunnel::PasswordRefused
        } else {
            NoTunnel::PasswordWanted
        }
    }
}

#[async_trait]
impl Dialer for TunnelDialer {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let tunnel = self.tunnel(host, port).await;
        tunnel.map_err(io::Error::other)
    }
}

/// Why there is no connection through a proxy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTunnel {
    #[error("the connection to the proxy broke before it responded to CONNECT")]
    Broken(#[source] hyper::Error),
    // hyper distinguishes the two for servers only.
    #[error(
        "the proxy's response to CONNECT isn't HTTP/1.1, or its head is over 16 KiB or 100 fields"
    )]
    NotHttp(#[source] hyper::Error),
    #[error("the proxy responded with 407: it rejected the user or the password; check them")]
    PasswordRefused,
    #[error("the proxy responded with 407: it requires a user and a password; set them")]
    PasswordWanted,
    #[error(
        "the proxy responded with {0} to CONNECT; check that it allows the service's host and port"
    )]
    Refused(u16),
    #[error(
        "the proxy sent data through the tunnel before anything was sent to the service, so the data isn't \
         the service's; check the proxy"
    )]
    SpokeFirst,
    #[error("the TLS handshake with the proxy failed")]
    Tls(#[source] io::Error),
    #[error("the address can't be the target of CONNECT")]
    Unaskable(#[source] http::Error),
    #[error("the proxy can't be reached; check its address")]
    Unreachable(#[source] io::Error),
}

impl NoTunnel {
    fn of(source: hyper::Error) -> Self {
        if source.is_parse() {
            Self::NotHttp(source)
        } else {
            Self::Broken(source)
        }
    }

    /// Whether another attempt may help. A 429, a 502, 503 or 504 and a broken connection may be temporary.
    pub(crate) fn repeatability(&self) -> Repeatability {
        match self {
            Self::Broken(_)
            | Self::Tls(_)
            | Self::Unreachable(_)
            | Self::Refused(429 | 502..=504) => Repeatability::Safe,
            Self::NotHttp(_)
            | Self::PasswordRefused
            | Self::PasswordWanted
            | Self::Refused(_)
            | Self::SpokeFirst
            | Self::Unaskable(_) => Repeatability::Never,
        }
    }
}
