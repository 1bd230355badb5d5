//! Names, duplicates and unknown members, and the paths of errors.

use super::*;

/// However the two names are written.
#[test]
fn an_escaped_name_is_the_same_name() {
    for name in [
        r"n\u0075mber",
        r"\u006e\u0075\u006d\u0062\u0065\u0072",
        r"number",
    ] {
        let twice = format!(r#"{{"card":{{"{name}":"1","type":"001","number":"2"}}}}"#);
        let error = PaymentCredentials::from_plaintext(twice.as_bytes()).expect_err("twice");
        assert_eq!(error.kind(), PayloadErrorKind::Duplicate, "{name}");
        let card = card(&format!(r#"{{"{name}":"4111111111111111"}}"#));
        assert!(card.pan().is_ok() && card.unknown.is_empty(), "{name}");
    }
    let other = card(r#"{"\ud83d\ude00\"":1}"#);
    assert_eq!(other.unknown.expose("😀\""), Some("1"));
}

#[test]
fn an_error_names_the_object_that_it_is_about() {
    #[track_caller]
    fn check(json: &str, path: &str) {
        let error = PaymentCredentials::from_plaintext(json.as_bytes()).expect_err("refused");
        assert_eq!(error.path(), path, "{json}");
    }
    let twin = r#"{"x":1,"x":1}"#;
    check(twin, "");
    check(&format!(r#"{{"tokenizedCard":{twin}}}"#), "tokenizedCard");
    check(
        &format!(r#"{{"tokenizedCard":{{"metadata":{{}},"card":{twin}}}}}"#),
        "tokenizedCard.card",
    );
    check(
        &format!(
            r#"{{"card":{{}},"tokenizedCard":{{"metadata":{{"cardArt":{{"combinedAsset":{{"_links":
            {{"self":{twin}}}}}}}}}}}}}"#
        ),
        "tokenizedCard.metadata.cardArt.combinedAsset._links.self",
    );
    check(&format!(r#"{{"card":{{}},"billTo":{twin}}}"#), "billTo");
    // An escape that encodes no character can't be part of a name.
    check(r#"{"card":{},"issuer":{"a":1,"\ud83d":2}}"#, "issuer");
    refuses(
        br#"{"card":{},"issuer":{"\ud83d":2}}"#,
        "not JSON in issuer at byte 20",
    );
}

/// This version knows nothing about the members within an unknown one.
#[test]
fn an_unknown_member_is_kept_as_it_is() {
    for json in [
        r#"{"x":1,"x":1,"\ud83d":2}"#,
        r#"[ {"x":1} , "\"]" ]"#,
        "-0.10e+2",
        "123456789012345678901234567890.50",
        "\"4111111111111111\"",
    ] {
        let credentials = read(&format!(
            r#"{{ "new" : {json} , "card" : {{}} , "b" : null}}"#
        ));
        assert_eq!(credentials.unknown.expose("new"), Some(json));
        assert_eq!(credentials.unknown.names().count(), 1);
    }
}

#[test]
fn thousands_of_members_are_kept_and_the_second_of_a_name_is_found() {
    let members = |first: usize| {
        let members = (first..first + 10_000).map(|nth| format!(r#""m{nth}":{{"a":{nth}}}"#));
        members.collect::<Vec<_>>().join(",")
    };
    let credentials = read(&format!(r#"{{{},"card":{{}}}}"#, members(0)));
    assert_eq!(credentials.unknown.names().count(), 10_000);
    assert_eq!(credentials.unknown.expose("m9999"), Some(r#"{"a":9999}"#));
    for twin in ["m0", "m4711", r"\u006d9999"] {
        let json = format!(r#"{{"issuer":{{{},"{twin}":1}},"card":{{}}}}"#, members(0));
        let error = PaymentCredentials::from_plaintext(json.as_bytes()).expect_err("twice");
        assert_eq!(
            (error.kind(), error.path()),
            (PayloadErrorKind::Duplicate, "issuer"),
            "{twin}"
        );
        assert_eq!(error.offset(), json.rfind("1},\"card"));
    }
}
