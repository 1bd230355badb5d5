//! Watches what passes between HTTP and TLS, to know whether a request has left.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use payment_credentials_core::Phase;
use payment_credentials_core::seam::Attempt;
use payment_credentials_tls::objection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::dial::Socket;
use crate::settings::{FLOOR_BYTES, FLOOR_WINDOW, MAX_INFORMATIONAL};

/// What is known of one connection's bytes.
///
/// A connection carries one request at a time, so whatever is written belongs to the call that
/// the watch was last set on. What belongs to no call isn't written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// None while nobody's request is under way: before the first, and after each.
    call: Mutex<Option<Attempt>>,
    /// Bytes that came in over the connection's life.
    read: AtomicU64,
    /// How many of them are behind the answer that is due: what came before the request, and
    /// informational answers.
    done: AtomicU64,
    informational: AtomicUsize,
    too_informed: Notify,
    objection: OnceLock<rustls::Error>,
}

impl Watch {
    /// Takes all further bytes for a call's.
    pub(crate) fn start(&self, call: Attempt) {
        self.0.informational.store(0, Ordering::Release);
        self.all_is_done();
        *self.call() = Some(call);
    }

    /// Lets go of the call: nothing more is written for it, and what it has reached stays.
    ///
    /// Whoever gives a call up asks next how far it was. The connection's task may be about to write
    /// on another thread, and ends later.
    pub(crate) fn end(&self) {
        *self.call() = None;
    }

    /// Whether the answer has begun since [`start`](Self::start), if only by informational ones.
    pub(crate) fn heard(&self) -> bool {
        self.0.informational.load(Ordering::Acquire) > 0 || self.bytes() > self.done()
    }

    /// Notes an informational answer, after which the service may think as long as before it.
    pub(crate) fn informed(&self) {
        self.all_is_done();
        self.0.informational.fetch_add(1, Ordering::AcqRel);
        if self.is_too_informed() {
            self.0.too_informed.notify_one();
        }
    }

    /// Whether more informational answers came than a service has a use for.
    pub(crate) fn is_too_informed(&self) -> bool {
        self.0.informational.load(Ordering::Acquire) > MAX_INFORMATIONAL
    }

    /// Ends when [`is_too_informed`](Self::is_too_informed).
    pub(crate) async fn too_informed(&self) {
        while !self.is_too_informed() {
            self.0.too_informed.notified().await;
        }
    }

    /// Notes that the head is there: from here on silence is slowness too.
    pub(crate) fn body_begins(&self) {
        self.0.done.store(0, Ordering::Release);
    }

    /// Ends when an answer that has begun comes slower than the floor.
    pub(crate) async fn crawls(&self) {
        loop {
            let before = self.bytes();
            sleep(FLOOR_WINDOW).await;
            let came = self.bytes().saturating_sub(before);
            if before > self.done() && came <= FLOOR_BYTES {
                return;
            }
        }
    }

    fn all_is_done(&self) {
        self.0.done.store(self.bytes(), Ordering::Release);
    }

    fn done(&self) -> u64 {
        self.0.done.load(Ordering::Acquire)
    }

    fn bytes(&self) -> u64 {
        self.0.read.load(Ordering::Acquire)
    }

    /// What TLS objects to; the connection is of no use from then on.
    ///
    /// HTTP doesn't tell where it comes between two requests, or before the first.
    pub(crate) fn objection(&self) -> Option<&rustls::Error> {
        self.0.objection.get()
    }

    /// Bytes are about to be handed over. They may be at the service before the write returns, so
    /// the call counts as sent from here on.
    fn about_to_write(&self) -> io::Result<Phase> {
        let call = self.call();
        let call = call.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        let before = call.phase();
        call.reached(Phase::Write);
        Ok(before)
    }

    /// Not one byte was taken over after all.
    fn wrote_nothing(&self, before: Phase) {
        if let Some(call) = &*self.call() {
            call.reached(before);
        }
    }

    /// All that was written has been handed to the network.
    fn flushed(&self) {
        if let Some(call) = &*self.call()
            && call.phase() == Phase::Write
        {
            call.reached(Phase::Headers);
        }
    }

    fn read(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.read.fetch_add(bytes, Ordering::AcqRel);
    }

    fn failed(&self, error: &io::Error) {
        if let Some(objection) = objection(error) {
            // The first one is why there are others.
            let _ = self.0.objection.set(objection.clone());
        }
    }

    #[cfg(test)]
    pub(crate) fn has_call(&self) -> bool {
        self.call().is_some()
    }

    fn call(&self) -> MutexGuard<'_, Option<Attempt>> {
        self.0.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Most bytes of one TLS record (RFC 8446 §5.1). A part of a record is nothing that the other side
/// could read.
const TLS_RECORD: usize = 16 * 1024;

/// A connection under watch.
pub(crate) struct Watched {
    inner: Box<dyn Socket>,
    watch: Watch,
}

impl Watched {
    pub(crate) fn new(inner: Box<dyn Socket>) -> (Self, Watch) {
        let watch = Watch::default();
        let watched = Self {
            inner,
            watch: watch.clone(),
        };
        (watched, watch)
    }

    /// Notes a write of so many bytes before the service, or anyone else, can learn of it.
    fn noting(
        &mut self,
        length: usize,
        write: impl FnOnce(Pin<&mut Box<dyn Socket>>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let before = self.watch.about_to_write()?;
        let written = write(Pin::new(&mut self.inner));
        let nothing = match &written {
            Poll::Ready(Ok(taken)) => *taken == 0,
            // A write of several records can fail after the first of them has left.
            Poll::Ready(Err(_)) => length <= TLS_RECORD,
            Poll::Pending => true,
        };
        if nothing {
            self.watch.wrote_nothing(before);
        }
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.watch.read(buf.filled().len().saturating_sub(before));
        if let Poll::Ready(Err(error)) = &read {
            self.watch.failed(error);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.noting(buf.len(), |inner| inner.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bufs.iter().map(|buf| buf.len()).sum();
        self.noting(length, |inner| inner.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.watch.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
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

        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// What is known during a write of so many bytes of which so many are taken, and after it.
    async fn write(bytes: usize, takes: Option<usize>) -> (Phase, Phase) {
        let call = Attempt::default();
        call.reached(Phase::Connect);
        let seen = Arc::default();
        let (mut socket, watch) = Watched::new(Box::new(Spy {
            call: call.clone(),
            seen: Arc::clone(&seen),
            takes,
        }));
        watch.start(call.clone());
        let _ = socket.write(&vec![b'.'; bytes]).await;
        let during = seen.lock().expect("unpoisoned")[0];
        (during, call.phase())
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

    /// Row C15: where TLS makes several records of a write, one can leave and the next fail.
    #[tokio::test]
    async fn a_write_that_fails_sent_nothing_if_it_is_one_record() {
        let (_, after) = write(TLS_RECORD, None).await;
        assert_eq!(after.delivery(), Delivery::NotSent);
        let (_, after) = write(TLS_RECORD + 1, None).await;
        assert_eq!(after.delivery(), Delivery::Unknown);
    }
    /// A deadline passes on one thread while the connection's task is about to write on another.
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
