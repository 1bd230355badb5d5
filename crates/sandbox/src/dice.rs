//! Random values in the formats of the wire.

use std::fmt::Write as _;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;

/// Fills an array of any length.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// Decimal digits, the first of which is not zero.
pub(crate) fn digits<const N: usize>() -> Result<String, Unspecified> {
    let mut text = String::with_capacity(N);
    while text.len() < N {
        for byte in bytes::<N>()? {
            // 250 is the largest multiple of ten that fits into a byte, so all digits are equally likely.
            let wanted = text.len() < N && byte < 250 && (!text.is_empty() || byte % 10 != 0);
            if wanted {
                text.push(char::from(b'0' + byte % 10));
            }
        }
    }
    Ok(text)
}

/// A key id in the vendor's format: the hexadecimal digits of 20 bytes, in lower case.
pub(crate) fn key_id() -> Result<String, Unspecified> {
    let mut text = String::with_capacity(40);
    for byte in bytes::<20>()? {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_many_as_asked_and_lead_with_none_of_zero() {
        for _ in 0..200 {
            let text = digits::<22>().unwrap();
            assert_eq!(text.len(), 22);
            assert!(text.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(!text.starts_with('0'));
        }
    }

    #[test]
    fn a_key_id_is_forty_lower_case_hexadecimal_digits() {
        let key_id = key_id().unwrap();
        assert_eq!(key_id.len(), 40);
        assert!(
            key_id
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
    }
}
