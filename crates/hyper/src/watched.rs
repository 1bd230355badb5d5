//! Watches what passes between HTTP and TLS, to know whether a request has left, and that nothing
//! came before it did.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use payment_credentials_core::Phase;
use payment_credentials_core::seam::Attempt;
use payment_credentials_tls::objection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::settings::MAX_INFORMATIONAL;
use crate::socket::{Arrived, Flooded, Socket};

/// What is known of one connection's bytes, and the connection's end.
///
/// A connection carries one request at a time, so whatever is written belongs to the call that
/// the watch was last set on. What belongs to no call isn't written.
#[derive(Clone, Debug)]
pub(crate) struct Watch(Arc<Mutex<Line>>);

struct Line {
    /// None once it is closed.
    socket: Option<Box<dyn Socket>>,
    /// None while nobody's request is under way: before the first, and after each.
    call: Option<Call>,
    /// Bytes that came in over the connection's life.
    read: u64,
    /// How many of them are behind the answer that is due: what came before the request, and
    /// informational answers.
    done: u64,
    informational: usize,
    objection: Option<rustls::Error>,
    untimely: Option<Untimely>,
}

/// A call whose request is under way.
#[derive(Debug)]
struct Call {
    attempt: Attempt,
    /// Whether a byte of it was taken over. Until then whatever comes can't be its answer.
    has_begun: bool,
}

/// What came before a call's first byte, and made the connection unfit for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Untimely {
    #[error("the connection had ended before the request was begun")]
    End,
    #[error("the peer spoke before the request was begun")]
    Surplus,
}

impl From<Untimely> for io::Error {
    fn from(untimely: Untimely) -> Self {
        Self::new(io::ErrorKind::BrokenPipe, untimely)
    }
}

impl Watch {
    /// Takes all further bytes for a call's.
    pub(crate) fn start(&self, attempt: Attempt) {
        let mut line = self.line();
        line.informational = 0;
        line.done = line.read;
        line.call = Some(Call {
            attempt,
            has_begun: false,
        });
    }

    /// Lets go of the call: nothing more is written for it, and what it has reached stays.
    pub(crate) fn end(&self) {
        self.line().call = None;
    }

    /// Closes the connection, whoever else still holds an end of it.
    pub(crate) fn close(&self) {
        let mut line = self.line();
        line.call = None;
        let socket = line.socket.take();
        drop(line);
        drop(socket);
    }

    /// What the connection itself says has come meanwhile.
    pub(crate) fn arrived(&self) -> Arrived {
        let mut line = self.line();
        line.socket.as_mut().map_or(Arrived::End, Socket::arrived)
    }

    /// Whether the answer has begun since [`start`](Self::start), if only by informational ones.
    pub(crate) fn heard(&self) -> bool {
        let line = self.line();
        line.informational > 0 || line.read > line.done
    }

    /// Notes an informational answer, after which the service may think as long as before it.
    pub(crate) fn informed(&self) {
        let mut line = self.line();
        line.done = line.read;
        line.informational = line.informational.saturating_add(1);
    }

    /// Whether more informational answers came than a service has a use for.
    pub(crate) fn is_too_informed(&self) -> bool {
        self.line().informational > MAX_INFORMATIONAL
    }

    /// Notes that the head is there: from here on silence is slowness too.
    pub(crate) fn body_begins(&self) {
        self.line().done = 0;
    }

    /// How many bytes came so far, and how many of them an answer can't be late with.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let line = self.line();
        (line.read, line.done)
    }

    /// What TLS objects to; the connection is of no use from then on.
    ///
    /// HTTP doesn't tell where it comes between two requests, or before the first.
    pub(crate) fn objection(&self) -> Option<rustls::Error> {
        self.line().objection.clone()
    }

    /// What came before the call's first byte, which was then not written.
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

/// Most bytes of one TLS record (RFC 8446 §5.1). A part of a record is nothing that the other side
/// could read.
const TLS_RECORD: usize = 16 * 1024;

impl Line {
    fn socket(&mut self) -> io::Result<Pin<&mut Box<dyn Socket>>> {
        let socket = self.socket.as_mut();
        Ok(Pin::new(socket.ok_or(io::ErrorKind::BrokenPipe)?))
    }

    /// Whether a call waits for its first byte to be taken over.
    fn is_about_to_begin(&self) -> bool {
        self.call.as_ref().is_some_and(|call| !call.has_begun)
    }

    /// The second look: makes sure that nothing came before a call's first byte. Of TLS's own
    /// records, which are no fault, TLS gets to know on the way.
    fn look(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if let Some(untimely) = self.untimely {
            return Err(untimely.into());
        }
        let mut byte = [0];
        let read = match self.socket()?.read_now(&mut byte) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                let mut buf = ReadBuf::new(&mut byte);
                match self.socket()?.poll_read(cx, &mut buf) {
                    Poll::Ready(read) => read.map(|()| buf.filled().len()),
                    Poll::Pending => return Ok(()),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            read => read,
        };
        Err(self.refuse(read))
    }

    /// Notes what came before a call's first byte: bytes, an end, or an error.
    fn refuse(&mut self, read: io::Result<usize>) -> io::Error {
        let untimely = match read {
            Ok(0) => Untimely::End,
            Ok(_) => Untimely::Surplus,
            Err(error) => {
                self.failed(&error);
                let inner = error.get_ref();
                match inner.and_then(|inner| inner.downcast_ref::<Flooded>()) {
                    Some(Flooded) => Untimely::Surplus,
                    None => Untimely::End,
                }
            }
        };
        // The first one is why there are others.
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
            // What HTTP doesn't see it can't take for an answer.
            buf.set_filled(before);
            return Poll::Ready(Err(self.refuse(read.map(|()| came))));
        }
        if let Err(error) = &read {
            self.failed(error);
        }
        Poll::Ready(read)
    }

    /// Notes a write of so many bytes before the service, or anyone else, can learn of it: they may
    /// be there before the write returns, so the call counts as sent from here on.
    fn write(
        &mut self,
        cx: &mut Context<'_>,
        length: usize,
        write: impl FnOnce(Pin<&mut Box<dyn Socket>>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if self.is_about_to_begin() {
            self.look(cx)?;
        }
        let call = self.call.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let socket = self.socket.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        let before = call.attempt.phase();
        call.attempt.reached(Phase::Write);
        let written = write(Pin::new(socket), cx);
        let nothing = match &written {
            Poll::Ready(Ok(taken)) => *taken == 0,
            // A write of several records can fail after the first of them has left.
            Poll::Ready(Err(_)) => length <= TLS_RECORD,
            Poll::Pending => true,
        };
        if nothing {
            call.attempt.reached(before);
        } else {
            call.has_begun = true;
        }
        written
    }

    /// All that was written has been handed to the network.
    fn flushed(&self) {
        if let Some(call) = &self.call
            && call.attempt.phase() == Phase::Write
        {
            call.attempt.reached(Phase::Headers);
        }
    }
}

/// A connection under watch.
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
mod tests {
    use payment_credentials_core::Delivery;
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// Notes how far the call is while it is written to.
    struct Spy {
        call: Attempt,
        seen: Arc<Mutex<Vec<Phase>>>,
        /// How many bytes; none where it fails.
        takes: Option<usize>,
    }

    impl Socket for Spy {}

    impl AsyncRead for Spy {
        fn poll_read(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            _buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Spy {
        fn poll_write(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            _buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.seen
                .lock()
                .expect("unpoisoned")
                .push(self.call.phase());
            let broken = io::ErrorKind::ConnectionReset;
            Poll::Ready(self.takes.ok_or_else(|| broken.into()))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            _bufs: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            self.poll_write(cx, &[])
        }

        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// What is known during a write of so many bytes of which so many are taken, and after it; the
    /// same by one slice and by two.
    async fn write(bytes: usize, takes: Option<usize>) -> (Phase, Phase) {
        let mut known = Vec::new();
        for slices in [1, 2] {
            let call = Attempt::default();
            call.reached(Phase::Connect);
            let seen = Arc::default();
            let (mut socket, watch) = Watched::new(Box::new(Spy {
                call: call.clone(),
                seen: Arc::clone(&seen),
                takes,
            }));
            watch.start(call.clone());
            let sent = vec![b'.'; bytes];
            let _ = if slices == 1 {
                socket.write(&sent).await
            } else {
                let (head, body) = sent.split_at(bytes / 2);
                let slices = [io::IoSlice::new(head), io::IoSlice::new(body)];
                socket.write_vectored(&slices).await
            };
            let during = seen.lock().expect("unpoisoned")[0];
            known.push((during, call.phase()));
        }
        assert_eq!(known[0], known[1]);
        known[0]
    }

    #[tokio::test]
    async fn a_request_counts_as_sent_before_the_service_can_have_it() {
        let (during, after) = write(4, Some(4)).await;
        assert_eq!((during, after), (Phase::Write, Phase::Write));
        assert_eq!(during.delivery(), Delivery::Unknown);
    }

    #[tokio::test]
    async fn a_write_that_takes_nothing_sent_nothing() {
        let (_, after) = write(4, Some(0)).await;
        assert_eq!(after, Phase::Connect);
        assert_eq!(after.delivery(), Delivery::NotSent);
    }

    /// Row C15: where TLS makes several records of a write, one can leave and the next fail. A record
    /// holds 2^14 bytes (RFC 8446 §5.1), of all slices together.
    #[tokio::test]
    async fn a_write_that_fails_sent_nothing_if_it_is_one_record() {
        let (_, after) = write(16_384, None).await;
        assert_eq!(after.delivery(), Delivery::NotSent);
        let (_, after) = write(16_385, None).await;
        assert_eq!(after.delivery(), Delivery::Unknown);
    }

    /// A deadline passes on one thread while the connection is about to be written to on another.
    #[tokio::test]
    async fn nothing_is_written_for_a_call_that_was_let_go() {
        let call = Attempt::default();
        let seen = Arc::default();
        let (mut socket, watch) = Watched::new(Box::new(Spy {
            call: call.clone(),
            seen: Arc::clone(&seen),
            takes: Some(4),
        }));
        for lets_go in [false, true] {
            if lets_go {
                watch.start(call.clone());
                call.reached(Phase::Connect);
                watch.end();
            }
            let error = socket.write(b"POST").await.expect_err("nobody's");
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            assert!(seen.lock().expect("unpoisoned").is_empty());
        }
        socket.flush().await.expect("nothing to flush");
        assert_eq!(call.phase().delivery(), Delivery::NotSent);
    }
}
