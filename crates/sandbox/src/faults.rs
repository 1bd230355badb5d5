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
//! # Token ids that break without a rule
//!
//! Some rows of the [vault](crate::vault) break their response in the same way, by a rule of the
//! sandbox's own. Such a rule applies to each request that passes all checks; it isn't logged, and
//! [`Faults::clear`] leaves it in place. A rule that you add breaks what it leaves of the response.
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

mod accepted;
mod content;
mod error_body;
mod file;
mod format;
mod ledger;
mod player;
mod rule;
mod script;
mod seeded;
mod step;
mod turn;

pub use ledger::{Faults, InjectedFault};
pub use rule::{Fault, FaultPhase, FaultRule, FaultRuleBuilder, FaultRuleError, Match};

pub(crate) use accepted::{Accepted, Identity};
pub(crate) use content::{Content, seal};
pub(crate) use turn::{Requests, Turn};
