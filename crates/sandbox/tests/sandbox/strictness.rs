//! Which requests are refused, and with which messages.

use payment_credentials_sandbox::vault::VISA;
use serde_json::Value;

use super::client::{Call, shared};

const PROFILE: &str = "93B32398-AD51-4CC2-A682-EA3E93614EB1";
const PAN: &str = "4111111111111111";

async fn check(call: Call, status: u16, kind: &str, message: &str) {
    let answer = call.answer(shared()).await;
    let errors = answer.errors();
    assert_eq!(answer.status, status, "{errors:?}");
    assert_eq!(errors, [(kind.to_owned(), message.to_owned())]);
    answer.header("v-c-correlation-id");
    answer.header("uniquetransactionid");
}

async fn check_starts(call: Call, status: u16, kind: &str, message: &str) {
    let answer = call.answer(shared()).await;
    let errors = answer.errors();
    assert_eq!(answer.status, status, "{errors:?}");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].0, kind);
    assert!(errors[0].1.starts_with(message), "{errors:?}");
}

fn visa() -> Call {
    Call::v3(VISA)
}

#[tokio::test]
async fn only_post_is_answered() {
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "post", "BREW"] {
        let answer = visa().method(method).answer(shared()).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "POST");
        let message = format!("the method must be POST, got {method}");
        assert_eq!(answer.errors(), [("invalidRequest".to_owned(), message)]);
    }
}

#[tokio::test]
async fn only_the_two_paths_exist() {
    for target in [
        "/".to_owned(),
        "/tms/v1/tokens/1/payment-credentials".to_owned(),
        "/tms/v4/tokens/1/payment-credentials".to_owned(),
        "/tms/v3/tokens/1/payment-credentials/".to_owned(),
        "//tms/v3/tokens/1/payment-credentials".to_owned(),
        "/tms/v3/tokens/1/2/payment-credentials".to_owned(),
        "/tms/v3/tokens/payment-credentials".to_owned(),
        "/TMS/v3/tokens/1/payment-credentials".to_owned(),
        format!("https://apitest.cybersource.com{}", visa().target),
        "*".to_owned(),
    ] {
        let message = "the path must be /tms/v2/tokens/{tokenId}/payment-credentials, or v3 of it, \
            got ";
        check_starts(Call::to(target), 404, "notFound", message).await;
    }
}

#[tokio::test]
async fn a_token_id_is_letters_and_digits() {
    let long = "A".repeat(33);
    for (id, got) in [
        ("", "0: ".to_owned()),
        ("%41", "3: %41".to_owned()),
        ("a.b", "3: a.b".to_owned()),
        (long.as_str(), format!("33: {long}")),
    ] {
        let message = format!("tokenId must be 1 to 32 letters and digits, got {got}");
        check(Call::v3(id), 400, "invalidFields", &message).await;
    }
}

#[tokio::test]
async fn a_query_is_refused() {
    for (query, got) in [("?", "?"), ("?a=b", "?a=b")] {
        let call = Call::to(format!("{}{query}", visa().target));
        let message = format!("the path takes no query, got {got}");
        check(call, 400, "invalidFields", &message).await;
    }
}

#[tokio::test]
async fn host_is_a_name_of_the_certificate() {
    for host in [
        "api.cybersource.com",
        "API.in.cybersource.com",
        "apitest.visaacceptance.com:443",
        "localhost:65535",
        "127.0.0.1:8443",
        "[::1]",
        "[::1]:443",
    ] {
        let answer = visa().instead("Host", host).answer(shared()).await;
        assert_eq!(answer.status, 201, "{host} {}", answer.body);
    }
    for host in [
        "example.com",
        "xapi.cybersource.com",
        "api.cybersource.com.",
        "api.cybersource.com:",
        "api.cybersource.com:x",
        "api.cybersource.com:65536",
        "api.cybersource.com:+1",
        "::1",
        "",
    ] {
        let message = format!("Host must be a name of the vendor's or of the loopback, got {host}");
        check(
            visa().instead("Host", host),
            400,
            "invalidHeaders",
            &message,
        )
        .await;
    }
    let message = "Host is missing, it must be sent, for example apitest.cybersource.com";
    check(visa().without("Host"), 400, "missingHeaders", message).await;
}

#[tokio::test]
async fn media_types_are_the_documented_ones() {
    for (name, wanted) in [
        ("Content-Type", "application/json;charset=utf-8"),
        ("Accept", "application/jose;charset=utf-8"),
    ] {
        for spelling in [wanted.to_ascii_uppercase(), wanted.replace(';', "; ")] {
            let answer = visa().instead(name, &spelling).answer(shared()).await;
            assert_eq!(answer.status, 201, "{spelling}");
        }
        // The guide prescribes the media type alone.
        let bare = wanted.split(';').next().unwrap();
        let answer = visa().instead(name, bare).answer(shared()).await;
        assert_eq!(answer.status, 201, "{bare}");
        for got in ["text/plain", "*/*", ""] {
            let message = format!("{name} must be {wanted}, got {got}");
            check(visa().instead(name, got), 400, "invalidHeaders", &message).await;
        }
        let twice = wanted.replace(';', ";  ");
        let message = format!("{name} must be {wanted}, got {twice}");
        check(
            visa().instead(name, &twice),
            400,
            "invalidHeaders",
            &message,
        )
        .await;
        let message = format!("{name} is missing, it must be sent, for example {wanted}");
        check(visa().without(name), 400, "missingHeaders", &message).await;
    }
}

#[tokio::test]
async fn a_refused_header_is_named_in_the_details() {
    let answer = visa()
        .instead("Accept", "text/plain")
        .answer(shared())
        .await;
    let expected = r#"{"errors":[{"type":"invalidHeaders",
        "message":"Accept must be application/jose;charset=utf-8, got text/plain",
        "details":[{"name":"Accept","location":"headers"}]}]}"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(answer.body.parse::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn headers_are_sent_once() {
    for (name, value) in [
        ("accept", "application/jose;charset=utf-8"),
        ("content-type", "application/json;charset=utf-8"),
        ("host", "apitest.cybersource.com"),
    ] {
        let message = format!("{name} must be sent once, got 2 of it");
        check(visa().with(name, value), 400, "invalidHeaders", &message).await;
    }
    for name in [
        "authorization",
        "profile-id",
        "signature",
        "digest",
        "v-c-date",
    ] {
        let call = visa().with(name, PROFILE).with(name, PROFILE);
        let message = format!("{name} must be sent once, got 2 of it");
        check(call, 400, "invalidHeaders", &message).await;
    }
}

#[tokio::test]
async fn all_bad_headers_are_told_at_once() {
    let call = visa()
        .without("Host")
        .instead("Accept", "*/*")
        .with("profile-id", "x");
    let kinds: Vec<String> = call
        .answer(shared())
        .await
        .errors()
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(
        kinds,
        ["missingHeaders", "invalidHeaders", "invalidHeaders"]
    );
}

#[tokio::test]
async fn a_profile_is_known_or_not_found() {
    let answer = visa().with("profile-id", PROFILE).answer(shared()).await;
    assert_eq!(answer.status, 201);
    let other = PROFILE.to_ascii_lowercase();
    let call = visa().with("profile-id", &other);
    check(call, 424, "notFound", "Profile not found").await;
    for (value, got) in [
        ("", "0: ".to_owned()),
        (&PROFILE[1..], format!("35: {}", &PROFILE[1..])),
        (
            "93B32398_AD51_4CC2_A682_EA3E93614EB1",
            "36: 93B32398_AD51_4CC2_A682_EA3E93614EB1".to_owned(),
        ),
    ] {
        let message = format!("profile-id must be 36 letters, digits and dashes, got {got}");
        let call = visa().with("profile-id", value);
        check(call, 400, "invalidHeaders", &message).await;
    }
}

#[tokio::test]
async fn a_body_is_one_json_object() {
    let deep = format!("{}{}", r#"{"a":"#.repeat(17), "}".repeat(17));
    let wide = format!(r#"{{"a":{}1{}}}"#, "[".repeat(16), "]".repeat(16));
    for (body, message) in [
        ("", "it must be a JSON object, got no body; {} will do"),
        ("[]", "it must be a JSON object, got an array"),
        ("null", "it must be a JSON object, got null"),
        ("1", "it must be a JSON object, got a number"),
        ("\"{}\"", "it must be a JSON object, got a string"),
        (
            "{",
            "it must be JSON, got EOF while parsing an object at line 1 column 1",
        ),
        (
            "{} {}",
            "it must be JSON, got trailing characters at line 1 column 4",
        ),
        (
            "\u{feff}{}",
            "it must be JSON, got expected value at line 1 column 1",
        ),
        (
            r#"{"a":1,"a":1}"#,
            "it must be JSON, got member a twice at line 1 column 10",
        ),
        (
            r#"{"b":{"a":1,"\u0061":1}}"#,
            "it must be JSON, got member a twice at line 1 column 20",
        ),
        (
            deep.as_str(),
            "it must be JSON, got more than 16 levels of objects and arrays at line 1 column 81",
        ),
        (
            wide.as_str(),
            "it must be JSON, got more than 16 levels of objects and arrays at line 1 column 21",
        ),
    ] {
        let message = format!("Invalid HTTP Body: {message}");
        check(visa().body(body), 400, "invalidRequest", &message).await;
    }
    let message = "Invalid HTTP Body: it must be UTF-8, got ";
    let call = visa().body(*b"{\"a\":\"\xff\"}");
    check_starts(call, 400, "invalidRequest", message).await;
}

#[tokio::test]
async fn sixteen_levels_and_unknown_members_are_tolerated() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(16), "}".repeat(16));
    for body in [
        deep.as_str(),
        r#" {"unknown": [null, true, -1, 1.5, 1e3, {"x": {}}]} "#,
        r#"{"deviceInformation":{"id":7},"buyerInformation":{"language":"en"}}"#,
    ] {
        let answer = visa().body(body).answer(shared()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_body_of_256_kib_is_the_largest() {
    let padded = |length: usize| format!("{{{}}}", " ".repeat(length - 2));
    let answer = visa().body(padded(256 * 1024)).answer(shared()).await;
    assert_eq!(answer.status, 201);
    let message = "Invalid HTTP Body: it must be 262144 bytes at most, got more";
    for length in [256 * 1024 + 1, 4 * 1024 * 1024] {
        check(visa().body(padded(length)), 413, "invalidRequest", message).await;
    }
}

#[tokio::test]
async fn card_numbers_are_never_repeated() {
    for call in [
        Call::v3(&format!("{PAN}.")),
        Call::to(format!("/{PAN}")),
        Call::to(format!("{}?pan={PAN}", visa().target)),
        visa().instead("Accept", PAN),
        visa().instead("Content-Type", "4111 1111 1111 1111"),
        visa().instead("Host", "4111-1111-1111-1111"),
        visa().with("profile-id", PAN),
        visa().body(format!(r#"{{"paymentCredentialType":"{PAN}"}}"#)),
        visa().body(format!(r#"{{"{PAN}":1,"{PAN}":2}}"#)),
        visa().body(format!(r#"{{"clientCorrelationId":{PAN}}}"#)),
        visa().body(PAN),
    ] {
        let answer = call.answer(shared()).await;
        assert!((400..500).contains(&answer.status));
        let digits: String = answer.body.chars().filter(char::is_ascii_digit).collect();
        assert!(!digits.contains(PAN), "{}", answer.body);
    }
}

#[tokio::test]
async fn credentials_of_the_caller_are_never_repeated() {
    let call = visa()
        .with("Authorization", "Bearer hush")
        .with("authorization", "Bearer hush")
        .with("Cookie", "hush");
    let answer = call.answer(shared()).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.body.contains("hush"));
}

#[tokio::test]
async fn quoted_text_is_short_and_printable() {
    let long = "x".repeat(5000);
    let answer = visa().instead("Accept", &long).answer(shared()).await;
    assert!(answer.body.len() < 400, "{}", answer.body);
    let call = visa().body("{\"paymentCredentialType\":\"\\u001b[31m\\u0000\"}");
    let message = "paymentCredentialType must be one of CRYPTOGRAM, NETWORK_TOKEN, SECURITY_CODE, \
        got ?[31m?";
    check(call, 400, "invalidFields", message).await;
}
