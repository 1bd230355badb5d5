use std::{fmt, io};

use async_trait::async_trait;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

/// A connection as the transport sees it, below TLS.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// Makes connections: name lookup and TCP, or anything that carries bytes.
///
/// For tests over an in-memory pipe, and for networks where TCP isn't the way out. TLS, if the
/// endpoint has it, runs on top.
#[async_trait]
pub trait Dialer: fmt::Debug + Send + Sync {
    /// Connects; an IPv6 address stands in brackets. The transport bounds the time.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where there is no connection; it ends up in an error's source chain.
    async fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn Socket>>;
}

/// Dials by TCP: looks the name up, and tries IPv6 and IPv4 side by side (RFC 8305).
#[derive(Clone, Debug)]
pub struct TcpDialer(HttpConnector);

impl Default for TcpDialer {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        // A request is one small write; waiting to fill a segment only costs time.
        connector.set_nodelay(true);
        Self(connector)
    }
}

#[async_trait]
impl Dialer for TcpDialer {
    async fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn Socket>> {
        let address = format!("http://{host}:{port}/");
        let address = address.parse().map_err(io::Error::other)?;
        // The connector keeps no connection and no state: its clone is a handle.
        let stream = self.0.clone().call(address).await;
        let stream = stream.map_err(io::Error::other)?;
        Ok(Box::new(stream.into_inner()))
    }
}
