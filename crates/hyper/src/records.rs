//! Counts TLS records below TLS, to know whether a part of a record has arrived.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::socket::{Arrived, Socket};

/// A connection that TLS reads its records from (RFC 8446 §5.1, RFC 5246 §6.2.1).
///
/// TLS reports no record before the whole record has arrived. So a part of a record that arrived before a
/// request would be read as the beginning of its response.
#[derive(Debug)]
pub(crate) struct Records<S> {
    inner: S,
    header: [u8; HEADER],
    /// How many bytes of the next header have arrived.
    known: usize,
    /// How many bytes of the current record are still missing.
    left: usize,
}

/// The bytes of a record's header: type, version and length.
const HEADER: usize = 5;

impl<S> Records<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self {
            inner,
            header: [0; HEADER],
            known: 0,
            left: 0,
        }
    }

    fn is_within_one(&self) -> bool {
        self.known > 0 || self.left > 0
    }

    fn read(&mut self, mut bytes: &[u8]) {
        while let Some((byte, rest)) = bytes.split_first() {
            if self.left > 0 {
                let taken = self.left.min(bytes.len());
                self.left -= taken;
                bytes = bytes.get(taken..).unwrap_or_default();
                continue;
            }
            if let Some(place) = self.header.get_mut(self.known) {
                *place = *byte;
            }
            self.known += 1;
            bytes = rest;
            if self.known == HEADER {
                let [_, _, _, high, low] = self.header;
                self.known = 0;
                self.left = usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
}

impl<S: Socket> Socket for Records<S> {
    fn arrived(&mut self) -> Arrived {
        self.inner.arrived()
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read_now(buf);
        match &read {
            Ok(count) => self.read(buf.get(..*count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && self.is_within_one() => {
                return Err(io::Error::other(Unfinished));
            }
            Err(_) => {}
        }
        read
    }
}

/// Only a part of a record has arrived.
#[derive(Debug, thiserror::Error)]
#[error("a part of a TLS record arrived before the request was sent")]
pub(crate) struct Unfinished;

impl<S: Socket> AsyncRead for Records<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.read(buf.filled().get(before..).unwrap_or_default());
        read
    }
}

impl<S: Socket> AsyncWrite for Records<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes are divided in every way.
    #[test]
    fn a_record_ends_where_its_length_says() {
        let records = [&[23, 3, 3, 0, 2, 1, 1][..], &[22, 3, 3, 1, 1], &[9; 257]].concat();
        for size in 1..records.len() {
            let mut seen = Records::new(());
            let mut read = 0;
            for piece in records.chunks(size) {
                seen.read(piece);
                read += piece.len();
                let ends = [7, records.len()].contains(&read);
                assert_eq!(seen.is_within_one(), !ends, "{read} in pieces of {size}");
            }
        }
    }
}
