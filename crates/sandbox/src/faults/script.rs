//! What is sent in place of a sound handshake or a sound response.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "`Fault::occurs_in` lists the faults that get here; a test checks that each changes something"
)]

mod bytes;
mod handshake;
mod response;

use tokio::time::Duration;

use super::error_body::errors;
use super::rule::{Fault, FaultPhase, FaultRule};
use super::seeded::Seeded;
use super::step::Step;

use response::Response;

/// How the next bytes are broken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    /// Breaks the server's first flight.
    Handshake { fault: Fault, seed: u64 },
    /// Breaks a response, from its head or from its body on.
    Response {
        phase: FaultPhase,
        fault: Fault,
        seed: u64,
    },
    /// Breaks one TLS record.
    Record { seed: u64 },
}

/// The steps that replace writing these bytes; none as long as the bytes aren't complete.
///
/// Each script breaks the bytes that the one before it would write. Once a script has ended the
/// connection or changed the pace, the rest have nothing to break.
pub(super) fn steps(scripts: &[Script], written: &[u8]) -> Option<Vec<Step>> {
    let mut steps = vec![Step::Write(written.to_vec())];
    for script in scripts {
        let [Step::Write(bytes)] = steps.as_slice() else {
            break;
        };
        steps = script.steps(bytes)?;
    }
    Some(steps)
}

impl Script {
    pub(super) const fn of_response(rule: &FaultRule) -> Self {
        Self::Response {
            phase: rule.phase,
            fault: rule.fault,
            seed: rule.seed,
        }
    }

    fn steps(self, written: &[u8]) -> Option<Vec<Step>> {
        if written.is_empty() {
            return None;
        }
        match self {
            Self::Handshake { fault, seed } => {
                Some(handshake::steps(fault, &mut Seeded::new(seed), written))
            }
            Self::Response { phase, fault, seed } => {
                let response = Response::whole(written)?;
                Some(response.steps(phase, fault, &mut Seeded::new(seed)))
            }
            Self::Record { seed } => Some(vec![Step::Write(handshake::flipped(
                &mut Seeded::new(seed),
                written,
            ))]),
        }
    }
}

/// A response that is sent before the request was read.
pub(super) fn early_response(status: u16) -> Vec<u8> {
    let body = errors(status);
    let length = body.len();
    format!("HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The steps that precede reading the rest of a request, unless they end the connection.
pub(super) fn before_reading(fault: Fault) -> Vec<Step> {
    match fault {
        Fault::Reset => vec![Step::Reset],
        Fault::Close => vec![Step::Close],
        Fault::Silence => vec![Step::Hang],
        Fault::Delay(time) => vec![Step::Pause(time)],
        Fault::EarlyResponse(status) => vec![Step::Write(early_response(status)), Step::Close],
        _ => Vec::new(),
    }
}

/// The pause before each byte that is read; none if the request is read at once.
pub(super) const fn reading_pace(fault: Fault) -> Option<Duration> {
    match fault {
        Fault::OneByteSegments => Some(Duration::ZERO),
        Fault::Trickle(apart) => Some(apart),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 4\r\n\r\na.b.";

    /// All faults of bytes; those of the content are in `content.rs`.
    fn faults() -> Vec<Fault> {
        let time = Duration::from_secs(1);
        vec![
            Fault::Close,
            Fault::Contradiction,
            Fault::Cut,
            Fault::CutAt(1),
            Fault::Delay(time),
            Fault::EarlyResponse(401),
            Fault::ErrorBody,
            Fault::FlipBit,
            Fault::Garbage,
            Fault::Informational(1),
            Fault::OldVersion,
            Fault::OneByteSegments,
            Fault::Oversize,
            Fault::Redirect,
            Fault::Reset,
            Fault::SecondResponse,
            Fault::Silence,
            Fault::Status(503),
            Fault::Trickle(time),
        ]
    }

    #[test]
    fn every_fault_does_something_wherever_it_occurs() {
        for fault in faults() {
            let seed = 1;
            for phase in [FaultPhase::Headers, FaultPhase::Body] {
                if fault.occurs_in(phase) {
                    let script = Script::Response { phase, fault, seed };
                    let steps = script.steps(SOUND).unwrap();
                    assert_ne!(steps, [Step::Write(SOUND.to_vec())], "{phase:?} {fault:?}");
                }
            }
            if fault.occurs_in(FaultPhase::Tls) {
                let steps = Script::Handshake { fault, seed }.steps(SOUND).unwrap();
                assert_ne!(steps, [Step::Write(SOUND.to_vec())], "{fault:?}");
            }
            if fault.occurs_in(FaultPhase::Write) {
                let is_slow = reading_pace(fault).is_some();
                assert!(is_slow || !before_reading(fault).is_empty(), "{fault:?}");
            }
        }
    }
}
