//! Rules that break connections, responses and their content.
//!
//! A [`FaultRule`] says where something breaks ([`FaultPhase`]), for which connections or requests
//! ([`Match`]), how ([`Fault`]) and how often. Rules are added to a running sandbox, by
//! [`Faults::add`], as JSON or from a file, and apply from the next connection or request on. At most
//! one rule is applied to each connection (in the phases `Connect` and `Tls`), and one to each request.
//! If several rules match, the one that was added first is applied.
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
//! assert!(sandbox.faults().log().is_empty(), "no calls were made");
//! # Ok(())
//! # }
//! ```
//!
//! # Which fault occurs in which phase
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
//! In `decrypt` and `parse`, and by `Unencrypted`, only a response that holds credentials can be
//! broken. Any other response passes, and the rule counts as applied.
//!
//! # Token ids that break without a rule
//!
//! For some token ids of the [vault](crate::vault) the sandbox has rules of its own. Such a rule is
//! applied to each request that passes all checks. It isn't logged, and [`Faults::clear`] doesn't
//! remove it. A rule that you add breaks what remains of the response.
//!
//! # Rules in a file
//!
//! [`Faults::add_json_file`] reads the same list from a file, so that other faults need no new
//! compilation of a test:
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
//! # Repeating a run
//!
//! [`Faults::log`] lists the faults that were applied, and [`Faults::log_json`] writes them as rules
//! that name each connection and request by its number. If a new sandbox has these rules from its
//! start, and a client makes the same calls in the same order, the sandbox breaks the same things at
//! the same bytes. Random values differ: cryptograms, keys, ids and certificates. The lengths of
//! certificates differ by a few bytes, and so does a seeded cut in a handshake. A time is written in
//! whole milliseconds, rounded up as timers do.
//!
//! # What it cannot do
//!
//! - Refuse a connection: the operating system accepts it before the sandbox does. `Reset` in `Connect`
//!   comes closest; clients see it in their handshake.
//! - Break a write halfway: a request is one small write, which the socket accepts as a whole. `Write`
//!   is the time at which its first bytes arrive.
//! - Cut a TLS record: TLS reports only that the record was cut. `FlipBit` spoils its tag instead.

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
