//! Unsolicited responses that wait in a connection's socket while the runtime does not poll it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use payment_credentials_core::seam::Transport;
use payment_credentials_reqwest::ReqwestTransport;

use crate::peer::{GOOD, keeping, outgoing, transport};

const CALLS: usize = 20;

/// Ends a test that hangs.
const HANGING: Duration = Duration::from_secs(30);

/// When a second response is written after the first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Second {
    AtOnce,
    /// After the call has received its response, and before the next call.
    OnCue,
    /// After the next call has sent its request, over any connection.
    Late,
}

/// A peer that sends each response twice; a response names the request that it belongs to.
struct Peer {
    address: SocketAddr,
    cue: Sender<()>,
    written: Receiver<()>,
}

impl Peer {
    fn new(second: Second) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("an address");
        let ((cue, cues), (tell, written)) = (channel(), channel());
        // One thread serves all connections: a connection's request is complete before the next
        // connection is read.
        thread::spawn(move || serve(&listener, second, &cues, &tell));
        Self {
            address,
            cue,
            written,
        }
    }

    /// Triggers the second response, and blocks the thread until the response is in the socket.
    fn say_more(&self) {
        self.cue.send(()).expect("a peer");
        self.written.recv_timeout(HANGING).expect("written");
    }
}

fn serve(
    listener: &TcpListener,
    second: Second,
    cues: &Receiver<()>,
    tell: &Sender<()>,
) -> Option<()> {
    let mut requests = 0..CALLS;
    let mut open: Option<TcpStream> = None;
    let mut last: Option<(TcpStream, String)> = None;
    while !requests.is_empty() {
        let mut stream = match open.take() {
            Some(stream) => stream,
            None => accepted(listener)?,
        };
        // The connection has ended; without a pool, each one ends after its call.
        if !read_request(&mut stream) {
            continue;
        }
        let number = requests.next()?;
        let answer = GOOD.replace("6612345", &number.to_string());
        if let Some((mut stream, answer)) = last.take() {
            // The client may have closed the connection.
            let _ = stream.write_all(answer.as_bytes());
        }
        stream.write_all(answer.as_bytes()).ok()?;
        match second {
            Second::AtOnce => stream.write_all(answer.as_bytes()).ok()?,
            Second::OnCue => {
                cues.recv().ok()?;
                let _ = stream.write_all(answer.as_bytes());
                tell.send(()).ok()?;
            }
            Second::Late => last = Some((stream.try_clone().ok()?, answer)),
        }
        open = Some(stream);
    }
    // The connection stays open until the test is over, so that its end can't be mistaken for the
    // tested effect.
    cues.recv().ok()
}

fn accepted(listener: &TcpListener) -> Option<TcpStream> {
    let (stream, _) = listener.accept().ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(HANGING)).ok()?;
    Some(stream)
}

fn read_request(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n{}") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return false;
        }
        request.extend(byte);
    }
    true
}

/// How many of the calls received another call's response.
async fn borrowed(transport: ReqwestTransport, second: Second) -> usize {
    let peer = Peer::new(second);
    let mut borrowed = 0;
    for call in 0..CALLS {
        let sent = outgoing(&format!("http://{}", peer.address));
        let answer = transport.send(sent).await.expect("a response");
        let id = &answer.headers()["v-c-correlation-id"];
        borrowed += usize::from(id != call.to_string().as_str());
        if second == Second::OnCue {
            peer.say_more();
        }
    }
    borrowed
}

async fn none_borrowed() {
    for second in [Second::AtOnce, Second::OnCue, Second::Late] {
        assert_eq!(borrowed(transport(), second).await, 0, "{second:?}");
    }
}

#[tokio::test]
async fn a_second_response_never_reaches_another_call() {
    none_borrowed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_response_never_reaches_another_call_on_many_threads() {
    none_borrowed().await;
}

/// Verifies the documentation of `keep_unexamined_connections`; if this test fails, the warning
/// there can be relaxed.
#[tokio::test]
async fn a_connection_that_is_kept_unexamined_can_hold_another_calls_answer() {
    let peer = Peer::new(Second::OnCue);
    let transport = keeping();
    let call = || transport.send(outgoing(&format!("http://{}", peer.address)));
    let first = call().await.expect("a response");
    peer.say_more();
    let second = call().await.expect("the same response");
    assert_eq!(first.headers()["v-c-correlation-id"], "0");
    assert_eq!(second.headers()["v-c-correlation-id"], "0");
}
