//! The other end of a transport's connections: HTTP/1.1 by script, over TCP or any pipe.

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

pub use connection::{Connection, Say};
pub(super) use heard::Heard;
use lines::Lines;
pub(super) use play::{Play, Reply};
pub(super) use wire::Unasked;

use super::tls::Tls;

/// How long the peer waits for a client, so that a client that blocks its thread gets an end too.
const PATIENCE: Duration = Duration::from_secs(10);

/// The service as a transport meets it: a peer that plays what the suite has in mind.
///
/// It listens on TCP at 127.0.0.1, so most transports need nothing of it: the request's URI and
/// `connect_to` lead there. A transport that dials otherwise calls [`connect`](Self::connect) and
/// carries the bytes itself. A clone is the same peer.
#[derive(Clone)]
pub struct Peer {
    script: Arc<Script>,
    address: SocketAddr,
    // Held for its `Drop`.
    _listener: Option<Arc<tcp::Listener>>,
}

/// What all connections of one peer share.
struct Script {
    play: Play,
    connections: AtomicUsize,
    /// Bytes that arrived, whether or not they made a request.
    bytes: AtomicUsize,
    heard: Mutex<Vec<Heard>>,
    /// Answers that have gone out, greetings apart.
    answered: AtomicUsize,
    lines: Lines,
    /// Nothing, without TLS.
    tls: OnceLock<Tls>,
    /// Whether TLS had something of its own to say after a handshake.
    tls_spoke: AtomicBool,
    /// Whether held answers may go.
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
        // A port that was bound and let go is one that nobody listens on.
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

    /// Where it listens; in a scenario where nobody does, where nobody does.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connects without TCP; nothing, where a dial would be refused.
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

    /// Speaks TLS on whatever connections come from here on.
    pub(super) fn speak_tls(&self, tls: Tls) {
        let _known = self.script.tls.set(tls);
    }

    /// Whether TLS said something of its own after a handshake, such as a ticket.
    pub(super) fn tls_spoke(&self) -> bool {
        self.script.tls_spoke.load(Ordering::SeqCst)
    }

    /// Lets answers go that the play holds back.
    pub(super) fn release(&self) {
        self.script.release();
    }

    /// Does something unasked on every connection over TCP that is open, and returns when it is done.
    pub(super) fn surprise(&self, unasked: &Unasked, patience: Duration) {
        self.script.lines.surprise(unasked, patience);
    }

    /// Whether nothing more comes from it: so many responses are written, or nobody is connected.
    pub(super) fn has_answered(&self, count: usize) -> bool {
        let answered = self.script.answered.load(Ordering::SeqCst);
        answered >= count || self.script.lines.is_empty()
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.script.connections.load(Ordering::SeqCst)
    }

    /// How many bytes arrived.
    pub(super) fn bytes(&self) -> usize {
        self.script.bytes.load(Ordering::SeqCst)
    }

    /// The requests that arrived, whole ones alone.
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

    /// What is done on the first connection as soon as TLS lets it.
    fn greeting(&self) -> Option<Unasked> {
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

    /// Blocks until held answers may go, or for so long that they may go anyway.
    fn await_release(&self) {
        let waits = |released: &mut bool| !*released;
        let released = self.released();
        drop(self.releases.wait_timeout_while(released, PATIENCE, waits));
    }
}
