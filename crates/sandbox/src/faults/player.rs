//! A connection that sends its peer something other than what its user writes.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;

use super::script::{self, Script};
use super::step::Step;

/// A stream, with access to the socket below it.
pub(crate) trait Wire {
    /// Makes the connection end by RST when it is dropped.
    fn reset(&self);

    /// Spoils the next TLS record.
    fn flip_record(&mut self, seed: u64);
}

impl Wire for TcpStream {
    fn reset(&self) {
        // If this can't be set, the connection ends in the ordinary way.
        let _ = self.set_zero_linger();
    }

    fn flip_record(&mut self, _seed: u64) {}
}

impl<S: Wire> Wire for TlsStream<S> {
    fn reset(&self) {
        self.get_ref().0.reset();
    }

    fn flip_record(&mut self, seed: u64) {
        self.get_mut().0.flip_record(seed);
    }
}

impl<S: Wire> Wire for Player<S> {
    fn reset(&self) {
        self.inner.reset();
    }

    fn flip_record(&mut self, seed: u64) {
        self.arm(vec![Script::Record { seed }]);
    }
}

/// Forwards bytes, or plays scripts in their place.
#[derive(Debug)]
pub(crate) struct Player<S> {
    inner: S,
    armed: Vec<Script>,
    /// The bytes that the scripts are about to break.
    written: Vec<u8>,
    steps: VecDeque<Step>,
    /// How many bytes of the first step are written.
    done: usize,
    pause: Option<Pin<Box<Sleep>>>,
}

impl<S> Player<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            armed: Vec::new(),
            written: Vec::new(),
            steps: VecDeque::new(),
            done: 0,
            pause: None,
        }
    }

    /// Plays these scripts in place of the bytes that are written next.
    pub(super) fn arm(&mut self, scripts: Vec<Script>) {
        self.armed = scripts;
    }

    /// Plays these steps before anything else.
    pub(super) fn queue(&mut self, steps: Vec<Step>) {
        self.steps.extend(steps);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Wire> Player<S> {
    /// Plays the queued steps; returns an error once a step has ended the connection.
    pub(super) fn poll_play(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(step) = self.steps.front() {
            match step {
                Step::Write(bytes) => {
                    while let Some(rest) = bytes.get(self.done..).filter(|rest| !rest.is_empty()) {
                        let taken = ready!(Pin::new(&mut self.inner).poll_write(cx, rest))?;
                        self.done += taken;
                    }
                    ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
                }
                Step::Pause(time) => {
                    let time = *time;
                    let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(time)));
                    ready!(pause.as_mut().poll(cx));
                    self.pause = None;
                }
                Step::FlipRecord(seed) => self.inner.flip_record(*seed),
                Step::Hang => return self.poll_gone(cx),
                Step::Close => {
                    ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
                    // Dropping a socket with unread bytes in it would send RST.
                    self.steps = VecDeque::from([Step::Hang]);
                    continue;
                }
                Step::Reset => {
                    self.inner.reset();
                    return Poll::Ready(Err(over()));
                }
            }
            self.done = 0;
            self.steps.pop_front();
        }
        Poll::Ready(Ok(()))
    }

    /// Waits until the peer closes.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut unread = [0; 1024];
            let mut unread = ReadBuf::new(&mut unread);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut unread))?;
            if unread.filled().is_empty() {
                return Poll::Ready(Err(over()));
            }
        }
    }
}

fn over() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionAborted,
        "a fault rule ended the connection",
    )
}

impl<S: AsyncRead + Unpin> AsyncRead for Player<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Wire> AsyncWrite for Player<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.armed.is_empty() {
            self.written.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        ready!(self.poll_play(cx))?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let player = &mut *self;
        if !player.armed.is_empty() {
            match script::steps(&player.armed, &player.written) {
                Some(steps) => {
                    player.queue(steps);
                    player.written.clear();
                    player.armed.clear();
                }
                // A script needs the whole response, which isn't written yet.
                None => return Poll::Ready(Ok(())),
            }
        }
        ready!(player.poll_play(cx))?;
        Pin::new(&mut player.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
