//! Watches what passes between HTTP and TLS, to know whether a request has left.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use payment_credentials_core::Phase;
use payment_credentials_core::seam::Progress;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::dial::Socket;

/// What is known of one connection's bytes.
///
/// A connection carries one request at a time, so whatever is written belongs to the call that
/// the watch was last set on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    call: Mutex<Progress>,
    heard: AtomicBool,
}

impl Watch {
    /// Takes all further bytes for a call's.
    pub(crate) fn start(&self, call: Progress) {
        self.0.heard.store(false, Ordering::Release);
        *self.call() = call;
    }

    /// Whether the answer has begun since [`start`](Self::start).
    pub(crate) fn heard(&self) -> bool {
        self.0.heard.load(Ordering::Acquire)
    }

    /// A byte of the request was taken over by the connection.
    fn wrote(&self) {
        self.call().reached(Phase::Write);
    }

    /// All that was written has been handed to the network.
    fn flushed(&self) {
        let call = self.call();
        if call.phase() == Phase::Write {
            call.reached(Phase::Headers);
        }
    }

    fn read(&self) {
        self.0.heard.store(true, Ordering::Release);
    }

    fn call(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.0.call.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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

    /// Notes a write before anyone else can learn of it.
    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.watch.wrote();
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
        if buf.filled().len() > before {
            self.watch.read();
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
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.wrote(written)
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
