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

/// How many bytes each direction of a connection holds before its writer must wait. This is more than any
/// request or response of the operation.
const BUFFER: usize = 64 * 1024;

/// Makes a dialer whose connections stay in memory, and a listener for their other end.
///
/// Use them in tests: the test's peer can behave like any peer in a network, and time can be paused,
/// since nothing waits for a socket.
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
/// // The service responds after twenty seconds, which pass at once, since time is paused.
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

/// Makes a [`pipe`] that holds at most this many bytes in each direction, and at least one.
///
/// A writer waits for its reader while the pipe is full, as in a slow network.
#[must_use]
pub fn pipe_with_buffer(bytes: usize) -> (PipeDialer, PipeListener) {
    let (dialled, incoming) = unbounded_channel();
    let dialer = PipeDialer {
        dialled,
        buffer: bytes.max(1),
    };
    (dialer, PipeListener { incoming })
}

/// Connects in memory to its [`PipeListener`]; clones connect to the same listener.
///
/// The listener gets each connection, whatever host and port are dialled. After the listener is dropped,
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

/// Accepts the other end of every connection that a [`PipeDialer`] makes.
#[derive(Debug)]
pub struct PipeListener {
    incoming: UnboundedReceiver<DuplexStream>,
}

impl PipeListener {
    /// Waits for the next connection, in order of dialling; `None` once all dialers are dropped.
    ///
    /// Dropping the stream closes the connection. Dropping this future loses no connection.
    pub async fn accept(&mut self) -> Option<DuplexStream> {
        self.incoming.recv().await
    }
}

/// The dialer's end of a connection in memory.
struct Pipe {
    stream: DuplexStream,
    /// The waker of the task that waits to read.
    reader: Waker,
    /// Bytes that `arrived` has read ahead; `Some` without bytes is the end.
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

    /// Reads what has arrived. It is unconstrained, since a task that has no budget left would read nothing.
    fn read_there(&mut self, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.stream);
        let read = unconstrained(poll_fn(|cx| stream.as_mut().poll_read(cx, buf)));
        // The pipe stores one waker, so this poll must pass that of the task that waits already.
        pin!(read).poll(&mut Context::from_waker(&self.reader))
    }

    /// Copies out bytes that were read ahead; `None` if nothing was read ahead.
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
