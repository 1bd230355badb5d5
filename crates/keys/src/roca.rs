//! Detects RSA keys that can be factored because of how a chip chose their primes (CVE-2017-15361).
//!
//! Such a prime is k * M + (65537^a mod M), where M is the product of the first primes; so modulo each
//! of these, the modulus is a power of 65537, too (Nemec and others, "The Return of Coppersmith's
//! Attack", CCS 2017).

/// The first primes that say something, as many as the authors' own detector looks at. Others pass as
/// such a key once in some 2^28.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus, in big-endian bytes, was made by such a chip.
pub(crate) fn can_be_factored(modulus: &[u8]) -> bool {
    let is_power = |prime| is_power_of_65537(remainder(modulus, prime), prime);
    PRIMES.into_iter().all(is_power)
}

fn remainder(modulus: &[u8], prime: u32) -> u32 {
    modulus
        .iter()
        .fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime)
}

fn is_power_of_65537(rest: u32, prime: u32) -> bool {
    let powers = std::iter::successors(Some(1), |power| Some(power * (65_537 % prime) % prime));
    // They come again from there on.
    powers.take(167).any(|power| power == rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_the_generator_are_told_from_other_numbers() {
        // Modulo 11, 65537 is 10, whose powers are 1 and 10. Modulo 7 its powers are all residues.
        let powers = |prime| (0..prime).filter(move |rest| is_power_of_65537(*rest, prime));
        assert!(powers(11).eq([1, 10]));
        assert!(powers(7).eq(1..7));
        assert_eq!(powers(167).count(), 166);
    }

    #[test]
    fn a_remainder_is_that_of_the_whole_number() {
        assert_eq!(remainder(&[], 7), 0);
        assert_eq!(remainder(&[1, 0], 7), 256 % 7);
        assert_eq!(remainder(&[1, 2, 3, 4], 167), 0x0102_0304 % 167);
    }
}
