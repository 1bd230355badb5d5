//! A peer over real sockets that does something unsolicited when cued, and reports when it is done.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::Endpoint;
use payment_credentials_core::Host;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_hyper::{Arrived, Dialer, HyperPort, Roots, Socket, TcpDialer};
use rustls::{ServerConnection, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::authority::{Asks, Authority};
use crate::peer::{GOOD, answer_to};

/// Ends a test that hangs.
const HANGING: Duration = Duration::from_secs(30);

/// The peer's side of one connection.
struct Line {
    tcp: TcpStream,
    tls: Option<ServerConnection>,
    /// The rest of a record whose first bytes were sent; it is sent before anything else.
    held: Vec<u8>,
}

impl Line {
    fn write(&mut self, bytes: &[u8]) {
        self.write_the_rest();
        match &mut self.tls {
            None => self.tcp.write_all(bytes).expect("written"),
            Some(tls) => {
                tls.writer().write_all(bytes).expect("written");
                self.flush();
            }
        }
    }

    /// Writes all but the last byte of a record.
    fn write_a_part(&mut self, bytes: &[u8]) {
        let tls = self.tls.as_mut().expect("TLS");
        tls.writer().write_all(bytes).expect("written");
        let mut record = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut record).expect("written");
        }
        self.held = record.split_off(record.len() - 1);
        self.tcp.write_all(&record).expect("written");
    }

    fn write_the_rest(&mut self) {
        let rest = std::mem::take(&mut self.held);
        self.tcp.write_all(&rest).expect("written");
    }

    fn flush(&mut self) {
        while let Some(tls) = &mut self.tls
            && tls.wants_write()
        {
            tls.write_tls(&mut self.tcp).expect("written");
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            None => self.tcp.read(buf),
            Some(tls) => rustls::Stream::new(tls, &mut self.tcp).read(buf),
        }
    }

    /// Reads a request. If the connection ends first, returns whether any byte of a request came.
    fn request(&mut self) -> Result<Vec<u8>, bool> {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n{}") {
            let mut part = [0; 4096];
            match self.read(&mut part) {
                Ok(0) | Err(_) => return Err(!read.is_empty()),
                Ok(length) => read.extend(part.iter().take(length)),
            }
        }
        Ok(read)
    }
}

/// What a peer does without a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unsolicited {
    Answer,
    PartOfResponse,
    Timeout,
    End,
    Reset,
    Goodbye,
    NewKeys,
    Nothing,
}

impl Unsolicited {
    fn play(self, line: &mut Line) {
        match self {
            Self::Nothing => {}
            Self::Answer => line.write(GOOD.as_bytes()),
            Self::PartOfResponse => line.write_a_part(GOOD.as_bytes()),
            Self::Timeout => {
                line.write(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n");
                line.tcp.shutdown(Shutdown::Write).expect("open");
            }
            Self::End => line.tcp.shutdown(Shutdown::Write).expect("open"),
            Self::Reset => {
                let socket = socket2::SockRef::from(&line.tcp);
                socket.set_linger(Some(Duration::ZERO)).expect("open");
                // Dropping the stream resets the connection; another stream takes its place.
                let elsewhere = TcpListener::bind("127.0.0.1:0").expect("bound");
                let address = elsewhere.local_addr().expect("an address");
                line.tcp = TcpStream::connect(address).expect("connected");
            }
            Self::Goodbye => {
                line.tls.as_mut().expect("TLS").send_close_notify();
                line.flush();
            }
            Self::NewKeys => {
                let tls = line.tls.as_mut().expect("TLS");
                tls.refresh_traffic_keys().expect("TLS 1.3");
                line.flush();
            }
        }
    }
}

/// What the peer does on each of its connections.
#[derive(Clone)]
struct Stage {
    unsolicited: Unsolicited,
    before: bool,
    cued: Arc<Mutex<(Receiver<()>, Sender<()>)>>,
    parts: Arc<AtomicUsize>,
}

impl Stage {
    fn serve(self, mut line: Line, is_first: bool) {
        line.tcp.set_read_timeout(Some(HANGING)).expect("open");
        // Written bytes are sent at once and not held back.
        line.tcp.set_nodelay(true).expect("open");
        if let Some(tls) = &mut line.tls {
            while tls.is_handshaking() {
                tls.complete_io(&mut line.tcp).expect("a handshake");
            }
            line.flush();
        }
        if is_first && self.before {
            self.misbehave(&mut line);
        }
        for turn in 0.. {
            match line.request() {
                Ok(request) => line.write(answer_to(request).as_bytes()),
                Err(in_part) => {
                    self.parts.fetch_add(usize::from(in_part), Ordering::SeqCst);
                    return;
                }
            }
            if is_first && turn == 0 && !self.before {
                self.misbehave(&mut line);
            }
        }
    }

    fn misbehave(&self, line: &mut Line) {
        if self.unsolicited == Unsolicited::Nothing {
            return;
        }
        let cued = self.cued.lock().expect("unpoisoned");
        if cued.0.recv_timeout(HANGING).is_ok() {
            self.unsolicited.play(line);
            let _ = cued.1.send(());
            if self.before {
                // The client waits for the rest of a record only where the record can be a session
                // ticket.
                thread::sleep(Duration::from_millis(50));
                line.write_the_rest();
            }
        }
    }
}

/// A peer that does something unsolicited on its first connection when cued.
pub(crate) struct Peer {
    dialled: Arc<AtomicUsize>,
    /// How many connections brought an incomplete request.
    pub(crate) parts: Arc<AtomicUsize>,
    cue: Mutex<Sender<()>>,
    done: Mutex<Receiver<()>>,
    base: String,
    authority: Authority,
}

impl Peer {
    /// Starts a peer that misbehaves either `before` the first request or after the first response.
    pub(crate) fn start(
        version: Option<&'static SupportedProtocolVersion>,
        unsolicited: Unsolicited,
        before: bool,
    ) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = listener.local_addr().expect("an address").port();
        let authority = Authority::new("payments root");
        let config = version.map(|version| {
            let acceptor = authority.server("localhost", Asks::Never, version);
            Arc::clone(acceptor.config())
        });
        let scheme = if version.is_some() { "https" } else { "http" };
        let (cue, cued) = mpsc::channel();
        let (tell, done) = mpsc::channel();
        let peer = Arc::new(Self {
            dialled: Arc::default(),
            parts: Arc::default(),
            cue: Mutex::new(cue),
            done: Mutex::new(done),
            base: format!("{scheme}://localhost:{port}"),
            authority,
        });
        let dialled = Arc::clone(&peer.dialled);
        let stage = Stage {
            unsolicited,
            before,
            cued: Arc::new(Mutex::new((cued, tell))),
            parts: Arc::clone(&peer.parts),
        };
        thread::spawn(move || {
            while let Ok((tcp, _)) = listener.accept() {
                let nth = dialled.fetch_add(1, Ordering::SeqCst);
                let tls = config.as_ref().map(|config| {
                    ServerConnection::new(Arc::clone(config)).expect("a configuration")
                });
                let stage = stage.clone();
                thread::spawn(move || {
                    stage.serve(
                        Line {
                            tcp,
                            tls,
                            held: Vec::new(),
                        },
                        nth == 0,
                    );
                });
            }
        });
        peer
    }

    pub(crate) fn port(&self, dialer: Arc<dyn Dialer>) -> HyperPort {
        let endpoint = Endpoint::custom(self.base.parse().expect("an address")).with_connect_to(
            self.base
                .replace("https://", "")
                .replace("http://", "")
                .replace("localhost", "127.0.0.1")
                .parse()
                .expect("an address"),
        );
        HyperPort::builder(endpoint.expect("an endpoint"), Arc::new(Unauthenticated))
            .roots(Roots::ExtraOnly)
            .extra_root(self.authority.root())
            .dialer(dialer)
            .build()
            .expect("a port")
    }

    /// Cues the peer and blocks this thread until the peer is done.
    pub(crate) fn now(&self) {
        self.cue.lock().expect("unpoisoned").send(()).expect("sent");
        let done = self.done.lock().expect("unpoisoned");
        done.recv_timeout(HANGING).expect("done");
    }

    /// How many connections are open.
    pub(crate) fn serving(&self) -> usize {
        // The peer itself holds one reference, and the thread that accepts holds another.
        Arc::strong_count(&self.parts).saturating_sub(2)
    }

    pub(crate) fn dialled(&self) -> usize {
        self.dialled.load(Ordering::SeqCst)
    }
}

/// A connection whose first check before a request waits until the peer has misbehaved.
struct Cueing {
    inner: Box<dyn Socket>,
    at: At,
    peer: Option<Arc<Peer>>,
    is_asked: bool,
}

/// When the peer gets its cue.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// Before the connection is checked for bytes that have arrived.
    Look,
    /// After that check, while the connection accepts no bytes yet.
    Write,
    /// Never; the connection can't be checked.
    Nowhere,
    /// Never; once the connection was used, its check reports that it has ended.
    Take,
    /// Never; after the check, the connection accepts no bytes.
    Never,
}

impl Socket for Cueing {
    fn arrived(&mut self) -> Arrived {
        match self.at {
            At::Take if self.is_asked => Arrived::End,
            At::Nowhere => Arrived::Unknown,
            At::Look | At::Never | At::Take | At::Write => self.inner.arrived(),
        }
    }

    fn read_now(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.is_asked = true;
        if let At::Nowhere = self.at {
            return Err(io::ErrorKind::Unsupported.into());
        }
        if let At::Look = self.at
            && let Some(peer) = self.peer.take()
        {
            peer.now();
        }
        self.inner.read_now(buf)
    }
}

impl AsyncRead for Cueing {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Cueing {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let At::Write = self.at
            && let Some(peer) = self.peer.take()
        {
            peer.now();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let At::Never = self.at
            && self.is_asked
        {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A dialer whose first connection cues its peer.
pub(crate) struct CueingDialer(pub(crate) At, pub(crate) Mutex<Option<Arc<Peer>>>);

impl std::fmt::Debug for CueingDialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CueingDialer")
    }
}

#[async_trait]
impl Dialer for CueingDialer {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let inner = TcpDialer::default().dial(host, port).await?;
        let peer = self.1.lock().expect("unpoisoned").take();
        let at = self.0;
        Ok(Box::new(Cueing {
            inner,
            at,
            peer,
            is_asked: false,
        }))
    }
}
