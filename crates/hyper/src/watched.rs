//! Watches the bytes between HTTP and TLS, to know whether a request was sent, and that no input arrived
//! before it was.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use payment_credentials_core::Phase;
use payment_credentials_core::seam::Attempt;
use payment_credentials_tls::objection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::records::Unfinished;
use crate::settings::MAX_INFORMATIONAL;
use crate::socket::{Arrived, Flooded, Socket};

/// The state of one connection's bytes, and the handle that closes the connection.
///
/// A connection carries one request at a time, so all written bytes belong to the call that
/// [`start`](Self::start) set last. Bytes that belong to no call aren't written.
#[derive(Clone, Debug)]
pub(crate) struct Watch(Arc<Mutex<Line>>);

struct Line {
    /// `None` once the connection is closed.
    socket: Option<Box<dyn Socket>>,
    /// `None` while no request is in progress: before the first request, and after each.
    call: Option<Call>,
    /// How many bytes were read since the connection was made.
    read: u64,
    /// How many of them precede the response that is due: bytes before the request, and informational
    /// responses.
    done: u64,
    informational: usize,
    /// Whether the socket has accepted a byte of any call.
    has_carried: bool,
    objection: Option<rustls::Error>,
    untimely: Option<Untimely>,
}

/// A call whose request is in progress.
#[derive(Debug)]
struct Call {
    attempt: Attempt,
    /// Whether the socket has accepted a byte of it. Input before that can't be its response.
    has_begun: bool,
}

/// What arrived before a call's first byte, and made the connection unusable for the call.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Untimely {
    #[error("the connection was closed before the request was sent")]
    End,
    #[error("the peer sent data before the request was sent")]
    Surplus,
}

impl From<Untimely> for io::Error {
    fn from(untimely: Untimely) -> Self {
        Self::new(io::ErrorKind::BrokenPipe, untimely)
    }
}

impl Watch {
    /// Attributes all bytes from now on to this call.
    pub(crate) fn start(&self, attempt: Attempt) {
        let mut line = self.line();
        line.informational = 0;
        line.done = line.read;
        line.call = Some(Call {
            attempt,
            has_begun: false,
        });
    }

    /// Detaches the call: nothing more is written for it, and its recorded phase stays.
    pub(crate) fn end(&self) {
        self.line().call = None;
    }

    /// Closes the connection, even though hyper still holds its end of it.
    pub(crate) fn close(&self) {
        let mut line = self.line();
        line.call = None;
        let socket = line.socket.take();
        drop(line);
        drop(socket);
    }

    /// What has arrived, as the socket itself reports.
    pub(crate) fn arrived(&self) -> Arrived {
        let mut line = self.line();
        line.socket.as_mut().map_or(Arrived::End, Socket::arrived)
    }

    /// Whether a response has begun since [`start`](Self::start); informational responses count.
    pub(crate) fn heard(&self) -> bool {
        let line = self.line();
        line.informational > 0 || line.read > line.done
    }

    /// Counts an informational response. After it, the service may take as long as before it.
    pub(crate) fn informed(&self) {
        let mut line = self.line();
        line.done = line.read;
        line.informational = line.informational.saturating_add(1);
    }

    /// Whether more informational responses arrived than any service needs.
    pub(crate) fn is_too_informed(&self) -> bool {
        self.line().informational > MAX_INFORMATIONAL
    }

    /// Records that the head has arrived. From now on, the minimum rate applies even if nothing arrives.
    pub(crate) fn body_begins(&self) {
        self.line().done = 0;
    }

    /// The bytes read so far, and those that precede the response: the minimum rate applies beyond these.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let line = self.line();
        (line.read, line.done)
    }

    /// The error of TLS, if there was one; the connection is unusable from then on.
    ///
    /// HTTP doesn't report an error that arrives between two requests, or before the first.
    pub(crate) fn objection(&self) -> Option<rustls::Error> {
        self.line().objection.clone()
    }

    /// What arrived before the call's first byte, which was then not written.
    pub(crate) fn untimely(&self) -> Option<Untimely> {
        self.line().untimely
    }

    #[cfg(test)]
    pub(crate) fn has_call(&self) -> bool {
        self.line().call.is_some()
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("call", &self.call)
            .field("read", &self.read)
            .field("objection", &self.objection)
            .field("untimely", &self.untimely)
            .finish_non_exhaustive()
    }
}

/// The most bytes in one TLS record (RFC 8446 §5.1). The other side can't read an incomplete record.
const TLS_RECORD: usize = 16 * 1024;

/// Whether an I/O error wraps an `E`.
fn is<E: std::error::Error + 'static>(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<E>)
}

impl Line {
    fn socket(&mut self) -> io::Result<Pin<&mut Box<dyn Socket>>> {
        let socket = self.socket.as_mut();
        Ok(Pin::new(socket.ok_or(io::ErrorKind::BrokenPipe)?))
    }

    /// Whether there is a call of which the socket hasn't accepted a byte yet.
    fn is_about_to_begin(&self) -> bool {
        self.call.as_ref().is_some_and(|call| !call.has_begun)
    }

    /// The second check: makes sure that no input arrived before a call's first byte. It passes TLS's own
    /// records, which are no fault, to TLS.
    ///
    /// If only a part of a record has arrived, its kind can't be known yet. A kept connection is then given
    /// up. After a handshake the record can be a session ticket, so this waits for the rest.
    fn look(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(untimely) = self.untimely {
            return Poll::Ready(Err(untimely.into()));
        }
        let mut byte = [0];
        let read = match self.socket()?.read_now(&mut byte) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Ready(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                match self.peek_by_reading(cx, &mut byte) {
                    Poll::Ready(read) => read,
                    Poll::Pending => return Poll::Ready(Ok(())),
                }
            }
            Err(error) if is::<Unfinished>(&error) && !self.has_carried => {
                match self.peek_by_reading(cx, &mut byte) {
                    Poll::Ready(read) => read,
                    // That read may have completed the record.
                    Poll::Pending => match self.socket()?.read_now(&mut byte) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                            return Poll::Ready(Ok(()));
                        }
                        Err(error) if is::<Unfinished>(&error) => return Poll::Pending,
                        read => read,
                    },
                }
            }
            read => read,
        };
        Poll::Ready(Err(self.refuse(read)))
    }

    /// Reads by `poll_read`, so that the task is woken if more arrives. HTTP doesn't get the bytes.
    fn peek_by_reading(
        &mut self,
        cx: &mut Context<'_>,
        byte: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(byte);
        let read = self.socket()?.poll_read(cx, &mut buf);
        read.map_ok(|()| buf.filled().len())
    }

    /// Records what arrived before a call's first byte: bytes, an end, or an error.
    fn refuse(&mut self, read: io::Result<usize>) -> io::Error {
        let untimely = match read {
            Ok(0) => Untimely::End,
            Ok(_) => Untimely::Surplus,
            Err(error) => {
                self.failed(&error);
                if is::<Flooded>(&error) {
                    Untimely::Surplus
                } else {
                    Untimely::End
                }
            }
        };
        // Keeps the first, which is the cause of any later ones.
        (*self.untimely.get_or_insert(untimely)).into()
    }

    fn failed(&mut self, error: &io::Error) {
        if let Some(objection) = objection(error) {
            self.objection.get_or_insert_with(|| objection.clone());
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = self.socket()?.poll_read(cx, buf);
        let came = buf.filled().len().saturating_sub(before);
        self.read = self
            .read
            .saturating_add(u64::try_from(came).unwrap_or(u64::MAX));
        let Poll::Ready(read) = read else {
            return Poll::Pending;
        };
        if self.is_about_to_begin() {
            // HTTP must not get these bytes, which it would take for a response.
            buf.set_filled(before);
            return Poll::Ready(Err(self.refuse(read.map(|()| came))));
        }
        if let Err(error) = &read {
            self.failed(error);
        }
        Poll::Ready(read)
    }

    /// Writes `length` bytes, and records the call as sent before the write. The bytes may reach the service,
    /// or any other reader, before the write returns.
    fn write(
        &mut self,
        cx: &mut Context<'_>,
        length: usize,
        write: impl FnOnce(Pin<&mut Box<dyn Socket>>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if self.is_about_to_begin() && self.look(cx)?.is_pending() {
            return Poll::Pending;
        }
        let call = self.call.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let socket = self.socket.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let before = call.attempt.phase();
        if !call.attempt.may_leave() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = write(Pin::new(socket), cx);
        let nothing = match &written {
            Poll::Ready(Ok(taken)) => *taken == 0,
            // A write of several records can fail after the first of them was sent.
            Poll::Ready(Err(_)) => length <= TLS_RECORD,
            Poll::Pending => true,
        };
        if nothing {
            call.attempt.reached(before);
        } else {
            call.has_begun = true;
            self.has_carried = true;
        }
        written
    }

    /// Records that all written bytes have been passed to the network.
    fn flushed(&self) {
        if let Some(call) = &self.call
            && call.attempt.phase() == Phase::Write
        {
            call.attempt.reached(Phase::Headers);
        }
    }
}

/// hyper's end of a watched connection.
#[derive(Debug)]
pub(crate) struct Watched {
    watch: Watch,
    is_write_vectored: bool,
}

impl Watched {
    pub(crate) fn new(socket: Box<dyn Socket>) -> (Self, Watch) {
        let is_write_vectored = socket.is_write_vectored();
        let watch = Watch(Arc::new(Mutex::new(Line {
            socket: Some(socket),
            call: None,
            read: 0,
            done: 0,
            informational: 0,
            has_carried: false,
            objection: None,
            untimely: None,
        })));
        let watched = Self {
            watch: watch.clone(),
            is_write_vectored,
        };
        (watched, watch)
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.watch.line().poll_read(cx, buf)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut line = self.watch.line();
        line.write(cx, buf.len(), |socket, cx| socket.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bufs.iter().map(|buf| buf.len()).sum();
        let mut line = self.watch.line();
        line.write(cx, length, |socket, cx| {
            socket.poll_write_vectored(cx, bufs)
        })
    }

    fn is_write_vectored(&self) -> bool {
        self.is_write_vectored
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut line = self.watch.line();
        let flushed = line.socket()?.poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            line.flushed();
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watch.line().socket()?.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
