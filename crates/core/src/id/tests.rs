#[cfg(feature = "serde")]
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::*;
use proptest::prelude::*;

fn refused<Id: FromStr<Err = ParseValueError> + fmt::Debug>(text: &str) -> String {
    text.parse::<Id>().expect_err("refused").to_string()
}

#[test]
fn takes_what_the_vendor_publishes() {
    for text in [
        "7010000000016241111",
        "47CA8267360FD3EAE063AF598E0A5792",
        "a",
    ] {
        assert_eq!(text.parse::<TokenId>().expect("a token id").as_str(), text);
    }
    assert!(
        "93B32398-AD51-4CC2-A682-EA3E93614EB1"
            .parse::<ProfileId>()
            .is_ok()
    );
    assert!("agentic_mid".parse::<MerchantId>().is_ok());
    assert!(
        "08c94330-f618-42a3-b09d-e1e43be5efda"
            .parse::<KeyId>()
            .is_ok()
    );
}

/// Rows B9 and B10.
#[test]
fn names_the_field_and_the_rule_of_what_it_refuses() {
    let error = "".parse::<TokenId>().expect_err("refused");
    assert_eq!(error.field(), "token id");
    assert_eq!(*error.rule(), crate::ValueRule::Length { min: 1, max: 32 });
    let lengths = "token id: must have 1 to 32 characters";
    assert_eq!(refused::<TokenId>(""), lengths);
    assert_eq!(refused::<TokenId>(&"A".repeat(33)), lengths);
    assert_eq!(
        refused::<ProfileId>("93B32398"),
        "profile id: must have exactly 36 characters"
    );
    for text in [
        ".", "..", "a/b", "%2e%2e", "a?b", "a#b", "a;b", "a\0b", "é", "a b",
    ] {
        assert!(
            refused::<TokenId>(text).contains("is not one of 0-9, A-Z and a-z"),
            "{text}"
        );
    }
    for text in ["a\r\nb", "a\"b", "a,b", "a\0", "ä", &"a".repeat(10_240)] {
        assert!(text.parse::<MerchantId>().is_err(), "{text}");
        assert!(text.parse::<KeyId>().is_err(), "{text}");
        assert!(text.parse::<ProfileId>().is_err(), "{text}");
    }
}

#[test]
fn masks_an_id_that_looks_like_a_card_number() {
    let token_id: TokenId = "4111111111111111".parse().expect("a token id");
    assert_eq!(token_id.to_string(), "411111******1111");
    let shown = format!("{token_id:?}");
    assert!(
        shown.starts_with("TokenId(\"411111******1111\" #"),
        "{shown}"
    );
    assert_eq!(token_id.as_str(), "4111111111111111");
}

/// Two numbers with the same mask remain distinct in the output of a failing `assert_eq!`.
#[test]
fn two_ids_that_are_masked_alike_are_shown_to_differ() {
    let shown = |number: u64| {
        let id: TokenId = number.to_string().parse().expect("a token id");
        format!("{id:?}")
    };
    let masked: Vec<_> = (4_111_110_000_001_111_u64..)
        .step_by(10_000)
        .map(shown)
        .filter(|shown| shown.contains('*'))
        .take(16)
        .collect();
    let one_mask = masked
        .iter()
        .all(|shown| shown.starts_with("TokenId(\"411111******1111\" #"));
    assert!(one_mask, "{masked:?}");
    let differ: BTreeSet<_> = masked.iter().collect();
    // About one pair in 65,536 looks alike.
    assert!(differ.len() > 12, "{masked:?}");
    assert_eq!(shown(4_111_111_111_111_111), shown(4_111_111_111_111_111));
    assert_eq!(shown(7_010), "TokenId(\"7010\")");
}

#[cfg(feature = "serde")]
#[test]
fn g9_serde_takes_and_gives_an_id_as_text_through_the_same_parser() {
    let id: TokenId = serde_json::from_str("\"4111111111111111\"").expect("a token id");
    assert_eq!(
        serde_json::to_string(&id).expect("JSON"),
        "\"4111111111111111\""
    );
    let map: BTreeMap<TokenId, u8> = serde_json::from_str(r#"{"7010": 1}"#).expect("a map");
    assert_eq!(map.len(), 1);
    let id: CorrelationId = serde_json::from_str("\"66-12\"").expect("an id");
    assert_eq!(id.as_str(), "66-12");
    for json in [
        "\"411111******1111\"",
        "\"../admin\"",
        "4111111111111111",
        "-4111111111111111",
        "4111111111111111.5",
        "41111111111111114111111",
        "null",
        "[]",
        "true",
    ] {
        let error = serde_json::from_str::<TokenId>(json)
            .expect_err("no token id")
            .to_string();
        assert!(!error.contains("111111"), "{error}");
        assert!(!error.contains("admin"), "{error}");
    }
}

/// Row C23.
#[test]
fn keeps_what_is_printable_of_a_received_id() {
    let received = |bytes: &[u8]| {
        let value = HeaderValue::from_bytes(bytes).expect("a header value");
        CorrelationId::received(&value).map(|id| id.as_str().to_owned())
    };
    assert_eq!(received(b"66 12\xff34\t5").as_deref(), Some("6612345"));
    assert_eq!(received(b"\xff\xfe"), None);
    assert_eq!(received(&[b'7'; 10_240]).map(|id| id.len()), Some(128));
    assert_eq!(
        received(b"4111111111111111").as_deref(),
        Some("4111111111111111")
    );
    assert_eq!(received(b"66*12").as_deref(), Some("6612"));
}

/// Row G8.
#[test]
fn no_id_of_a_call_is_altered_and_only_a_card_number_is_masked() {
    let shown = |text: &str| {
        let id: CorrelationId = text.parse().expect("an id");
        assert_eq!(id.as_str(), text);
        id.to_string()
    };
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        // Xorshift: any sequence with a long period is good enough.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..100_000 {
        let hex = format!("{:016x}{:016x}", next(), next());
        let uuid = [0..8, 8..12, 12..16, 16..20, 20..32]
            .map(|at| &hex[at])
            .join("-");
        let has_letter = hex.bytes().any(|byte| byte.is_ascii_alphabetic());
        assert!(!has_letter || shown(&hex) == hex && shown(&uuid) == uuid);
        let digits = format!("{:022}", u128::from(next()) * 997);
        assert_eq!(shown(&digits), digits, "22 digits are no card number");
    }
    assert_eq!(shown("4111111111111111"), "411111******1111");
    assert_eq!(shown("4111-1111-1111-1111"), "4111-11**-****-1111");
    assert_eq!(shown("4111111111111112"), "4111111111111112");
}

/// Row G9.
#[test]
fn no_mask_can_be_parsed_as_an_id() {
    let mut masked = 0;
    for number in 0..100_000_u64 {
        let digits = (7_010_000_000_016_200_000 + number * 104_729).to_string();
        let id: TokenId = digits.parse().expect("a token id");
        let shown = id.to_string();
        if shown != digits {
            masked += 1;
            assert!(shown.parse::<TokenId>().is_err());
            assert!(shown.parse::<MerchantId>().is_err());
            assert!(shown.parse::<KeyId>().is_err());
            assert!(shown.parse::<CorrelationId>().is_err());
        }
    }
    assert!((9_000..11_000).contains(&masked), "{masked}");
}

#[test]
fn compares_key_ids_without_regard_to_case() {
    let kid: KeyId = "99f9bec99f34502f".parse().expect("a key id");
    assert!(kid.names("99F9BEC99F34502F"));
    assert!(!kid.names("99f9bec99f34502"));
}

proptest! {
    #[test]
    fn an_error_never_repeats_its_input(text in "[!-~]{40,60}") {
        let error = text.parse::<TokenId>().expect_err("too long");
        let shown = format!("{error} {error:?}");
        prop_assert!(!shown.contains(&text));
    }

    #[test]
    fn a_token_id_is_a_path_segment_as_it_stands(text in ".{0,40}") {
        if let Ok(id) = text.parse::<TokenId>() {
            let path = format!("/{}", id.as_str());
            let uri: http::Uri = path.parse().expect("a path");
            prop_assert_eq!(uri.path(), path);
        }
    }
}
