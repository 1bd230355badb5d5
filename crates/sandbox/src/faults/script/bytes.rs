//! Faults that don't depend on what the bytes mean.

use crate::faults::rule::Fault;
use crate::faults::seeded::Seeded;
use crate::faults::step::Step;

/// The steps that replace sending these bytes; none if the fault depends on what they mean.
pub(super) fn broken(fault: Fault, seeded: &mut Seeded, due: &[u8]) -> Option<Vec<Step>> {
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

/// Meaningless bytes: neither a TLS record nor HTTP begins like this.
pub(super) fn garbage(seeded: &mut Seeded) -> Vec<u8> {
    (0..64).map(|_| seeded.byte() | 0x80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_no_text_and_another_with_another_seed() {
        let of_seed = |seed| garbage(&mut Seeded::new(seed));
        assert_eq!(of_seed(1), of_seed(1));
        assert_ne!(of_seed(1), of_seed(2));
        assert!(of_seed(1).iter().all(|byte| !byte.is_ascii()));
    }
}
