//! Rows F1 to F7: the content of a JWE that can be opened.

use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::UnexpectedResponse;
use payment_credentials_core::credentials::{
    Account, Advice, Card, NetworkName, NetworkToken, NetworkTokenState, NotChargeable,
    PayloadErrorKind, Proof,
};

use crate::tools::sealer::Sealer;
use crate::tools::way::Way;

fn open(plaintext: &str) -> PaymentCredentials {
    Way::merchant().opens(Sealer::with_plaintext(plaintext).jwe())
}

/// Opens a network token, and passes it to the closure.
fn with_token<T>(members: &str, then: impl FnOnce(&NetworkToken) -> T) -> T {
    match open(&format!(r#"{{"tokenizedCard":{{{members}}}}}"#)).account() {
        Account::NetworkToken(token) => then(token),
        _ => panic!("not a network token"),
    }
}

fn with_card<T>(members: &str, then: impl FnOnce(&Card) -> T) -> T {
    match open(&format!(r#"{{"card":{{{members}}}}}"#)).account() {
        Account::Card(card) => then(card),
        _ => panic!("not a card"),
    }
}

#[test]
fn f01_a_plaintext_that_is_not_one_json_object_is_no_credentials() {
    let way = Way::merchant();
    for (plaintext, fault) in [
        (
            &b"{\"card\":{\"number\":\"4895370016750801\xff\"}}"[..],
            PayloadErrorKind::NotUtf8,
        ),
        (b"\xff\xfe{\0}\0", PayloadErrorKind::NotUtf8),
        (b"4895370016750801 is no JSON", PayloadErrorKind::NotJson),
        (b"{\"number\":4895370016750801,}", PayloadErrorKind::NotJson),
        (
            b"{\"number\":\"4895370016750801\"",
            PayloadErrorKind::NotJson,
        ),
        (b"{number:\"4895370016750801\"}", PayloadErrorKind::NotJson),
        (b"{\"number\":0123}", PayloadErrorKind::NotJson),
        (b"\xef\xbb\xbf{\"card\":{}}", PayloadErrorKind::NotJson),
        (b"{\"card\":{}}{\"card\":{}}", PayloadErrorKind::NotJson),
        (b"{\"card\":{}}\0", PayloadErrorKind::NotJson),
        (b"[{\"card\":{}}]", PayloadErrorKind::NotAnObject),
        (b"\"4895370016750801\"", PayloadErrorKind::NotAnObject),
        (b"4895370016750801", PayloadErrorKind::NotAnObject),
        (b"null", PayloadErrorKind::NotAnObject),
        (b"{}", PayloadErrorKind::NoAccount),
        (
            b"{\"card\":null,\"tokenizedCard\":[]}",
            PayloadErrorKind::NoAccount,
        ),
    ] {
        assert_eq!(
            way.payload(plaintext),
            fault,
            "{}",
            plaintext.escape_ascii()
        );
    }
    for open in ["[", "{\"card\":", "{\"a\":["] {
        assert_eq!(
            way.payload(open.repeat(10_000 / open.len())),
            PayloadErrorKind::TooDeep
        );
    }
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"card":{{}},"x":{open}{close}}}"#)
    };
    open(&nested(15));
    assert_eq!(way.payload(nested(16)), PayloadErrorKind::TooDeep);
}

#[test]
fn f02_a_duplicate_member_is_rejected() {
    let way = Way::merchant();
    let number = r#""number":"4895370016750801""#;
    for plaintext in [
        format!(r#"{{"tokenizedCard":{{{number},"number":"4111111111111111"}}}}"#),
        format!(r#"{{"tokenizedCard":{{{number},{number}}}}}"#),
        format!(r#"{{"tokenizedCard":{{{number},"\u006eumber":"4111111111111111"}}}}"#),
        format!(r#"{{"tokenizedCard":{{{number}}},"tokenizedCard":{{}}}}"#),
        format!(r#"{{"card":{{{number},"number":null}}}}"#),
        r#"{"card":{},"new":1,"new":2}"#.to_owned(),
        r#"{"card":{},"issuer":{"x":1,"x":2}}"#.to_owned(),
        r#"{"card":{},"_links":{"self":{"href":"a","href":"b"}}}"#.to_owned(),
    ] {
        assert_eq!(
            way.payload(&plaintext),
            PayloadErrorKind::Duplicate,
            "{plaintext}"
        );
    }
    open(r#"{"card":{"number":"4111111111111111","Number":"1"},"CARD":1}"#);
}

#[test]
fn f03_a_number_has_12_to_19_digits() {
    for number in [
        r#""4895370016750801""#,
        "4895370016750801",
        r#""489537001675""#,
        r#""4895370016750801234""#,
        // The library doesn't apply the Luhn check.
        r#""4895370016750802""#,
    ] {
        let member = format!(r#""number":{number}"#);
        let digits = number.trim_matches('"');
        with_token(&member, |token| {
            assert_eq!(token.number().expect("usable").expose(), digits);
        });
        with_card(&member, |card| {
            assert_eq!(card.pan().expect("usable").expose(), digits);
        });
    }
}

#[test]
fn f03_an_invalid_number_fails_only_on_access() {
    for number in [
        r#""""#,
        r#""48953700167""#,
        r#""48953700167508012345""#,
        r#""4895 3700 1675 0801""#,
        r#"" 4895370016750801""#,
        r#""48953700167508O1""#,
        r#""４８９５３７００１６７５０８０１""#,
        r#""٤٨٩٥٣٧٠٠١٦٧٥""#,
        "-4895370016750801",
        "4895370016750801.0",
        "4.895370016750801e15",
    ] {
        let member = format!(r#""number":{number}"#);
        with_token(&member, |token| {
            assert_eq!(
                token.number().err(),
                Some(NotChargeable::BadNumber),
                "{number}"
            );
        });
        with_card(&member, |card| {
            assert_eq!(card.pan().err(), Some(NotChargeable::BadNumber), "{number}");
            assert_eq!(card.masked_number(), None);
        });
    }
    for absent in [r#""number":null"#, r#""number":true"#, r#""number":{}"#, ""] {
        with_token(absent, |token| {
            assert_eq!(token.number().err(), Some(NotChargeable::MissingNumber));
        });
    }
    for masked in [
        "462294XXXXXX6791",
        "512X342233150747",
        "51203501XXX64594",
        "************6791",
    ] {
        with_card(&format!(r#""number":"{masked}""#), |card| {
            assert_eq!(card.pan().err(), Some(NotChargeable::MaskedNumber));
            let shown = card.masked_number().expect("shown");
            assert!(shown.chars().filter(char::is_ascii_digit).count() <= 10);
        });
        with_token(&format!(r#""number":"{masked}""#), |token| {
            assert_eq!(token.number().err(), Some(NotChargeable::BadNumber));
        });
    }
}

#[test]
fn f04_an_invalid_expiry_fails_only_on_access() {
    let expiry = |month: &str, year: &str| {
        let members = format!(
            r#""number":"4895370016750801","expirationMonth":{month},"expirationYear":{year}"#
        );
        let of_card = with_card(&members, |card| {
            assert!(card.pan().is_ok());
            card.expiry().map(|expiry| expiry.to_string())
        });
        let of_token = with_token(&members, |token| {
            assert!(token.number().is_ok());
            token.expiry().map(|expiry| expiry.to_string())
        });
        assert_eq!(of_card, of_token);
        of_card
    };
    for (month, year) in [
        ("\"0\"", "\"2031\""),
        ("\"00\"", "\"2031\""),
        ("\"13\"", "\"2031\""),
        ("\"1\"", "\"2031\""),
        ("1", "2031"),
        ("\"+1\"", "\"2031\""),
        ("\"-1\"", "\"2031\""),
        ("\"012\"", "\"2031\""),
        ("\"１２\"", "\"2031\""),
        ("\"12\"", "\"31\""),
        ("\"12\"", "\"1999\""),
        ("\"12\"", "\"9999\""),
        ("\"12\"", "\"02031\""),
        ("\"12\"", "2031.0"),
        ("1.2e1", "2031"),
        ("null", "\"2031\""),
        ("\"12\"", "[]"),
    ] {
        assert_eq!(
            expiry(month, year),
            Err(NotChargeable::BadExpiry),
            "{month}/{year}"
        );
    }
    assert_eq!(expiry("\"01\"", "\"2000\"").as_deref(), Ok("01/2000"));
    assert_eq!(expiry("12", "2099").as_deref(), Ok("12/2099"));
}

#[test]
fn f05_an_invalid_proof_fails_only_on_access() {
    let members =
        |cryptogram: &str, code: &str| format!(r#""number":"4895370016750801"{cryptogram}{code}"#);
    let cryptogram = |text: &str| format!(r#","cryptogram":"{text}""#);
    let code = |text: &str| format!(r#","securityCode":"{text}""#);
    let base64 = "AwAAAADggP/Ce5+ZciCXQUUAAAA=";
    let hex = "0123456789abcdef0123456789ABCDEF01234567";
    for text in [base64, hex, "x", &"x".repeat(512)] {
        with_token(&members(&cryptogram(text), ""), |token| {
            assert_eq!(token.cryptogram().expect("there").expose(), text);
            assert!(matches!(token.proof(), Ok(Proof::Cryptogram(_))));
            assert_eq!(
                token.security_code().err(),
                Some(NotChargeable::MissingSecurityCode)
            );
        });
    }
    for unusable in [
        "",
        " ",
        "a b",
        "é",
        "a\\u0000b",
        &"x".repeat(513),
        &"x".repeat(10_240),
    ] {
        with_token(&members(&cryptogram(unusable), ""), |token| {
            assert!(token.number().is_ok());
            assert_eq!(
                token.cryptogram().err(),
                Some(NotChargeable::MissingCryptogram)
            );
            assert_eq!(token.proof().err(), Some(NotChargeable::MissingProof));
        });
        with_token(&members("", &code(unusable)), |token| {
            assert_eq!(
                token.security_code().err(),
                Some(NotChargeable::MissingSecurityCode)
            );
        });
    }
    with_token(&members("", ""), |token| {
        assert_eq!(token.proof().err(), Some(NotChargeable::MissingProof));
    });
    with_token(&members(&cryptogram(base64), &code("123")), |token| {
        assert!(matches!(token.proof(), Ok(Proof::Cryptogram(_))));
        assert_eq!(token.security_code().expect("there").expose(), "123");
    });
    with_token(&members(&cryptogram(""), &code("4523")), |token| {
        assert!(matches!(token.proof(), Ok(Proof::SecurityCode(_))));
    });
}

#[test]
fn f06_a_network_token_that_is_not_active_says_so_on_access() {
    for (state, reason, advice) in [
        ("SUSPENDED", "null", Advice::TryLater),
        ("DELETED", "null", Advice::AskForCard),
        (
            "UNPROVISIONED",
            r#""CARD_NOT_ELIGIBLE""#,
            Advice::UseAnotherWay,
        ),
        ("UNPROVISIONED", r#""SYSTEM_ERROR""#, Advice::TryLater),
        ("active", "null", Advice::TryLater),
        ("", "null", Advice::TryLater),
        ("\\u202eEVITCA", "[]", Advice::TryLater),
    ] {
        for rest in [
            "",
            r#","number":"4895370016750801","cryptogram":"AAAA","securityCode":"1""#,
        ] {
            with_token(
                &format!(r#""state":"{state}","reason":{reason}{rest}"#),
                |token| {
                    let why = token.number().expect_err("not chargeable");
                    assert!(matches!(why, NotChargeable::State { .. }));
                    assert_eq!(why.advice(), advice, "{state} {reason}");
                    assert!(why.to_string().chars().all(|c| matches!(c, ' '..='~')));
                    assert_eq!(token.cryptogram().err().as_ref(), Some(&why));
                    assert_eq!(token.security_code().err().as_ref(), Some(&why));
                    assert_eq!(token.proof().err().as_ref(), Some(&why));
                    assert_eq!(token.expiry().err(), Some(why));
                },
            );
        }
    }
    with_token(r#""state":1,"number":"4895370016750801""#, |token| {
        assert_eq!(token.state().map(NetworkTokenState::as_str), Some("1"));
        assert!(token.number().is_err());
    });
}

#[test]
fn f07_new_members_and_values_are_tolerated() {
    let credentials = open(
        r#"{"tokenizedCard":{"number":"4895370016750801","type":"a new network","passkey":{"pan":
        "4895370016750801"}},"4895370016750801":1,"new":["AwAAAADggP/Ce5+Z"],"absent":null}"#,
    );
    let Account::NetworkToken(token) = credentials.account() else {
        panic!("not a network token")
    };
    assert!(token.number().is_ok());
    assert_eq!(
        token.network.as_ref().map(NetworkName::as_str),
        Some("a new network")
    );
    assert!(token.unknown.expose("passkey").is_some());
    assert!(!credentials.unknown.names().any(|name| name == "absent"));
    let shown = format!("{credentials:?} {credentials:#?}");
    assert!(
        !shown.contains("4895370016750801") && !shown.contains("AwAAAADggP"),
        "{shown}"
    );

    let many: Vec<String> = (0..4_000).map(|nth| format!(r#""{nth}":0"#)).collect();
    let shown = format!(
        "{:?}",
        open(&format!(r#"{{"card":{{}},{}}}"#, many.join(",")))
    );
    assert!(shown.len() < 1000, "{} characters", shown.len());

    let with_unknown = |length: usize| {
        let plaintext = format!(r#"{{"card":{{}},"new":"{}"}}"#, "x".repeat(length));
        Sealer::with_plaintext(plaintext).jwe()
    };
    let way = Way::merchant();
    way.opens(with_unknown(40 * 1024));
    way.token(with_unknown(60 * 1024));
    way.unexpected(with_unknown(1024 * 1024), UnexpectedResponse::TooLarge);
}
