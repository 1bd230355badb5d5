//! Breaks connections, answers and what is in them, on request.
//!
//! A [`FaultRule`] says where ([`FaultPhase`]), for what ([`Match`]), how ([`Fault`]) and how often. Rules are
//! added to a running sandbox, by [`Faults::add`], as JSON or from a file of it, and hold from the
//! next connection or request on. Of several rules that fit, the one that was added first is
//! applied, and no other: at most one for each connection (the phases `Connect` and `Tls`), and one
//! for each request.
//!
//! ```
//! use payment_credentials_sandbox::faults::{Fault, Match, FaultPhase, FaultRule};
//! use payment_credentials_sandbox::{Authentication, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start_blocking(Authentication::NotRequired)?;
//! let second = Match::nth_request(2);
//! sandbox.faults().add(FaultRule::at(FaultPhase::Headers).on(second).fault(Fault::Reset))?;
//! sandbox.faults().add_json(r#"[
//!     {"on": {"connection": 3}, "phase": "tls", "fault": "flip_bit", "seed": 42},
//!     {"phase": "body", "fault": {"trickle_ms": 200}, "times": 10}
//! ]"#)?;
//! // ... calls ...
//! assert!(sandbox.faults().log().is_empty(), "nobody called");
//! # Ok(())
//! # }
//! ```
//!
//! # Which fault there is where
//!
//! | fault | JSON | connect | tls | write | headers | body | decrypt | parse |
//! |---|---|---|---|---|---|---|---|---|
//! | `Reset`, `Close`, `Silence` | `"reset"`, `"close"`, `"silence"` | x | x | x | x | x | | |
//! | `Delay` | `{"delay_ms": 300}` | x | x | x | x | x | | |
//! | `Trickle` | `{"trickle_ms": 300}` | | x | x | x | x | | |
//! | `OneByteSegments` | `"one_byte_segments"` | | x | x | x | x | | |
//! | `Cut`, `CutAt` | `"cut"`, `{"cut_at": 17}` | | x | | x | x | x | x |
//! | `Garbage`, `Oversize`, `OldVersion` | `"garbage"`, `"oversize"`, `"old_version"` | | x | | x | x | x | x |
//! | `Contradiction` | `"contradiction"` | | | | x | x | x | x |
//! | `FlipBit` | `"flip_bit"` | | x | | | x | x | |
//! | `WrongIdentity` | `"wrong_identity"` | | x | | | | x | |
//! | `WrongKey` | `"wrong_key"` | | | | | | x | |
//! | `EarlyResponse` | `{"early_response": 401}` | | | x | | | | |
//! | `Informational` | `{"informational": 32}` | | | | x | | | |
//! | `Redirect` | `"redirect"` | | | | x | | | |
//! | `SecondResponse` | `"second_response"` | | | | x | x | | |
//! | `Status` | `{"status": 503}` | | | | x | x | | |
//! | `ErrorBody` | `"error_body"` | | | | | x | | x |
//! | `Unencrypted` | `"unencrypted"` | | | | | x | | |
//!
//! In `decrypt` and `parse`, and for `Unencrypted`, only a response that holds credentials can be
//! broken; another one passes, and the rule counts as applied.
//!
//! # Rules in a file
//!
//! [`Faults::add_json_file`] takes the same list from a file, so that the person who runs a test need not
//! compile it to break other things:
//!
//! ```
//! use payment_credentials_sandbox::{Authentication, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = std::env::temp_dir().join(format!("fault-rules-{}.json", std::process::id()));
//! # std::fs::write(&path, r#"[{"phase": "headers", "fault": "reset"}]"#)?;
//! let sandbox = Sandbox::start_blocking(Authentication::NotRequired)?;
//! sandbox.faults().add_json_file(&path)?;
//! # std::fs::remove_file(&path)?;
//! # Ok(())
//! # }
//! ```
//!
//! # Having a run again
//!
//! [`Faults::log`] lists what was done, and [`Faults::log_json`] writes it as rules which name each
//! connection and request by its number. A fresh sandbox that has these rules from its start breaks
//! the same things, at the same bytes, for a client that makes the same calls in the same order.
//! What is random isn't the same: cryptograms, keys and ids, and certificates, whose lengths differ by
//! a few bytes, so that a seeded cut in a handshake does too. A time is written in whole
//! milliseconds, rounded up, which is how timers take it.
//!
//! # What it cannot do
//!
//! - Refuse a connection: the operating system has made it before the sandbox hears of it. `Reset`
//!   in `Connect` is next to it; clients see it in their handshake.
//! - Break a write halfway: a request is one small write, and the socket takes it whole. `Write` is
//!   when its first bytes arrive.
//! - Cut a TLS record: TLS reports only that it was cut. `FlipBit` spoils its tag instead.

mod content;
mod file;
mod format;
mod player;
mod rule;
mod script;
mod seeded;
mod turn;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use player::{Player, Wire as _};
use script::Script;

pub(crate) use content::{Content, seal};
pub use rule::{Fault, FaultPhase, FaultRule, FaultRuleBuilder, FaultRuleError, Match};
pub(crate) use turn::{Requests, Turn};

/// Faults that are remembered; older ones go.
const REMEMBERED: usize = 16 * 1024;

/// The faults of one sandbox; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Ledger>>);

#[derive(Debug, Default)]
struct Ledger {
    rules: Vec<Pending>,
    requests: u64,
    log: VecDeque<InjectedFault>,
}

#[derive(Debug)]
struct Pending {
    rule: FaultRule,
    applied: u32,
}

/// A fault that was applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InjectedFault {
    connection: u64,
    request: Option<u64>,
    rule: FaultRule,
}

impl InjectedFault {
    /// On which connection, counted from 1.
    #[must_use]
    pub const fn connection(&self) -> u64 {
        self.connection
    }

    /// On which request, counted from 1; `None` if it hit the connection.
    #[must_use]
    pub const fn request(&self) -> Option<u64> {
        self.request
    }

    /// The rule that does this and nothing else.
    #[must_use]
    pub const fn rule(&self) -> &FaultRule {
        &self.rule
    }
}

impl Faults {
    /// Adds a rule behind those that there are.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] if its phase has no such fault, or if it is too much of one.
    pub fn add(&self, rule: FaultRule) -> Result<(), FaultRuleError> {
        self.add_all(vec![rule])
    }

    /// Adds rules that are written as a JSON list, all of them or none.
    ///
    /// Each is an object with `phase` and `fault`, written as above, and if need be `on` (`"any"`, or
    /// one of `{"connection": 3}`, `{"request": 2}`, `{"token_id": "…"}`), `times` and `seed`.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] with the number of the first rule that is misspelt or can't be.
    pub fn add_json(&self, text: &str) -> Result<(), FaultRuleError> {
        self.add_all(format::read(text)?)
    }

    /// Adds the rules of a file that holds what [`add_json`](Self::add_json) takes, all of them or
    /// none.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] with the file's path, if it can't be read, is longer than 4 MiB, or has a rule
    /// that `add_json` would refuse.
    pub fn add_json_file(&self, path: impl AsRef<Path>) -> Result<(), FaultRuleError> {
        let path = path.as_ref();
        let text = file::read(path).map_err(|(what, cause)| FaultRuleError::Unreadable {
            path: path.to_owned(),
            what,
            cause,
        })?;
        self.add_json(&text)
            .map_err(|problem| FaultRuleError::InFile {
                path: path.to_owned(),
                problem: Box::new(problem),
            })
    }

    /// Removes all rules; what was applied stays in the log.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// What was done so far, oldest first: the last 16 384.
    #[must_use]
    pub fn log(&self) -> Vec<InjectedFault> {
        self.lock().log.iter().cloned().collect()
    }

    /// The log as rules for [`add_json`](Self::add_json).
    #[must_use]
    pub fn log_json(&self) -> String {
        format::write(self.lock().log.iter().map(InjectedFault::rule))
    }

    fn add_all(&self, rules: Vec<FaultRule>) -> Result<(), FaultRuleError> {
        if let Some(rule) = rules.iter().find(|rule| !rule.fault.occurs_in(rule.phase)) {
            let (fault, phase) = (rule.fault, rule.phase);
            return Err(FaultRuleError::Nowhere { fault, phase });
        }
        if let Some(rule) = rules.iter().find(|rule| !rule.fault.is_bearable()) {
            return Err(FaultRuleError::TooMuch { fault: rule.fault });
        }
        let pending = rules.into_iter().map(|rule| Pending { rule, applied: 0 });
        self.lock().rules.extend(pending);
        Ok(())
    }

    /// A connection was accepted; returns what breaks it before its first request.
    fn connection(&self, connection: u64) -> Option<FaultRule> {
        self.lock().apply(connection, None, |rule| {
            rule.is_about_connecting() && rule.fits(connection, None, None)
        })
    }

    /// A request begins; returns what breaks it or its response.
    fn request(&self, connection: u64, token_id: Option<&str>) -> Option<FaultRule> {
        let mut ledger = self.lock();
        ledger.requests += 1;
        let request = Some(ledger.requests);
        ledger.apply(connection, request, |rule| {
            !rule.is_about_connecting() && rule.fits(connection, request, token_id)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn apply(
        &mut self,
        connection: u64,
        request: Option<u64>,
        fits: impl Fn(&FaultRule) -> bool,
    ) -> Option<FaultRule> {
        let mut pending = self.rules.iter_mut();
        let pending =
            pending.find(|pending| pending.applied < pending.rule.times && fits(&pending.rule))?;
        let seed = pending.rule.seed.wrapping_add(u64::from(pending.applied));
        pending.applied += 1;
        let rule = FaultRule {
            on: request.map_or(Match::Connection(connection), Match::Request),
            times: 1,
            seed,
            ..pending.rule.clone()
        };
        if self.log.len() >= REMEMBERED {
            self.log.pop_front();
        }
        self.log.push_back(InjectedFault {
            connection,
            request,
            rule: rule.clone(),
        });
        Some(rule)
    }
}

impl FaultRule {
    const fn is_about_connecting(&self) -> bool {
        matches!(self.phase, FaultPhase::Connect | FaultPhase::Tls)
    }

    fn is_about_content(&self) -> bool {
        matches!(self.phase, FaultPhase::Decrypt | FaultPhase::Parse)
            || self.fault == Fault::Unencrypted
    }

    fn fits(&self, connection: u64, request: Option<u64>, token_id: Option<&str>) -> bool {
        match &self.on {
            Match::Any => true,
            Match::Connection(nth) => *nth == connection,
            Match::Request(nth) => Some(*nth) == request,
            Match::TokenId(id) => Some(id.as_str()) == token_id,
        }
    }
}

/// A connection that was accepted, with whatever will break it.
pub(crate) struct Accepted {
    socket: TcpStream,
    rule: Option<FaultRule>,
    pub(crate) turn: Turn,
}

/// Whose certificate is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Identity {
    Elsewhere,
    Own,
}

impl Accepted {
    /// Takes a connection over, the nth of its sandbox.
    pub(crate) fn new(faults: &Faults, socket: TcpStream, connection: u64) -> Self {
        Self {
            socket,
            rule: faults.connection(connection),
            turn: Turn::new(faults.clone(), connection),
        }
    }

    /// Does what comes before the handshake, and prepares what comes in it; none if that was all.
    pub(crate) async fn connect(self) -> Option<(Player<TcpStream>, Identity)> {
        let Self { socket, rule, .. } = self;
        let Some(FaultRule {
            phase, fault, seed, ..
        }) = rule
        else {
            return Some((Player::new(socket), Identity::Own));
        };
        if phase == FaultPhase::Connect {
            let socket = before_the_handshake(socket, fault).await?;
            return Some((Player::new(socket), Identity::Own));
        }
        let mut player = Player::new(socket);
        if fault == Fault::WrongIdentity {
            return Some((player, Identity::Elsewhere));
        }
        player.arm(Script::Handshake { fault, seed });
        Some((player, Identity::Own))
    }
}

async fn before_the_handshake(mut socket: TcpStream, fault: Fault) -> Option<TcpStream> {
    if let Fault::Delay(time) = fault {
        sleep(time).await;
        return Some(socket);
    }
    if fault == Fault::Reset {
        socket.reset();
        return None;
    }
    if fault == Fault::Close {
        // Whatever it comes to, the other side gives up.
        let _ = socket.shutdown().await;
    }
    // A socket that is let go with something unread in it ends by RST, whatever was meant.
    gone(&mut socket).await;
    None
}

/// Reads on until the other side gives up.
async fn gone(socket: &mut (impl AsyncRead + Unpin)) {
    let mut unread = [0; 1024];
    while socket
        .read(&mut unread)
        .await
        .is_ok_and(|length| length > 0)
    {}
}
