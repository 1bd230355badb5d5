//! Faults that only a dialer can cause.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use payment_credentials::Host;
use payment_credentials::hyper::{Arrived, Dialer, Socket, TcpDialer};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::table::Dial;

/// Breaks the first connection, which the sandbox can't do.
#[derive(Debug)]
pub(super) struct FirstDial {
    broken: Dial,
    is_over: AtomicBool,
}

impl FirstDial {
    pub(super) fn new(broken: Dial) -> Self {
        let is_over = AtomicBool::new(false);
        Self { broken, is_over }
    }
}

#[async_trait]
impl Dialer for FirstDial {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        if self.is_over.swap(true, Ordering::SeqCst) {
            return TcpDialer::default().dial(host, port).await;
        }
        match self.broken {
            Dial::Fails(kind) => Err(kind.into()),
            Dial::Refused => {
                let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
                TcpDialer::default()
                    .dial(&Host::V4(Ipv4Addr::LOCALHOST), port)
                    .await
            }
            Dial::Silent => pending().await,
        }
    }
}

/// Reads a few bytes at a time. If two TLS records are read together, a corrupt one prevents TLS from
/// delivering the sound one, and whether they are read together would depend on timing.
#[derive(Debug)]
pub(super) struct Sips;

#[async_trait]
impl Dialer for Sips {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let socket = TcpDialer::default().dial(host, port).await?;
        Ok(Box::new(Sipped(socket)))
    }
}

/// Less than the tag and the header of a TLS record together.
const SIP: usize = 16;

struct Sipped(Box<dyn Socket>);

impl Socket for Sipped {
    fn arrived(&mut self) -> Arrived {
        self.0.arrived()
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_now(buf)
    }
}

impl AsyncRead for Sipped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut sip = buf.take(SIP);
        ready!(Pin::new(&mut self.0).poll_read(cx, &mut sip))?;
        let read = sip.filled().to_vec();
        buf.put_slice(&read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Sipped {
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
