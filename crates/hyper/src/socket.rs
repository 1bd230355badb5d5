//! What a transport asks of a connection below HTTP: to carry bytes, and to be asked what has come.

use std::io::{self, Read as _};
use std::mem::MaybeUninit;

use rustls::ClientConnection;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection as the transport sees it, below TLS.
///
/// # Being asked
///
/// A peer that writes unasked (a second response, a 408, an end) must never be taken for the one that
/// answers the next call. So before a connection is used again, and before each call's first byte,
/// it is asked what has come meanwhile. The runtime can't say: its view of a socket is as old as its
/// last poll of the operating system, and a task that has used up its budget is reported nothing at
/// all. So the holder of the bytes is asked, by [`arrived`](Self::arrived) and
/// [`read_now`](Self::read_now), neither of which waits.
///
/// A connection that can't be asked is the default. It carries one call, and is closed after it.
///
/// # For authors of dialers
///
/// A socket that wraps another one forwards both, and counts in what it has read ahead itself. One
/// of its own implements both or neither. Neither may disturb a task that waits in `poll_read`: one that was
/// to be woken still is.
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
    /// What has come and was not read yet; it stays where it is. Unknown by default.
    fn arrived(&mut self) -> Arrived {
        Arrived::Unknown
    }

    /// Reads what has come, as [`Read`](io::Read) does.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) where nothing has come, and for no other reason;
    /// [`Unsupported`](io::ErrorKind::Unsupported), which is the default, where that can't be known.
    fn read_now(&mut self, _buf: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// What has arrived on a connection and was not read yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Arrived {
    /// Bytes: the peer's, or of a layer below such as TLS.
    Bytes,
    /// The end, orderly or by an error.
    End,
    /// Nothing.
    Nothing,
    /// It can't be known.
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

/// Asks the operating system, whatever the runtime knows.
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
        // The runtime has set the socket not to block.
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

/// Reads of TLS records in one [`Socket::read_now`], each of at least 4 KiB if there is so much.
/// Tickets, key updates and an alert take a few hundred bytes.
const MOST_READS: usize = 16;

/// TLS of one's own over any socket. What `arrived` returns is about the socket below: bytes there
/// may be TLS's own.
impl<S: Socket> Socket for TlsStream<S> {
    fn arrived(&mut self) -> Arrived {
        self.get_mut().0.arrived()
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let (socket, session) = self.get_mut();
        // What was found wrong earlier, if nobody has asked since, is returned by this again.
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

/// Lets TLS make of its records what they are. What it wants to write to them goes out with the next
/// write.
fn processed(session: &mut ClientConnection) -> io::Result<()> {
    let state = session.process_new_packets();
    state.map_err(|objection| io::Error::new(io::ErrorKind::InvalidData, objection))?;
    Ok(())
}

/// More came than anyone has a use for before a request.
#[derive(Debug, thiserror::Error)]
#[error("the peer sent data without end before the request was sent")]
pub(crate) struct Flooded;

/// A socket of which nothing is read but what has come.
struct Now<'a, S>(&'a mut S);

impl<S: Socket> io::Read for Now<'_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_now(buf)
    }
}
