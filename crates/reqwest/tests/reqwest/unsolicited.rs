//! Answers that nobody asked for, in a connection's socket while nothing asks the operating system.

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

/// When a second response is written behind the first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Second {
    AtOnce,
    /// When the call has its response, and before the next.
    OnCue,
    /// When the next call has sent its request, over whichever connection.
    Late,
}

/// A peer whose answers name the request that they belong to, and of which each comes twice.
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
        // One thread serves all connections: each has its request before the next is looked at.
        thread::spawn(move || serve(&listener, second, &cues, &tell));
        Self {
            address,
            cue,
            written,
        }
    }

    /// Lets the second response go, and keeps the thread busy until it lies in the socket.
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
        // A kept connection that has ended, as all do where none is kept.
        if !read_request(&mut stream) {
            continue;
        }
        let number = requests.next()?;
        let answer = GOOD.replace("6612345", &number.to_string());
        if let Some((mut stream, answer)) = last.take() {
            // The client may be gone.
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
    // Open until the test is over: what ends here might be taken for what is tried.
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

/// How many of the calls were given another call's response.
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

/// What `keep_unexamined_connections` says of itself is so; where this fails, its page can say less.
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
