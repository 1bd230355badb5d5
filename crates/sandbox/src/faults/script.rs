//! What is sent in place of a sound handshake, or of a sound response.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "`Fault::occurs_in` says which faults get here; that each then changes something is a test"
)]

mod answer;
mod handshake;

use tokio::time::Duration;

use super::player::Step;
use super::rule::{Fault, FaultPhase};
use super::seeded::Seeded;

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

impl Script {
    /// What to do in place of writing this; none as long as it isn't whole.
    pub(super) fn steps(self, written: &[u8]) -> Option<Vec<Step>> {
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
    let body = answer::errors(status);
    let length = body.len();
    format!("HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// A list of errors under a success.
pub(super) fn errors_of_success() -> String {
    answer::errors(201)
}

/// What the same faults do to any bytes; none if it takes to know what they mean.
fn common(fault: Fault, seeded: &mut Seeded, due: &[u8]) -> Option<Vec<Step>> {
    let cut = |at: usize| {
        let kept = due.get(..at).unwrap_or(due);
        vec![Step::Write(kept.to_vec()), Step::Close]
    };
    Some(match fault {
        Fault::Reset => vec![Step::Reset],
        Fault::Close => vec![Step::Close],
        Fault::Silence => vec![Step::Hang],
        Fault::Delay(time) => vec![Step::Pause(time), Step::Write(due.to_vec())],
        Fault::Cut => cut(seeded.within(1, due.len())),
        Fault::CutAt(at) => cut(at),
        Fault::OneByteSegments => one_by_one(due).collect(),
        Fault::Trickle(apart) => one_by_one(due)
            .flat_map(|byte| [byte, Step::Pause(apart)])
            .collect(),
        _ => return None,
    })
}

fn one_by_one(bytes: &[u8]) -> impl Iterator<Item = Step> {
    bytes.iter().map(|byte| Step::Write(vec![*byte]))
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

/// Bytes that mean nothing: no TLS record and no HTTP begins like this.
fn garbage(seeded: &mut Seeded) -> Vec<u8> {
    (0..64).map(|_| seeded.byte() | 0x80).collect()
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

    #[test]
    fn garbage_is_no_text_and_another_with_another_seed() {
        let of_seed = |seed| garbage(&mut Seeded::new(seed));
        assert_eq!(of_seed(1), of_seed(1));
        assert_ne!(of_seed(1), of_seed(2));
        assert!(of_seed(1).iter().all(|byte| !byte.is_ascii()));
    }
}
