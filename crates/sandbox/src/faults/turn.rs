//! The requests of one connection, one after the other.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Duration;

use super::ledger::Faults;
use super::player::{Player, Wire};
use super::rule::{Fault, FaultPhase, FaultRule};
use super::script::{Script, before_reading, reading_pace};
use super::step::Step;

/// Bytes that are read at once when a request begins.
const READ_AT_ONCE: usize = 16 * 1024;
/// Bytes of a request line that are kept for the record.
const LINE_KEPT: usize = 4 * 1024;

/// The request that a connection is busy with; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    faults: Faults,
    connection: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    is_under_way: bool,
    /// The request line, as far as it came with the first bytes.
    line: String,
    /// The status by which the HTTP library refused the request.
    refused: Option<u16>,
    /// How the response is broken.
    scripts: Vec<Script>,
    /// The rule that breaks the content of the response.
    content: Option<FaultRule>,
    /// The fault that the sandbox itself has chosen for the response.
    own: Option<Fault>,
}

impl Turn {
    pub(super) fn new(faults: Faults, connection: u64) -> Self {
        let state = Arc::default();
        Self {
            faults,
            connection,
            state,
        }
    }

    /// The rule that breaks the content of the response.
    pub(crate) fn content(&self) -> Option<FaultRule> {
        self.lock().content.take()
    }

    /// Ends the current request: the next byte starts a new one.
    pub(crate) fn over(&self) {
        let mut state = self.lock();
        // Only the scripts stay: the response is written after this.
        *state = State {
            scripts: std::mem::take(&mut state.scripts),
            ..State::default()
        };
    }

    /// Breaks the response as the vault's row for the token id says. Called for sound requests alone.
    pub(crate) fn apply_own(&self, token_id: &str) {
        if let Some(rule) = self.faults.own(token_id) {
            self.lock().apply_own(rule);
        }
    }

    /// Ends the connection by RST in place of the response.
    pub(crate) fn reset(&self) {
        let rule = FaultRule::at(FaultPhase::Headers).fault(Fault::Reset);
        self.lock().apply_own(rule);
    }

    /// The status of the response after the sandbox's own fault; none if no response is left.
    pub(crate) fn status(&self, sound: u16) -> Option<u16> {
        let own = self.lock().own;
        own.map_or(Some(sound), |fault| fault.status(sound))
    }

    /// The line of a request that HTTP has not delivered, and the status by which it was refused; none if
    /// no request is under way.
    pub(crate) fn undelivered(&self) -> Option<(String, Option<u16>)> {
        let mut state = self.lock();
        let line = std::mem::take(&mut state.line);
        state.is_under_way.then_some((line, state.refused))
    }

    fn is_under_way(&self) -> bool {
        self.lock().is_under_way
    }

    /// Begins a request, and returns the fault that breaks reading it.
    fn begin(&self, first: &[u8]) -> Option<Fault> {
        let rule = self.faults.request(self.connection, token_id(first));
        let mut state = self.lock();
        *state = State {
            is_under_way: true,
            line: first_line(first),
            ..State::default()
        };
        let rule = rule?;
        if rule.phase == FaultPhase::Write {
            return Some(rule.fault);
        }
        if rule.is_about_content() {
            state.content = Some(rule);
        } else {
            state.scripts.push(Script::of_response(&rule));
        }
        None
    }

    /// Notes what the HTTP library writes while a request is under way: a refusal of its own, or 100.
    fn note_written(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if state.is_under_way && state.refused.is_none() {
            state.refused = status(bytes).filter(|status| *status >= 200);
        }
    }

    /// How the response is broken whose first bytes are about to be written.
    fn take_scripts(&self) -> Vec<Script> {
        std::mem::take(&mut self.lock().scripts)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The sandbox's own rule goes first, because it stands for the service. A rule that was added breaks
    /// what remains of the response.
    fn apply_own(&mut self, rule: FaultRule) {
        self.own = Some(rule.fault);
        if !rule.is_about_content() {
            self.scripts.insert(0, Script::of_response(&rule));
        } else if self.content.is_none() {
            self.content = Some(rule);
        }
    }
}

/// The token id in a request line; none if the line isn't complete, or is for another operation.
fn token_id(request: &[u8]) -> Option<&str> {
    let line = request.split(|byte| *byte == b'\r').next()?;
    let target = str::from_utf8(line).ok()?.split(' ').nth(1)?;
    let (_, rest) = target.split_once("/tokens/")?;
    rest.split_once('/').map(|(token_id, _)| token_id)
}

fn first_line(request: &[u8]) -> String {
    let line = request.split(|byte| matches!(byte, b'\r' | b'\n')).next();
    let line = line.unwrap_or_default();
    let kept = line.get(..LINE_KEPT).unwrap_or(line);
    String::from_utf8_lossy(kept).into_owned()
}

/// The status of a response that begins with these bytes.
fn status(response: &[u8]) -> Option<u16> {
    let digits = response.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    str::from_utf8(digits).ok()?.parse().ok()
}

/// The stream between TLS and HTTP, which carries requests and responses in the clear.
#[derive(Debug)]
pub(crate) struct Requests<S: Wire> {
    player: Player<S>,
    turn: Turn,
    /// Bytes of a request that were read and not yet delivered to HTTP.
    held: Vec<u8>,
    /// The pause after each delivered byte; none if all bytes are delivered at once.
    pace: Option<Duration>,
}

impl<S: Wire> Requests<S> {
    pub(crate) fn new(inner: S, turn: Turn) -> Self {
        Self {
            player: Player::new(inner),
            turn,
            held: Vec::new(),
            pace: None,
        }
    }

    /// Begins a request with the bytes that were read.
    fn begin(&mut self, first: &[u8]) {
        self.held.extend_from_slice(first);
        self.pace = None;
        if let Some(fault) = self.turn.begin(first) {
            self.pace = reading_pace(fault);
            self.player.queue(before_reading(fault));
        }
    }

    /// Delivers the held bytes: all of them, or one if there is a pace.
    fn hand_on(&mut self, buf: &mut ReadBuf<'_>) {
        let most = if self.pace.is_some() { 1 } else { usize::MAX };
        let length = self.held.len().min(buf.remaining()).min(most);
        buf.put_slice(self.held.drain(..length).as_slice());
        match self.pace {
            Some(pace) if !pace.is_zero() => self.player.queue(vec![Step::Pause(pace)]),
            Some(_) | None => {}
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Wire> AsyncRead for Requests<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let requests = &mut *self;
        ready!(requests.player.poll_play(cx))?;
        if requests.held.is_empty() {
            if requests.turn.is_under_way() && requests.pace.is_none() {
                return Pin::new(&mut requests.player).poll_read(cx, buf);
            }
            let mut first = [0; READ_AT_ONCE];
            let mut first = ReadBuf::new(&mut first);
            ready!(Pin::new(&mut requests.player).poll_read(cx, &mut first))?;
            let first = first.filled();
            if first.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if requests.turn.is_under_way() {
                requests.held.extend_from_slice(first);
            } else {
                requests.begin(first);
            }
            ready!(requests.player.poll_play(cx))?;
        }
        requests.hand_on(buf);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Wire> AsyncWrite for Requests<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.turn.note_written(buf);
        let scripts = self.turn.take_scripts();
        if !scripts.is_empty() {
            self.player.arm(scripts);
        }
        Pin::new(&mut self.player).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.player).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.player).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_id_is_read_off_the_request_line() {
        let id = token_id(b"POST /tms/v3/tokens/7E57/payment-credentials HTTP/1.1\r\nhost: x\r\n");
        assert_eq!(id, Some("7E57"));
        assert_eq!(token_id(b"POST /tms/v3/tokens/7E57"), None);
        assert_eq!(token_id(b"GET / HTTP/1.1\r\n"), None);
        assert_eq!(token_id(b""), None);
    }
}
