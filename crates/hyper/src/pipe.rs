use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use payment_credentials_core::Host;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::coop::unconstrained;

use crate::dial::Dialer;
use crate::socket::{Arrived, Socket};

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
        Ok(Box::new(Pipe::over(ours)))
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

/// The near end of a connection in memory.
struct Pipe {
    stream: DuplexStream,
    /// The task that waits to read.
    reader: Waker,
    /// What was read to be looked at; `Some` of nothing is the end.
    ahead: Option<Vec<u8>>,
}

impl Pipe {
    fn over(stream: DuplexStream) -> Self {
        Self {
            stream,
            reader: Waker::noop().clone(),
            ahead: None,
        }
    }

    /// Reads what is there. The pipe itself knows; only the task's budget would say otherwise.
    fn read_there(&mut self, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        let read = unconstrained(poll_fn(|cx| stream.as_mut().poll_read(cx, buf)));
        // The pipe knows of one reader: who waits already must stay the one.
        pin!(read).poll(&mut Context::from_waker(&self.reader))
    }

    /// Hands out what was read ahead; nothing where nothing was.
    fn hand_out(&mut self, buf: &mut ReadBuf<'_>) -> Option<()> {
        let mut ahead = self.ahead.take()?;
        let rest = ahead.split_off(ahead.len().min(buf.remaining()));
        buf.put_slice(&ahead);
        if !rest.is_empty() {
            self.ahead = Some(rest);
        }
        Some(())
    }
}

impl Socket for Pipe {
    fn arrived(&mut self) -> Arrived {
        if self.ahead.is_none() {
            let mut byte = [0];
            let mut buf = ReadBuf::new(&mut byte);
            match self.read_there(&mut buf) {
                Poll::Pending => return Arrived::Nothing,
                Poll::Ready(Err(_)) => return Arrived::End,
                Poll::Ready(Ok(())) => self.ahead = Some(buf.filled().to_vec()),
            }
        }
        let is_end = self.ahead.as_ref().is_some_and(Vec::is_empty);
        if is_end { Arrived::End } else { Arrived::Bytes }
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut buf = ReadBuf::new(buf);
        if self.hand_out(&mut buf).is_none() {
            match self.read_there(&mut buf) {
                Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
                Poll::Ready(read) => read?,
            }
        }
        Ok(buf.filled().len())
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.hand_out(buf).is_some() {
            return Poll::Ready(Ok(()));
        }
        self.reader.clone_from(cx.waker());
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
