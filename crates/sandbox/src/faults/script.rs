//! What is sent in place of a sound handshake, or of a sound response.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "`Fault::occurs_in` says which faults get here; that each then changes something is a test"
)]

mod answer;
mod bytes;
mod handshake;

use tokio::time::Duration;

use super::error_body::errors;
use super::rule::{Fault, FaultPhase, FaultRule};
use super::seeded::Seeded;
use super::step::Step;

use answer::Answer;

/// How the next bytes are broken.
#[derive(Clone, Copy, Debug)]
pub(super) enum Script {
    /// The server's first flight.
    Handshake { fault: Fault, seed: u64 },
    /// A response, from its head or from its body on.
    Answer {
        phase: FaultPhase,
        fault: Fault,
        seed: u64,
    },
    /// One TLS record.
    Record { seed: u64 },
}

/// What to do in place of writing this; none as long as it isn't whole.
///
/// Each script breaks the bytes that the one before it would write. Where one has ended the connection,
/// or changed the pace, the rest have nothing to break.
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
        Self::Answer {
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
            Self::Answer { phase, fault, seed } => {
                let answer = Answer::whole(written)?;
                Some(answer.steps(phase, fault, &mut Seeded::new(seed)))
            }
            Self::Record { seed } => Some(vec![Step::Write(handshake::flipped(
                &mut Seeded::new(seed),
                written,
            ))]),
        }
    }
}

/// The response that comes too early, or to nothing at all.
pub(super) fn early_response(status: u16) -> Vec<u8> {
    let body = errors(status);
    let length = body.len();
    format!("HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// What is done before the request is read on; then it is, unless that ended the connection.
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

/// No time at all, or that much for each byte.
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

    /// All faults that bytes can have; those of content are made elsewhere.
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
                    let script = Script::Answer { phase, fault, seed };
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
