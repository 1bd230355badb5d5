use payment_credentials_core::Delivery;
use tokio::io::AsyncWriteExt;

use super::*;

/// A stream that records the call's phase at each write.
struct Spy {
    call: Attempt,
    seen: Arc<Mutex<Vec<Phase>>>,
    /// How many bytes a write accepts; `None` if the write fails.
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

/// Writes `bytes` bytes, of which the socket accepts `takes`, and returns the phases during and after the
/// write. Checks that one slice and two slices give the same phases.
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

/// Row C15: if TLS splits a write into several records, the first record can be sent and the next can
/// fail. A record holds 2^14 bytes (RFC 8446 §5.1), counted over all slices together.
#[tokio::test]
async fn a_write_that_fails_sent_nothing_if_it_is_one_record() {
    let (_, after) = write(16_384, None).await;
    assert_eq!(after.delivery(), Delivery::NotSent);
    let (_, after) = write(16_385, None).await;
    assert_eq!(after.delivery(), Delivery::Unknown);
}

/// A deadline passes on one thread while another thread is about to write to the connection.
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
