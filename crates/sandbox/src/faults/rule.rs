use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use crate::masking::shown;

/// What to break, where, and how often.
///
/// ```
/// use payment_credentials_sandbox::faults::{Fault, Match, FaultPhase, FaultRule};
///
/// let rule = FaultRule::at(FaultPhase::Headers).on(Match::Request(2)).fault(Fault::Reset).times(3);
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

/// A rule that lacks its fault.
#[derive(Clone, Debug)]
#[must_use = "it is no rule until it has a fault"]
pub struct FaultRuleBuilder {
    phase: FaultPhase,
    on: Match,
}

impl FaultRule {
    /// Starts a rule, which holds for anything until [`on`](FaultRuleBuilder::on) says for what.
    pub fn at(phase: FaultPhase) -> FaultRuleBuilder {
        let on = Match::Any;
        FaultRuleBuilder { phase, on }
    }

    /// Applies it this often; once by default, and `u32::MAX` for always.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// Seeds what the fault chooses: which byte, which bit. 0 by default, one more each time.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Where it breaks things.
    #[must_use]
    pub const fn phase(&self) -> FaultPhase {
        self.phase
    }

    /// How it breaks them.
    #[must_use]
    pub const fn what(&self) -> Fault {
        self.fault
    }

    /// The seed that it chooses by.
    #[must_use]
    pub const fn chosen_by(&self) -> u64 {
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
    /// Says for which connection or request the rule is.
    pub fn on(self, on: Match) -> Self {
        Self { on, ..self }
    }

    /// Says what happens there.
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

/// Where a call is when it breaks; the client's view, in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum FaultPhase {
    /// The connection is there, and nothing was read from it.
    Connect,
    /// The handshake: the client's hello was read.
    Tls,
    /// The first bytes of a request arrived. It isn't acted upon unless the fault lets it pass.
    Write,
    /// The request was acted upon; the head of its response is due.
    Headers,
    /// The head is out; the body is due.
    Body,
    /// The JWE, in a response that is sound.
    Decrypt,
    /// The plaintext, in a JWE that is sound.
    Parse,
}

/// Which connection or request a rule is for; numbers count from 1 since the sandbox started.
#[derive(Clone, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Match {
    /// Any.
    #[default]
    Any,
    /// The nth connection, and every request on it.
    Connection(u64),
    /// The nth request, whether it was acted upon or not; never met while connecting.
    Request(u64),
    /// Requests for this token id; never met while connecting.
    TokenId(String),
}

impl Match {
    /// The nth connection.
    #[must_use]
    pub const fn nth_connection(nth: u64) -> Self {
        Self::Connection(nth)
    }

    /// The nth request.
    #[must_use]
    pub const fn nth_request(nth: u64) -> Self {
        Self::Request(nth)
    }

    /// Requests for a token id.
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

/// What happens. The [module](super) says which fault there is in which phase.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Ends the connection as TLS and TCP want it: `close_notify`, FIN; and reads on until the other
    /// side has ended it too.
    Close,
    /// Says two things at once: two lengths, two framings, a member twice.
    Contradiction,
    /// Cuts what is due at a byte that the seed chooses, and closes.
    Cut,
    /// Cuts what is due after so many bytes, and closes.
    CutAt(usize),
    /// Waits before it goes on, and changes nothing.
    Delay(Duration),
    /// Answers with this status before the request was read, and closes.
    EarlyResponse(u16),
    /// Says success over a list of errors.
    ErrorBody,
    /// Flips a bit: of a TLS record's tag, or of one of the JWE's parts.
    FlipBit,
    /// Sends what means nothing.
    Garbage,
    /// Sends so many `103 Early Hints` before the response, 100 000 at most.
    Informational(u32),
    /// Speaks what was given up: TLS 1.1, HTTP/0.9, gzip, `RSA1_5`. In [`FaultPhase::Parse`] a member of
    /// another version, which a client has to bear.
    OldVersion,
    /// Sends each byte by itself; in [`FaultPhase::Write`], reads so.
    OneByteSegments,
    /// Sends more than a client should take.
    Oversize,
    /// Points elsewhere, with 307.
    Redirect,
    /// Ends the connection by RST.
    Reset,
    /// Sends bytes that nobody asked for after the response: another response, or a longer body.
    SecondResponse,
    /// Sends nothing more, and keeps the connection.
    Silence,
    /// Answers with this status: with the vendor's error shape in [`FaultPhase::Headers`], with a web page
    /// in [`FaultPhase::Body`].
    Status(u16),
    /// Sends one byte at a time, this far apart; in [`FaultPhase::Write`], reads so.
    Trickle(Duration),
    /// Answers with the credentials in the clear.
    Unencrypted,
    /// Is somebody else: a trusted certificate for another host, a JWE for a key id of nobody's.
    WrongIdentity,
    /// Seals for another key under the merchant's key id.
    WrongKey,
}

/// Far more informational responses than any client should read. The sandbox holds all in memory.
const MOST_INFORMATIONAL: u32 = 100_000;

impl Fault {
    /// Whether the sandbox itself can bear it.
    pub(super) const fn is_bearable(self) -> bool {
        !matches!(self, Self::Informational(count) if count > MOST_INFORMATIONAL)
    }

    /// The status that a client sees of a response with this one; none if it sees no response.
    pub(crate) const fn status(self, sound: u16) -> Option<u16> {
        if let Self::Status(status) = self {
            return Some(status);
        }
        let is_gone = matches!(self, Self::Close | Self::Reset | Self::Silence);
        if is_gone { None } else { Some(sound) }
    }

    /// Whether there is such a fault in that phase.
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

/// Why a rule was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultRuleError {
    /// The phase has no such fault.
    #[error("the fault {fault:?} does not occur in the phase {phase:?}")]
    Nowhere {
        /// The fault.
        fault: Fault,
        /// The phase.
        phase: FaultPhase,
    },
    /// It is more than the sandbox can do.
    #[error("the fault {fault:?} is too much; ask for {MOST_INFORMATIONAL} at most")]
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
        /// What is the matter with it, and what to do.
        what: &'static str,
        /// What the operating system says.
        #[source]
        cause: Option<io::Error>,
    },
    /// A rule of a file was not taken.
    #[error("the file {} of fault rules: {problem}", path.display())]
    #[non_exhaustive]
    InFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: Box<Self>,
    },
    /// The text isn't a list of rules.
    #[error("rule {nth}: {rule}")]
    #[non_exhaustive]
    Format {
        /// Which rule, counted from 1; 0 for the text as a whole.
        nth: usize,
        /// What it has to be.
        rule: &'static str,
    },
}
