//! The limits of what a key file may ask for. They bound memory and time before any work is done.

use std::ops::RangeInclusive;

/// The most bytes of a file: a key file has 2 to 7 KB, a keystore some more.
pub(crate) const FILE_BYTES: usize = 1024 * 1024;

/// The most bytes of a salt.
pub(crate) const SALT_BYTES: usize = 64 * 1024;

/// How long the key of a PBMAC1 MAC may be, in bytes: RFC 9579 §9 forbids shorter ones, and each 64 bytes cost
/// all iterations again.
pub(crate) const MAC_KEY_BYTES: RangeInclusive<u32> = 20..=1024;

/// The bytes of a derived key for which its iterations are counted once: the length of the longest hash.
pub(crate) const COUNTED_BYTES: usize = 64;

/// The most iterations of key derivation for one key.
pub(crate) const ITERATIONS: u32 = 2_000_000;

/// The most iterations of key derivation for one file, over all of its keys and parts.
pub(crate) const ALL_ITERATIONS: u32 = 8_000_000;

/// The texts of the errors. A test compares them with the numbers.
pub(crate) const TOO_MANY_ITERATIONS: &str = "is not usable: it asks for 0 or over 2000000 iterations of key \
                                              derivation; make it again with fewer";
pub(crate) const LONG_SALT: &str =
    "is not usable: it has a salt of over 64 KiB; make it again with a short one";
pub(crate) const TOO_MUCH: &str = "is not usable: it asks for over 8000000 iterations of key derivation \
                                   altogether; make it again with fewer";
pub(crate) const MAC_KEY: &str = "is not usable: its PBMAC1 MAC has a key of under 20 or over 1024 bytes, or doesn't state \
                                  how many (RFC 9579); export it again without PBMAC1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;

    #[test]
    fn texts_and_page_state_the_limits() {
        let page = include_str!("lib.rs");
        let thousands = |number: u32| {
            let digits = number.to_string();
            let (millions, rest) = digits.split_at(digits.len() - 6);
            format!("{millions},{},{}", &rest[..3], &rest[3..])
        };
        for (limit, text) in [
            (ITERATIONS, TOO_MANY_ITERATIONS),
            (ALL_ITERATIONS, TOO_MUCH),
        ] {
            assert!(text.contains(&format!("over {limit} iterations")), "{text}");
            assert!(
                page.contains(&thousands(limit)),
                "the crate's page lacks {limit}"
            );
        }
        let kib = format!("{} KiB", SALT_BYTES / 1024);
        let mib = format!("{} MiB", FILE_BYTES / 1024 / 1024);
        let (shortest, longest) = (MAC_KEY_BYTES.start(), MAC_KEY_BYTES.end());
        let mac_key = format!("of under {shortest} or over {longest} bytes");
        assert!(MAC_KEY.contains(&mac_key), "{MAC_KEY}");
        assert!(LONG_SALT.contains(&kib) && page.contains(&kib) && page.contains(&mib));
        let too_long = Found::TooLong.where_a_key_belongs().to_string();
        assert!(too_long.contains(&format!("over {mib};")), "{too_long}");
    }
}
