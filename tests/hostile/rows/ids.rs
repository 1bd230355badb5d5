//! Rows B9, B10, C23, G8 and G9: harmful ids, ids in output, and masks.

use payment_credentials_core::{CorrelationId, KeyId, MerchantId, ProfileId, TokenId};

/// An endless sequence of texts that look random and are the same in each run.
struct Xorshift(u64);

impl Iterator for Xorshift {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Some(self.0)
    }
}

#[test]
fn b9_ids_that_would_break_a_header_are_not_made() {
    let long = "a".repeat(10_240);
    for text in ["", "a\r\nb", "a\nb", "a\0", "a\"b", "a,b", "\u{e4}", &long] {
        assert!(text.parse::<MerchantId>().is_err(), "{text:?}");
        assert!(text.parse::<KeyId>().is_err(), "{text:?}");
        assert!(text.parse::<ProfileId>().is_err(), "{text:?}");
    }
}

#[test]
fn b10_token_ids_that_would_change_the_path_are_not_made() {
    let long = "a".repeat(33);
    for text in [
        "",
        ".",
        "..",
        "a/b",
        "%2e%2e",
        "a?b",
        "a#b",
        "a;b",
        "a\0b",
        "\u{1f4b3}",
        &long,
    ] {
        assert!(text.parse::<TokenId>().is_err(), "{text:?}");
    }
    assert!("a".repeat(32).parse::<TokenId>().is_ok());
}

#[test]
fn g8_no_id_of_a_call_is_altered_or_masked() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    for _ in 0..50_000 {
        let (high, low) = (
            random.next().expect("endless"),
            random.next().expect("endless"),
        );
        let hex = format!("{high:016x}{low:016x}");
        let uuid = [0..8, 8..12, 12..16, 16..20, 20..32]
            .map(|at| &hex[at])
            .join("-");
        for text in [&hex, &uuid] {
            let id: CorrelationId = text.parse().expect("an id");
            assert_eq!(id.as_str(), text);
            if text.contains(|c: char| c.is_ascii_alphabetic()) {
                assert_eq!(id.to_string(), *text);
            }
        }
    }
}

/// ISO/IEC 7812: 12 to 19 digits. A number of zeros passes the Luhn check, but is no card number.
#[test]
fn c23_an_id_is_masked_where_it_is_as_short_or_as_long_as_a_card_number() {
    for (digits, is_masked) in [(11, false), (12, true), (19, true), (20, false)] {
        let id: CorrelationId = "0".repeat(digits).parse().expect("an id");
        assert_eq!(id.to_string().contains('*'), is_masked, "{digits} digits");
        assert_eq!(id.as_str().len(), digits);
    }
}

#[test]
fn g9_a_mask_is_no_id() {
    let id: TokenId = "4111111111111111".parse().expect("a token id");
    let mask = id.to_string();
    assert_ne!(mask, id.as_str());
    assert!(mask.parse::<TokenId>().is_err());
    assert!(mask.parse::<MerchantId>().is_err());
    assert!(mask.parse::<KeyId>().is_err());
    assert!(mask.parse::<CorrelationId>().is_err());
}
