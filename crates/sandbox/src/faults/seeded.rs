//! Choices that depend on a seed alone, so that a run can be repeated.

/// Sebastiano Vigna's `SplitMix64`, which is in the public domain: small, and random enough to pick
/// a byte.
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number that is at least `least` and below `end`; `least` if there is no such number.
    pub(super) fn within(&mut self, least: usize, end: usize) -> usize {
        let room = u64::try_from(end.saturating_sub(least)).unwrap_or(u64::MAX);
        let chosen = self.next().checked_rem(room).unwrap_or(0);
        least.saturating_add(usize::try_from(chosen).unwrap_or(0))
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// Flips one bit of one of these bytes.
    pub(super) fn flip(&mut self, bytes: &mut [u8]) {
        let at = self.within(0, bytes.len());
        let mask = 1 << self.within(0, 8);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= mask;
        }
    }
}
