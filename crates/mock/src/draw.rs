//! Pseudo-random numbers that repeat with their seed.

/// The number at a place of the sequence that a seed begins: `SplitMix64` (Steele, Lea and Flood, 2014). A place of
/// its own for each call keeps the numbers the same, whatever runs at the same time.
pub(crate) fn draw(seed: u64, at: u64) -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let steps = at.wrapping_add(1).wrapping_mul(STEP);
    let mut state = seed.wrapping_add(steps);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_published_ones() {
        // The first outputs for the seed 1234567, as published with many implementations.
        let drawn = [0, 1, 2].map(|at| draw(1_234_567, at));
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
