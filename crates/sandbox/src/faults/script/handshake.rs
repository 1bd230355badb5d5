use crate::faults::rule::Fault;
use crate::faults::seeded::Seeded;
use crate::faults::step::Step;

use super::bytes::{broken, garbage};

/// The fatal alert `protocol_version` of RFC 8446 §6, in a record of TLS 1.0.
const PROTOCOL_VERSION: [u8; 7] = [0x15, 3, 1, 0, 2, 2, 70];

/// The head of a handshake record that announces 65 535 bytes; at most 16 KiB and 256 are allowed.
const TOO_LONG: [u8; 5] = [0x16, 3, 3, 0xFF, 0xFF];

/// The steps that replace the server's first flight.
pub(super) fn steps(fault: Fault, seeded: &mut Seeded, flight: &[u8]) -> Vec<Step> {
    if let Some(steps) = broken(fault, seeded, flight) {
        return steps;
    }
    let sent = match fault {
        Fault::OldVersion => PROTOCOL_VERSION.to_vec(),
        Fault::Oversize => [TOO_LONG.as_slice(), flight].concat(),
        Fault::Garbage => garbage(seeded),
        Fault::FlipBit => flipped(seeded, flight),
        _ => flight.to_vec(),
    };
    vec![Step::Write(sent)]
}

/// Spoils the tag of the last record, which has sixteen bytes in all suites of TLS 1.3. A spoilt length
/// would make the reader wait for bytes that never come, so only the tag is touched.
pub(super) fn flipped(seeded: &mut Seeded, records: &[u8]) -> Vec<u8> {
    let mut records = records.to_vec();
    let tag = records.len().saturating_sub(16);
    if let Some(tag) = records.get_mut(tag..) {
        seeded.flip(tag);
    }
    records
}
