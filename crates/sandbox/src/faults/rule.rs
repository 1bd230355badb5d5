use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use crate::masking::shown;

/// A rule: what to break, where, and how often.
///
/// ```
/// use payment_credentials_sandbox::faults::{Fault, FaultPhase, FaultRule, Match};
/// use payment_credentials_sandbox::vault;
///
/// let rule = FaultRule::at(FaultPhase::Headers);
/// let rule = rule.on(Match::token_id(vault::VISA)).fault(Fault::Reset).times(3);
/// assert_eq!(rule.phase(), FaultPhase::Headers);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FaultRule {
    pub(super) phase: FaultPhase,
    pub(super) on: Match,
    pub(super) fault: Fault,
    pub(super) times: u32,
    pub(super) seed: u64,
}

/// A rule that has no fault yet.
#[derive(Clone, Debug)]
#[must_use = "a rule is complete once it has a fault"]
pub struct FaultRuleBuilder {
    phase: FaultPhase,
    on: Match,
}

impl FaultRule {
    /// Starts a rule. It matches everything unless [`on`](FaultRuleBuilder::on) restricts it.
    pub fn at(phase: FaultPhase) -> FaultRuleBuilder {
        let on = Match::Any;
        FaultRuleBuilder { phase, on }
    }

    /// Sets how often the rule is applied: once by default, always with `u32::MAX`.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Sets the seed by which the fault chooses a byte or a bit: 0 by default.
    ///
    /// Each time the rule is applied, the seed grows by one.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The phase in which the rule is applied.
    #[must_use]
    pub const fn phase(&self) -> FaultPhase {
        self.phase
    }

    /// The fault.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// The seed by which the fault chooses.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }
}

impl FaultRule {
    pub(super) const fn is_about_connecting(&self) -> bool {
        matches!(self.phase, FaultPhase::Connect | FaultPhase::Tls)
    }

    pub(super) fn is_about_content(&self) -> bool {
        matches!(self.phase, FaultPhase::Decrypt | FaultPhase::Parse)
            || self.fault == Fault::Unencrypted
    }

    pub(super) fn fits(
        &self,
        connection: u64,
        request: Option<u64>,
        token_id: Option<&str>,
    ) -> bool {
        match &self.on {
            Match::Any => true,
            Match::Connection(nth) => *nth == connection,
            Match::Request(nth) => Some(*nth) == request,
            Match::TokenId(id) => Some(id.as_str()) == token_id,
        }
    }
}

impl FaultRuleBuilder {
    /// Restricts the rule to a connection, a request or a token id.
    pub fn on(self, on: Match) -> Self {
        Self { on, ..self }
    }

    /// Sets the fault, which completes the rule.
    #[must_use]
    pub fn fault(self, fault: Fault) -> FaultRule {
        let Self { phase, on } = self;
        FaultRule {
            phase,
            on,
            fault,
            times: 1,
            seed: 0,
        }
    }
}

/// The phase of a call, as the client sees it; in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultPhase {
    /// The connection was accepted, and nothing was read from it.
    Connect,
    /// The TLS handshake: the client's hello was read.
    Tls,
    /// The first bytes of a request arrived. The sandbox acts on the request only if the fault lets it pass.
    Write,
    /// The sandbox acted on the request, and is about to send the head of the response.
    Headers,
    /// The head was sent, and the body is about to be.
    Body,
    /// The JWE in a sound response.
    Decrypt,
    /// The plaintext in a sound JWE.
    Parse,
}

/// The connections or requests that a rule applies to. Numbers count from 1 since the sandbox started.
#[derive(Clone, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Match {
    /// Every connection and every request.
    #[default]
    Any,
    /// The connection with this number, and every request on it.
    Connection(u64),
    /// The request with this number, also if the sandbox doesn't act on it. Never matches while connecting.
    /// Only one request has the number, so such a rule applies once, whatever `times` says.
    Request(u64),
    /// Requests for this token id. Never matches while connecting.
    TokenId(String),
}

impl Match {
    /// Matches the connection with this number.
    #[must_use]
    pub const fn nth_connection(nth: u64) -> Self {
        Self::Connection(nth)
    }

    /// Matches the request with this number.
    #[must_use]
    pub const fn nth_request(nth: u64) -> Self {
        Self::Request(nth)
    }

    /// Matches requests for a token id.
    #[must_use]
    pub fn token_id(id: impl Into<String>) -> Self {
        Self::TokenId(id.into())
    }
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::Connection(nth) => f.debug_tuple("Connection").field(nth).finish(),
            Self::Request(nth) => f.debug_tuple("Request").field(nth).finish(),
            Self::TokenId(id) => f.debug_tuple("TokenId").field(&shown(id)).finish(),
        }
    }
}

/// What goes wrong. The [module](super) lists the phases in which each fault occurs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Closes the connection as TLS and TCP prescribe, with `close_notify` and FIN, and reads until the
    /// client has closed it too.
    Close,
    /// Sends two things that contradict each other: two lengths, two framings, a member twice.
    Contradiction,
    /// Sends only the bytes before one that the seed chooses, and closes.
    Cut,
    /// Sends only this many bytes, and closes.
    CutAt(usize),
    /// Waits this long, and changes nothing.
    Delay(Duration),
    /// Sends a response with this status before the request was read, and closes.
    EarlyResponse(u16),
    /// Sends a list of errors under a success status.
    ErrorBody,
    /// Flips a bit in the tag of a TLS record, or in a part of the JWE.
    FlipBit,
    /// Sends meaningless bytes.
    Garbage,
    /// Sends this many `103 Early Hints` before the response, at most 100 000.
    Informational(u32),
    /// Uses what is obsolete or wasn't asked for: TLS 1.1, HTTP/0.9, gzip, `RSA1_5`. In
    /// [`FaultPhase::Parse`], adds a member of another version, which a client has to accept.
    OldVersion,
    /// Sends each byte by itself; in [`FaultPhase::Write`], reads each byte by itself.
    OneByteSegments,
    /// Sends more than a client should accept.
    Oversize,
    /// Redirects to another host, with 307.
    Redirect,
    /// Ends the connection by RST.
    Reset,
    /// Sends unexpected bytes after the response: another response, or more body than announced.
    SecondResponse,
    /// Sends nothing more, and keeps the connection open.
    Silence,
    /// Sends a response with this status: in [`FaultPhase::Headers`] with a body in the vendor's error
    /// format, in [`FaultPhase::Body`] with a web page.
    Status(u16),
    /// Sends one byte at a time, with this pause between two; in [`FaultPhase::Write`], reads in this way.
    Trickle(Duration),
    /// Sends the credentials in the clear.
    Unencrypted,
    /// Uses another identity: a trusted certificate for another host, or a JWE for a key that nobody has.
    WrongIdentity,
    /// Seals for another key, under the merchant's key id.
    WrongKey,
}

/// Far more informational responses than any client should read; the sandbox holds all of them in memory.
const MOST_INFORMATIONAL: u32 = 100_000;

impl Fault {
    /// Whether the fault is within the sandbox's own limits.
    pub(super) const fn is_bearable(self) -> bool {
        !matches!(self, Self::Informational(count) if count > MOST_INFORMATIONAL)
    }

    /// The status that a client receives instead of this one; none if it receives no response.
    pub(crate) const fn status(self, sound: u16) -> Option<u16> {
        if let Self::Status(status) = self {
            return Some(status);
        }
        let is_gone = matches!(self, Self::Close | Self::Reset | Self::Silence);
        if is_gone { None } else { Some(sound) }
    }

    /// Whether the fault occurs in that phase.
    #[must_use]
    pub const fn occurs_in(self, phase: FaultPhase) -> bool {
        use FaultPhase::{Body, Connect, Decrypt, Headers, Parse, Tls, Write};
        match self {
            Self::Close | Self::Reset | Self::Silence | Self::Delay(_) => {
                matches!(phase, Connect | Tls | Write | Headers | Body)
            }
            Self::Trickle(_) | Self::OneByteSegments => {
                matches!(phase, Tls | Write | Headers | Body)
            }
            Self::Cut | Self::CutAt(_) | Self::Garbage | Self::Oversize | Self::OldVersion => {
                matches!(phase, Tls | Headers | Body | Decrypt | Parse)
            }
            Self::Contradiction => matches!(phase, Headers | Body | Decrypt | Parse),
            Self::FlipBit => matches!(phase, Tls | Body | Decrypt),
            Self::SecondResponse | Self::Status(_) => matches!(phase, Headers | Body),
            Self::ErrorBody => matches!(phase, Body | Parse),
            Self::WrongIdentity => matches!(phase, Tls | Decrypt),
            Self::WrongKey => matches!(phase, Decrypt),
            Self::EarlyResponse(_) => matches!(phase, Write),
            Self::Informational(_) | Self::Redirect => matches!(phase, Headers),
            Self::Unencrypted => matches!(phase, Body),
        }
    }
}

/// What a text of rules is wrong in: the text as a whole, or one rule.
fn subject(nth: usize) -> String {
    match nth {
        0 => "the text".to_owned(),
        nth => format!("rule {nth}:"),
    }
}

/// Why a rule was rejected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultRuleError {
    /// The fault doesn't occur in the phase.
    #[error("the fault {fault:?} does not occur in the phase {phase:?}")]
    Nowhere {
        /// The fault.
        fault: Fault,
        /// The phase.
        phase: FaultPhase,
    },
    /// The fault exceeds a limit of the sandbox.
    #[error(
        "the fault {fault:?} has too many informational responses; ask for {MOST_INFORMATIONAL} at most"
    )]
    TooMuch {
        /// The fault.
        fault: Fault,
    },
    /// A file of rules can't be read.
    #[error("the file {} of fault rules {what}", path.display())]
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with the file, and what to do.
        what: &'static str,
        /// The operating system's error.
        #[source]
        cause: Option<io::Error>,
    },
    /// A rule in a file was rejected.
    #[error("the file {} of fault rules: {problem}", path.display())]
    #[non_exhaustive]
    InFile {
        /// The file.
        path: PathBuf,
        /// Why the rule was rejected.
        problem: Box<Self>,
    },
    /// The text isn't a list of rules, or a rule can't be read.
    #[error("{} {rule}", subject(*nth))]
    #[non_exhaustive]
    Format {
        /// The number of the rule, counted from 1; 0 for the text as a whole.
        nth: usize,
        /// The demand that it doesn't meet.
        rule: &'static str,
    },
}
