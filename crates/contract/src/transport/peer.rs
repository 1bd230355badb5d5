//! The other end of a transport's connections: scripted HTTP/1.1, over TCP or any pipe.

mod connection;
mod heard;
mod lines;
mod play;
mod tcp;
mod wire;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

pub use connection::{Action, Connection};
pub(super) use heard::Heard;
use lines::Lines;
pub(super) use play::{Play, Reply};
use wire::PATIENCE;
pub(super) use wire::Unsolicited;

use super::tls::Tls;

/// The service at the other end of a transport's connections, which follows the suite's script.
///
/// The peer listens on TCP at 127.0.0.1, and the request's URI and `connect_to` lead there, so most
/// stages don't need this type. If a transport doesn't dial TCP, its stage calls
/// [`connect`](Self::connect) and carries the bytes itself. A clone is the same peer.
#[derive(Clone)]
pub struct Peer {
    script: Arc<Script>,
    address: SocketAddr,
    // Held for its `Drop`.
    _listener: Option<Arc<tcp::Listener>>,
}

/// The state that all connections of one peer share.
struct Script {
    play: Play,
    connections: AtomicUsize,
    /// The number of bytes that arrived, whether or not they form a request.
    bytes: AtomicUsize,
    heard: Mutex<Vec<Heard>>,
    /// The number of responses that were sent, without greetings.
    answered: AtomicUsize,
    lines: Lines,
    /// Empty without TLS.
    tls: OnceLock<Tls>,
    /// Whether TLS sent records of its own after a handshake.
    tls_spoke: AtomicBool,
    /// Whether held responses may be sent.
    released: Mutex<bool>,
    releases: Condvar,
    ended: AtomicBool,
}

impl Peer {
    pub(super) fn new(play: Play) -> io::Result<Self> {
        let refuses = matches!(play, Play::Refuses);
        let script = Arc::new(Script {
            play,
            connections: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            heard: Mutex::default(),
            answered: AtomicUsize::new(0),
            lines: Lines::default(),
            tls: OnceLock::new(),
            tls_spoke: AtomicBool::new(false),
            released: Mutex::default(),
            releases: Condvar::new(),
            ended: AtomicBool::new(false),
        });
        let listener = tcp::Listener::bind()?;
        let address = listener.address();
        // Nobody listens on a port that was bound and released.
        let listener = if refuses {
            None
        } else {
            Some(Arc::new(listener.serve(Arc::clone(&script))?))
        };
        Ok(Self {
            script,
            address,
            _listener: listener,
        })
    }

    /// The address that the peer listens on; in
    /// [`Scenario::Unreachable`](super::Scenario::Unreachable), an address that nobody listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connects without TCP; returns `None` if the peer refuses connections.
    #[must_use]
    pub fn connect(&self) -> Option<Connection> {
        match self.script.play {
            Play::Refuses => None,
            Play::Answers(_)
            | Play::Cuts { .. }
            | Play::Echoes { .. }
            | Play::Greets(_)
            | Play::HangsUp => Some(Connection::new(Arc::clone(&self.script))),
        }
    }

    /// Uses TLS on all connections from here on.
    pub(super) fn speak_tls(&self, tls: Tls) {
        let _known = self.script.tls.set(tls);
    }

    /// Whether TLS sent records of its own after a handshake, such as a ticket.
    pub(super) fn tls_spoke(&self) -> bool {
        self.script.tls_spoke.load(Ordering::SeqCst)
    }

    /// Sends the responses that the play holds back.
    pub(super) fn release(&self) {
        self.script.release();
    }

    /// Does something unsolicited on every open TCP connection, and returns when it is done.
    pub(super) fn surprise(&self, unsolicited: &Unsolicited, patience: Duration) {
        self.script.lines.surprise(unsolicited, patience);
    }

    /// Whether the peer sends nothing more: `count` responses are written, or nobody is connected.
    pub(super) fn has_answered(&self, count: usize) -> bool {
        let answered = self.script.answered.load(Ordering::SeqCst);
        answered >= count || self.script.lines.is_empty()
    }

    /// The number of connections so far.
    pub(super) fn connections(&self) -> usize {
        self.script.connections.load(Ordering::SeqCst)
    }

    /// The number of bytes that arrived.
    pub(super) fn bytes(&self) -> usize {
        self.script.bytes.load(Ordering::SeqCst)
    }

    /// The complete requests that arrived.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.script.heard().clone()
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("address", &self.address)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

impl Script {
    fn heard(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the peer does on the first connection as soon as TLS allows it.
    fn greeting(&self) -> Option<Unsolicited> {
        match &self.play {
            Play::Greets(greeting) => Some(greeting.clone()),
            Play::Answers(_)
            | Play::Cuts { .. }
            | Play::Echoes { .. }
            | Play::HangsUp
            | Play::Refuses => None,
        }
    }

    fn released(&self) -> MutexGuard<'_, bool> {
        self.released.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn release(&self) {
        *self.released() = true;
        self.releases.notify_all();
    }

    /// Blocks until held responses may be sent, at most for [`PATIENCE`]; then they may be sent anyway.
    fn await_release(&self) {
        let waits = |released: &mut bool| !*released;
        let released = self.released();
        drop(self.releases.wait_timeout_while(released, PATIENCE, waits));
    }
}
