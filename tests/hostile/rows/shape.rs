//! Rows A1 to A7: the bytes around a JWE, the number of its parts, and their encoding.

use payment_credentials_core::{Jwe, UnexpectedResponse};

use crate::tools::sealer::{CIPHERTEXT, ENCRYPTED_KEY, KID, Sealer};
use crate::tools::way::Way;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[test]
fn a01_an_empty_body_is_unexpected() {
    let way = Way::merchant();
    for body in ["", " ", "\r\n", " \t\r\n ", "\"\"", " \" \" \n"] {
        way.unexpected(body, UnexpectedResponse::Empty);
    }
}

#[test]
fn a02_only_quotes_and_blanks_may_surround_a_jwe() {
    let way = Way::merchant();
    let jwe = Sealer::good().jwe();
    for (before, after) in [
        ("", ""),
        ("\"", "\""),
        (" ", "\r\n"),
        ("\n\" ", " \"\n"),
        ("\t", "\t"),
    ] {
        way.opens(format!("{before}{jwe}{after}"));
    }
    for (before, after) in [
        ("\"\"", "\"\""),
        ("\"", ""),
        ("", "\""),
        ("'", "'"),
        ("(", ")"),
        ("[\"", "\"]"),
        ("x ", ""),
        ("", " x"),
        ("", ","),
        ("", "\0"),
        ("\u{feff}", ""),
        ("\u{a0}", ""),
        ("", "\u{2028}"),
        ("\\n", ""),
        ("Bearer ", ""),
    ] {
        way.token(format!("{before}{jwe}{after}"));
    }
    way.token(format!("{jwe}\n{jwe}"));
    // The vendor prints a sample without its first two characters; such a JWE isn't repaired.
    way.token(&jwe[2..]);
}

#[test]
fn a03_a_jwe_has_five_parts_however_many_dots_there_are() {
    let way = Way::merchant();
    let jwe = Sealer::good().jwe();
    let parts: Vec<&str> = jwe.split('.').collect();
    for count in [1, 3, 4] {
        way.token(parts[..count].join("."));
    }
    way.token(format!("{jwe}."));
    way.token(format!("{jwe}.{}", parts[4]));
    way.token(format!("{jwe}{}", ".".repeat(60_000)));
    way.token(".");
    way.token("....");
    way.token("e30....");
    for flood in [64 * 1024, 200 * 1024] {
        way.token(".".repeat(flood));
    }
    // A body over the limit isn't examined at all.
    let flood = ".".repeat(10 * 1024 * 1024);
    way.unexpected(&flood, UnexpectedResponse::TooLarge);
    assert!(flood.parse::<Jwe>().is_err());
}

#[test]
fn a04_each_part_has_one_encoding() {
    let way = Way::merchant();
    // Every part but the IV leaves spare bits in its last character.
    let sealer = Sealer {
        plaintext: format!("{} ", Sealer::good().plaintext.escape_ascii()).into(),
        ..Sealer::with_members(&format!(r#","kid":"{KID}","p":"""#))
    };
    let sealer = with_spare_bits(sealer);
    way.opens(sealer.jwe());
    let good = sealer.parts().encoded();
    let mut changes = 0;
    for part in 0..5 {
        let altered = |text: String| {
            let mut parts = good.clone();
            parts[part] = text;
            parts.join(".")
        };
        let text = &good[part];
        for odd in ["=", "==", "+", "/", " ", "\0", "\n", "~"] {
            // A2 covers blanks at the outer edges.
            let is_blank = odd.trim_ascii().is_empty();
            if !(is_blank && part == 4) {
                way.token(altered(format!("{text}{odd}")));
            }
            if !(is_blank && part == 0) {
                way.token(altered(format!("{odd}{text}")));
            }
        }
        // A single extra character encodes no byte.
        way.token(altered(format!("{text}{}", "A".repeat(5 - text.len() % 4))));
        for last in encodings_of_the_last_character(text) {
            way.token(altered(format!("{}{last}", &text[..text.len() - 1])));
            changes += 1;
        }
    }
    // 3 for each part with two spare bits, 15 for each with four.
    assert_eq!(changes, 3 + 15 + 3 + 15);
}

/// Makes header and ciphertext two bytes longer than a multiple of three.
fn with_spare_bits(mut sealer: Sealer) -> Sealer {
    sealer.plaintext = crate::tools::sealer::CREDENTIALS.into();
    while sealer.plaintext.len() % 3 != 2 {
        sealer.plaintext.push(b' ');
    }
    while sealer.header.len() % 3 != 2 {
        sealer.header.push(b' ');
    }
    let parts = sealer.parts();
    assert_eq!(parts.0[ENCRYPTED_KEY].len() % 3, 1);
    assert_eq!(parts.0[CIPHERTEXT].len() % 3, 2);
    sealer
}

/// The other characters that a lax decoder accepts in place of the last one.
fn encodings_of_the_last_character(text: &str) -> Vec<char> {
    let spare = match text.len() % 4 {
        2 => 16,
        3 => 4,
        _ => return Vec::new(),
    };
    let last = text.bytes().last().expect("a character");
    let value = ALPHABET.iter().position(|c| *c == last).expect("base64url");
    let others = (value + 1)..(value + spare);
    others.map(|other| char::from(ALPHABET[other])).collect()
}

#[test]
fn a05_a_header_that_is_no_object_is_rejected() {
    let way = Way::merchant();
    let good = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{KID}"}}"#);
    way.opens(Sealer::with_header(good.clone()).jwe());
    for header in ["[]", "\"alg\"", "1", "null", "true", "", " ", "{", "{}{}"] {
        way.token(Sealer::with_header(header).jwe());
    }
    for (before, after) in [
        ("[", "]"),
        ("\u{feff}", ""),
        ("", "x"),
        ("", "{}"),
        ("", "\0"),
        ("x", ""),
        ("", ","),
    ] {
        let header = format!("{before}{good}{after}");
        way.token(Sealer::with_header(header).jwe());
    }
    let mut bad_utf8 = good.into_bytes();
    bad_utf8.splice(1..1, *b"\"x\":\"\xff\",");
    way.token(Sealer::with_header(bad_utf8).jwe());
}

#[test]
fn a06_a_duplicate_member_is_rejected() {
    let way = Way::merchant();
    let kid = format!(r#","kid":"{KID}""#);
    for twin in [
        r#","alg":"RSA-OAEP-256""#,
        r#","\u0061lg":"RSA-OAEP-256""#,
        r#","enc":"A256GCM""#,
        r#","e\u006ec":"A256GCM""#,
        &kid,
        r#","x":1,"x":1"#,
        r#","x":1,"\u0078":2"#,
        r#","":1,"":1"#,
    ] {
        way.token(Sealer::with_members(&format!("{kid}{twin}")).jwe());
    }
    // A member name in another case is another, unknown member.
    let members = format!(r#"{kid},"Alg":"none","ENC":1,"Kid":"x","x":1,"X":2"#);
    way.opens(Sealer::with_members(&members).jwe());
}

#[test]
fn a07_a_header_is_limited_before_it_becomes_a_tree() {
    let way = Way::merchant();
    let header = |inner: &str| {
        let header = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{KID}"{inner}}}"#);
        Sealer::with_header(header)
    };
    let padded = |length: usize| header(&" ".repeat(length - header("").header.len()));
    way.opens(padded(4096).jwe());
    way.token(padded(4097).jwe());
    let members: Vec<String> = (0..10_000).map(|n| format!(r#","m{n}":0"#)).collect();
    assert!(header(&members.concat()).header.len() > 4096);
    way.token(header(&members[..4_000].concat()).jwe());
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        header(&format!(r#","x":{open}{close}"#))
    };
    way.opens(nested(15).jwe());
    // Between 16 and 128 only this limit applies; from 128 on, the parser's own limit applies too.
    for depth in [16, 100, 127, 1000, 1900, 10_000] {
        way.token(nested(depth).jwe());
    }
}
