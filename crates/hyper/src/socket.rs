//! What the transport needs from a connection below HTTP: to carry bytes, and to report what has arrived.

use std::io::{self, Read as _};
use std::mem::MaybeUninit;

use rustls::ClientConnection;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The connection that a [`Dialer`](crate::Dialer) returns: it carries bytes, and can be checked for input.
///
/// The transport uses it below HTTP, and below TLS if the endpoint has TLS.
///
/// # The check for input
///
/// Input that a peer sends without a request (a second response, a 408, the end of the connection) must
/// never be taken for the response to the next call. So the transport checks a connection for such input
/// before it uses the connection again, and before the first byte of each call. The runtime can't report
/// this input: its view of a socket is as old as its last poll of the operating system, and it reports
/// nothing at all to a task that has used up its budget. So the transport calls
/// [`arrived`](Self::arrived) and [`read_now`](Self::read_now), which read the state of the socket itself.
/// Neither of them waits.
///
/// By default, a socket can't be checked. Its connection carries one call and is then closed.
///
/// # For authors of dialers
///
/// A socket that wraps another socket forwards both methods, and takes into account the bytes that it has
/// read ahead itself. A socket that wraps none implements both methods or neither. Neither method may
/// disturb a task that waits in `poll_read`: if the task was to be woken, it must still be woken.
///
/// ```
/// use std::io;
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
///
/// use payment_credentials_hyper::{Arrived, Socket};
/// use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
///
/// /// Counts what it reads.
/// struct Counting {
///     inner: Box<dyn Socket>,
///     read: usize,
/// }
///
/// impl Socket for Counting {
///     fn arrived(&mut self) -> Arrived {
///         self.inner.arrived()
///     }
///
///     fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
///         let read = self.inner.read_now(buf)?;
///         self.read += read;
///         Ok(read)
///     }
/// }
/// # impl AsyncRead for Counting {
/// #     fn poll_read(
/// #         mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>,
/// #     ) -> Poll<io::Result<()>> {
/// #         Pin::new(&mut self.inner).poll_read(cx, buf)
/// #     }
/// # }
/// # impl AsyncWrite for Counting {
/// #     fn poll_write(
/// #         mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8],
/// #     ) -> Poll<io::Result<usize>> {
/// #         Pin::new(&mut self.inner).poll_write(cx, buf)
/// #     }
/// #     fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
/// #         Pin::new(&mut self.inner).poll_flush(cx)
/// #     }
/// #     fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
/// #         Pin::new(&mut self.inner).poll_shutdown(cx)
/// #     }
/// # }
/// ```
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {
    /// Reports what has arrived and wasn't read yet, without reading it; [`Arrived::Unknown`] by default.
    fn arrived(&mut self) -> Arrived {
        Arrived::Unknown
    }

    /// Reads bytes that have arrived, as [`Read::read`](io::Read::read) does, without waiting.
    ///
    /// # Errors
    ///
    /// - [`WouldBlock`](io::ErrorKind::WouldBlock) if nothing has arrived, and for no other reason.
    /// - [`Unsupported`](io::ErrorKind::Unsupported), the default, if the socket can't know that.
    /// - Any other error, if the connection has failed.
    fn read_now(&mut self, _buf: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// What has arrived on a connection and was not read yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Arrived {
    /// Bytes: the peer's, or those of a layer below such as TLS.
    Bytes,
    /// The end of the connection, either orderly or by an error.
    End,
    /// Nothing has arrived.
    Nothing,
    /// The socket can't know what has arrived.
    Unknown,
}

impl<S: Socket + ?Sized> Socket for Box<S> {
    fn arrived(&mut self) -> Arrived {
        (**self).arrived()
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_now(buf)
    }
}

/// Reads the state of a socket from the operating system, independently of the runtime.
fn peek(socket: &SockRef<'_>) -> Arrived {
    loop {
        return match socket.peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => Arrived::End,
            Ok(_) => Arrived::Bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Arrived::Nothing,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => Arrived::End,
        };
    }
}

impl Socket for TcpStream {
    fn arrived(&mut self) -> Arrived {
        peek(&SockRef::from(&*self))
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // Doesn't block, since the runtime has made the socket non-blocking.
        (&*SockRef::from(&*self)).read(buf)
    }
}

#[cfg(unix)]
impl Socket for tokio::net::UnixStream {
    fn arrived(&mut self) -> Arrived {
        peek(&SockRef::from(&*self))
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*SockRef::from(&*self)).read(buf)
    }
}

/// The most reads of TLS records in one [`Socket::read_now`]. Each reads at least 4 KiB if that much has
/// arrived. Session tickets, key updates and an alert take a few hundred bytes.
const MOST_READS: usize = 16;

/// A client's TLS session over any socket. `arrived` reports on the socket below TLS, where unread bytes may
/// belong to TLS itself.
impl<S: Socket> Socket for TlsStream<S> {
    fn arrived(&mut self) -> Arrived {
        self.get_mut().0.arrived()
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let (socket, session) = self.get_mut();
        // Returns an error that TLS found earlier and that hasn't been returned since.
        processed(session)?;
        for _ in 0..MOST_READS {
            match session.reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            match session.read_tls(&mut Now(socket)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => drop(read?),
            }
            processed(session)?;
        }
        Err(io::Error::other(Flooded))
    }
}

/// Lets TLS process the records that were read. If TLS wants to send something in return, the next write
/// sends it.
fn processed(session: &mut ClientConnection) -> io::Result<()> {
    let state = session.process_new_packets();
    state.map_err(|objection| io::Error::new(io::ErrorKind::InvalidData, objection))?;
    Ok(())
}

/// The peer sent more before a request than any valid use needs.
#[derive(Debug, thiserror::Error)]
#[error("the peer didn't stop sending data before the request was sent")]
pub(crate) struct Flooded;

/// Reads from a socket only what has already arrived.
struct Now<'a, S>(&'a mut S);

impl<S: Socket> io::Read for Now<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_now(buf)
    }
}
