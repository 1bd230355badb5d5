use std::io;

use async_trait::async_trait;
use payment_credentials_core::Host;
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::dial::{Dialer, Socket};

/// How much a direction of a connection holds before its writer has to wait: more than any request
/// or answer of the operation.
const BUFFER: usize = 64 * 1024;

/// A dialer whose connections stay in memory, and the listener at their other end.
///
/// For tests: a peer can do all that a network does, and time can be paused, since nothing waits
/// for a socket.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use payment_credentials_core::seam::Unauthenticated;
/// use payment_credentials_core::{CredentialsRequest, Endpoint, PaymentCredentialsPort};
/// use payment_credentials_hyper::{HyperPort, Roots, pipe};
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (dialer, mut listener) = pipe();
/// let endpoint = Endpoint::custom("http://localhost".parse()?);
/// let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
///     .roots(Roots::Bundled)
///     .dialer(Arc::new(dialer))
///     .build()?;
///
/// // The service thinks about it for twenty seconds, which on paused time pass at once.
/// let service = tokio::spawn(async move {
///     let mut stream = listener.accept().await.expect("a connection");
///     stream.read(&mut [0; 4096]).await?;
///     sleep(Duration::from_secs(20)).await;
///     stream.write_all(b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await
/// });
/// let start = Instant::now();
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// let error = port.generate(&request).await.expect_err("the card is gone");
/// assert_eq!((error.status(), start.elapsed().as_secs()), (Some(410), 20));
/// service.await??;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn pipe() -> (PipeDialer, PipeListener) {
    pipe_with_buffer(BUFFER)
}

/// A [`pipe`] of which each direction holds only so many bytes, and at least one: a writer then
/// waits for its reader, as behind a slow network.
#[must_use]
pub fn pipe_with_buffer(bytes: usize) -> (PipeDialer, PipeListener) {
    let (dialled, incoming) = unbounded_channel();
    let dialer = PipeDialer {
        dialled,
        buffer: bytes.max(1),
    };
    (dialer, PipeListener { incoming })
}

/// Makes each connection a pipe to the [`PipeListener`]; clones lead to the same one.
///
/// Whatever host and port are dialled, the listener gets the connection. Once it is gone,
/// connections are refused.
#[derive(Clone, Debug)]
pub struct PipeDialer {
    dialled: UnboundedSender<DuplexStream>,
    buffer: usize,
}

#[async_trait]
impl Dialer for PipeDialer {
    async fn dial(&self, _host: &Host, _port: u16) -> io::Result<Box<dyn Socket>> {
        let (ours, theirs) = duplex(self.buffer);
        let dialled = self.dialled.send(theirs);
        dialled.map_err(|_nobody_listens| io::Error::from(io::ErrorKind::ConnectionRefused))?;
        Ok(Box::new(ours))
    }
}

/// Hands out the far end of every connection that a [`PipeDialer`] makes.
#[derive(Debug)]
pub struct PipeListener {
    incoming: UnboundedReceiver<DuplexStream>,
}

impl PipeListener {
    /// The next connection, in the order of dialling; none once all dialers are gone.
    ///
    /// Dropping the stream closes the connection. Dropping this future loses no connection.
    pub async fn accept(&mut self) -> Option<DuplexStream> {
        self.incoming.recv().await
    }
}
