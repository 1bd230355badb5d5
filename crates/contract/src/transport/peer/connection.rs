use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::{Heard, Play, Reply, Script};

/// One connection with a [`Peer`](super::Peer), without I/O: bytes in, bytes out.
///
/// Use it for a transport that doesn't dial TCP: pass in the bytes that the transport writes, and take
/// the bytes that it reads:
///
/// ```
/// use payment_credentials_contract::transport::{Connection, Action};
///
/// /// The peer's response to these bytes, and whether the peer closes the connection afterwards.
/// fn exchange(connection: &mut Connection, written: &[u8]) -> (Vec<u8>, bool) {
///     connection.receive(written);
///     let mut read = Vec::new();
///     loop {
///         match connection.next_action() {
///             Action::Bytes(bytes) => read.extend_from_slice(&bytes),
///             Action::Close => return (read, true),
///             _ => return (read, false),
///         }
///     }
/// }
/// ```
pub struct Connection {
    pub(super) script: Arc<Script>,
    pub(super) number: usize,
    buffer: Vec<u8>,
    bytes: usize,
    replies: VecDeque<Reply>,
    greeting: Option<Bytes>,
    closed: bool,
}

/// What a peer does next.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// The transport reads these bytes.
    Bytes(Bytes),
    /// No more bytes come: the transport reads the connection's end.
    Close,
    /// No bytes yet, whatever the transport writes: the suite holds the response back for a while.
    Hold,
    /// No bytes until the transport writes more.
    Listen,
}

impl Connection {
    pub(super) fn new(script: Arc<Script>) -> Self {
        let number = script.connections.fetch_add(1, Ordering::SeqCst);
        let greeting = match &script.play {
            Play::Echoes { greeting } => Some(greeting.clone()),
            Play::Answers(_)
            | Play::Cuts { .. }
            | Play::Greets(_)
            | Play::HangsUp
            | Play::Refuses => None,
        };
        Self {
            closed: matches!(script.play, Play::HangsUp),
            script,
            number,
            buffer: Vec::new(),
            bytes: 0,
            replies: VecDeque::new(),
            greeting: greeting.filter(|greeting| !greeting.is_empty()),
        }
    }

    /// Receives the bytes that the transport wrote.
    pub fn receive(&mut self, bytes: &[u8]) {
        self.script.bytes.fetch_add(bytes.len(), Ordering::SeqCst);
        self.bytes += bytes.len();
        self.buffer.extend_from_slice(bytes);
        match &self.script.play {
            Play::Answers(answer) => {
                while let Some(heard) = Heard::take(&mut self.buffer, self.number) {
                    let mut all = self.script.heard();
                    // The response is queued before anyone can see that the request has arrived.
                    self.replies.push_back(answer(all.len()));
                    all.push(heard);
                }
            }
            Play::Greets(_) => {
                while let Some(heard) = Heard::take(&mut self.buffer, self.number) {
                    let mut all = self.script.heard();
                    self.replies.push_back(Reply::new(echo(&heard.body)));
                    all.push(heard);
                }
            }
            Play::Echoes { .. } => {
                while let Some(heard) = Heard::take(&mut self.buffer, self.number) {
                    let mut all = self.script.heard();
                    let reply = Reply::new(echo(&heard.body));
                    self.replies.push_back(match all.len() {
                        1 => reply.held(),
                        _ => reply,
                    });
                    all.push(heard);
                }
            }
            Play::Cuts { after } => self.closed = self.closed || self.bytes >= *after,
            Play::HangsUp | Play::Refuses => {}
        }
    }

    /// Returns what the transport reads next.
    pub fn next_action(&mut self) -> Action {
        if self.closed {
            return Action::Close;
        }
        if let Some(greeting) = self.greeting.take() {
            return Action::Bytes(greeting);
        }
        let Some(reply) = self.replies.front_mut() else {
            return Action::Listen;
        };
        if reply.held && !*self.script.released() {
            return Action::Hold;
        }
        if let Some(piece) = reply.pieces.next() {
            return Action::Bytes(piece);
        }
        self.closed = reply.closes;
        self.replies.pop_front();
        self.script.answered.fetch_add(1, Ordering::SeqCst);
        self.next_action()
    }

    /// Whether the peer still receives bytes, although it sends none any more.
    pub(super) fn receives_on(&self) -> bool {
        matches!(self.script.play, Play::HangsUp)
    }

    /// Blocks while the response is held back, then releases it.
    pub(super) fn await_release(&mut self) {
        self.script.await_release();
        for reply in &mut self.replies {
            reply.held = false;
        }
    }
}

fn echo(body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 201 Created\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("number", &self.number)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
