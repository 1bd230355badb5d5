//! Rows A16 to A18 and A33: which key opens which JWE.

use crate::tools::sealer::{For, KID, NEXT_KID, Sealer};
use crate::tools::way::{Way, merchant_4096_key, merchant_key, merchant_next_key, named};

fn with_kid(kid: &str) -> Sealer {
    let kid = serde_json::to_string(kid).expect("JSON");
    Sealer::with_members(&format!(r#","kid":{kid}"#))
}

#[test]
fn a16_a_kid_that_names_no_key_is_rejected_and_shown_in_64_characters() {
    let way = Way::merchant();
    for kid in ["4d2", NEXT_KID, "", &KID[1..], &format!("{KID}0")] {
        let shown = way.token(with_kid(kid).jwe());
        assert!(
            shown.contains("no key is configured for this kid"),
            "{shown}"
        );
    }
    // A kid of any other type names no key.
    for kid in ["null", "1", "[]", "{}", "false"] {
        way.token(Sealer::with_members(&format!(r#","kid":{kid}"#)).jwe());
    }
    // A kid that could be a key id, and one that couldn't.
    for length in [100, 3000] {
        let shown = way.token(with_kid(&"k".repeat(length)).jwe());
        assert!(shown.contains(&"k".repeat(64)) && !shown.contains(&"k".repeat(65)));
    }
    // The vendor writes hexadecimal digits in upper and lower case.
    way.opens(with_kid(&KID.to_uppercase()).jwe());
}

#[test]
fn a17_a_kid_is_compared_and_never_shown_raw() {
    let way = Way::merchant();
    for kid in [
        "../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "a\0b",
        "a\r\nSet-Cookie: b",
        "\"'`",
        "' OR 1=1 --",
        "\u{202e}gpj.exe",
        "\u{1b}[31mred",
        "%s%n{}$(id)",
        "😀",
    ] {
        // `token` checks that the shown text is one line of printable ASCII.
        way.token(with_kid(kid).jwe());
    }
    way.token(with_kid(&format!("{KID}\0")).jwe());
    way.token(with_kid(&format!(" {KID}")).jwe());
    for card in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
    ] {
        let shown = way.token(with_kid(card).jwe());
        assert!(
            !shown.contains(card) && !shown.contains("11111111"),
            "{shown}"
        );
    }
    way.token(with_kid(&"k".repeat(5000)).jwe());
    way.token(with_kid(&"k".repeat(60_000)).jwe());
}

#[test]
fn a18_without_a_kid_one_or_three_keys_are_tried() {
    let bare = Sealer::with_members("");
    Way::merchant().opens(bare.jwe());
    let others = |count| vec![merchant_next_key(); count];
    let then_ours = |count| {
        let mut keys = others(count);
        keys.push(merchant_key());
        Way::with_keys(keys)
    };
    then_ours(1).opens(bare.jwe());
    then_ours(2).opens(bare.jwe());
    then_ours(3).decrypt(bare.jwe());
    // The tests of jose check that all three keys are tried, even after one that opens the JWE.
}

#[test]
fn a33_another_key_s_jwe_does_not_open_and_an_old_key_s_does_while_it_stays() {
    let way = Way::merchant();
    let theirs = |members: &str| Sealer {
        sealed_for: For::MerchantNext,
        ..Sealer::with_members(members)
    };
    way.token(theirs(&format!(r#","kid":"{NEXT_KID}""#)).jwe());
    way.decrypt(theirs(&format!(r#","kid":"{KID}""#)).jwe());
    way.decrypt(theirs("").jwe());
    let longer = Sealer {
        sealed_for: For::Merchant4096,
        ..Sealer::good()
    };
    way.token(longer.jwe());

    let old = Sealer::good();
    let new = theirs(&format!(r#","kid":"{NEXT_KID}""#));
    let during = Way::with_keys([
        named(merchant_next_key(), NEXT_KID),
        named(merchant_key(), KID),
        named(merchant_4096_key(), "4096"),
    ]);
    during.opens(old.jwe());
    during.opens(new.jwe());
    let after = Way::with_keys([named(merchant_next_key(), NEXT_KID)]);
    after.token(old.jwe());
    after.opens(new.jwe());
}
