//! A service that responds to every request with the stored response, and checks nothing.

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const LENGTH: &[u8] = b"content-length: ";

/// Responds to each request on a connection, until the connection ends.
pub async fn respond(mut stream: impl AsyncRead + AsyncWrite + Unpin, response: Bytes) {
    let mut received = Vec::with_capacity(8192);
    loop {
        while let Some(length) = request_length(&received) {
            received.drain(..length);
            if stream.write_all(&response).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
        if !matches!(stream.read_buf(&mut received).await, Ok(1..)) {
            return;
        }
    }
}

/// The bytes of the request that these begin with, once it is complete.
fn request_length(received: &[u8]) -> Option<usize> {
    let head = find(received, END_OF_HEAD)?;
    let (head, _) = received.split_at_checked(head + END_OF_HEAD.len())?;
    let at = find(head, LENGTH)?;
    let digits = head.get(at + LENGTH.len()..)?;
    let digits = digits.split(|byte| *byte == b'\r').next()?;
    let body: usize = str::from_utf8(digits).ok()?.parse().ok()?;
    let length = head.len() + body;
    (received.len() >= length).then_some(length)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(wanted.len());
    windows.position(|window| window == wanted)
}
