//! Mistakes that authors of clients make: the refusal names the one thing to change.

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{AuthenticationCheck, Policy, Sandbox};
use serde_json::json;

use super::client::Call;
use super::keystore;
use super::signer::{
    BODY, DATE, HttpSignature, Jwt, NOW, READINGS, Signing, assert_admitted, bearer, digest,
    examined, secret, start,
};

/// What a refused call is told: the check that failed first, and what it got.
async fn told(sandbox: &Sandbox, call: &Call) -> (AuthenticationCheck, String) {
    let (answer, outcome) = examined(sandbox, call).await;
    assert_eq!(answer.status, 401, "{outcome:?}");
    let failure = outcome.failure().unwrap();
    let sent = json!(failure.got()).to_string();
    // The response tells it too.
    assert!(
        answer.body.contains(sent.trim_matches('"')),
        "{sent} in {}",
        answer.body
    );
    (failure.check(), failure.got().to_owned())
}

/// The five lines of a right signature.
fn lines(sandbox: &Sandbox) -> Vec<String> {
    let target = Call::v3(VISA).target;
    vec![
        "host: apitest.cybersource.com".to_owned(),
        format!("date: {DATE}"),
        format!("request-target: post {target}"),
        format!("digest: SHA-256={}", digest(BODY)),
        format!("v-c-merchant-id: {}", sandbox.merchant().id()),
    ]
}

/// A call whose signature is over this text, by this key.
fn over(sandbox: &Sandbox, text: &str, key: &[u8]) -> Call {
    let signature = HttpSignature::of(sandbox);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let parameters = signature.parameters();
    let (before, _) = parameters.split_once("signature=\"").unwrap();
    let parameters = format!("{before}signature=\"{}\"", STANDARD.encode(tag));
    signature.call().instead("Signature", &parameters)
}

/// Lines that clients sign instead of one of theirs, and part of how it is told.
const OTHER_LINES: [(&str, &str, &str); 9] = [
    (
        "/payment-credentials\n",
        "/payment-credentials/\n",
        "/payment-credentials/",
    ),
    (
        "/v3/",
        "/v2/",
        "another line: request-target: post /tms/v2/",
    ),
    ("post /", "POST /", "another line: request-target: POST /"),
    ("post /", "/", "another line: request-target: /tms"),
    (
        "post /",
        "post https://apitest.cybersource.com/",
        "request-target: post https://",
    ),
    (
        "request-target",
        "(request-target)",
        "another line: (request-target): post",
    ),
    (
        "host: apitest",
        "host: api",
        "another line: host: api.cybersource.com",
    ),
    ("SHA-256=", "", "another line: digest: "),
    (
        ":40 GMT",
        ":41 GMT",
        "another line: date: Thu, 28 May 2026 20:26:41 GMT",
    ),
];

/// What clients sign instead, and how it is told.
fn other_strings(right: &[String]) -> Vec<(String, &'static str)> {
    let text = right.join("\n");
    let title = text.replace("host: ", "Host: ").replace("\ndate", "\nDate");
    let title = title
        .replace("request-target", "Request-Target")
        .replace("digest", "Digest");
    let title = title.replace("v-c-merchant-id", "V-C-Merchant-Id");
    let turned: Vec<&str> = right.iter().rev().map(String::as_str).collect();
    let turned_names =
        "another order of the lines, v-c-merchant-id digest request-target date host;";
    let mut others = vec![
        (
            format!("{text}\n"),
            "a line feed at their end; the last line has none",
        ),
        (right.join("\r\n"), "CR LF"),
        (text.replace(": ", ":"), "without a blank after the colon"),
        (text.replace('\n', ""), "without line feeds"),
        (title, "names in capitals"),
        (
            right[..4].join("\n"),
            "lines without the one of v-c-merchant-id",
        ),
        (turned.join("\n"), turned_names),
    ];
    for (line, other, what) in OTHER_LINES {
        others.push((text.replace(line, other), what));
    }
    others
}

#[tokio::test]
async fn the_lines_that_were_signed_instead_are_named() {
    for policy in READINGS {
        let sandbox = start(policy().with_explanations());
        let key = secret(sandbox.merchant().shared_secret());
        let right = lines(&sandbox);
        let text = right.join("\n");
        assert_admitted(
            &examined(&sandbox, &over(&sandbox, &text, &key)).await,
            "right",
        );
        for (signed, what) in other_strings(&right) {
            for (key, and) in [
                (&key[..], ""),
                (sandbox.merchant().shared_secret().as_bytes(), "as text"),
            ] {
                let (check, got) = told(&sandbox, &over(&sandbox, &signed, key)).await;
                assert_eq!(check, AuthenticationCheck::Signature);
                assert!(got.contains(what) && got.contains(and), "{got} for {what}");
            }
        }
        let as_text = over(
            &sandbox,
            &text,
            sandbox.merchant().shared_secret().as_bytes(),
        );
        let (_, got) = told(&sandbox, &as_text).await;
        let expected =
            "a signature by the shared secret as text; the key is the secret decoded from base64";
        assert_eq!(got, expected);
        assert_eq!(sandbox.minted(), 1);
    }
}

#[tokio::test]
async fn the_key_that_signed_is_named_where_another_is_stated() {
    let sandbox = start(Policy::tolerant().with_explanations());
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    let mut signature = HttpSignature::of(&sandbox);
    signature.secret = secret(portfolio.shared_secret());
    let expected = format!(
        "a signature by the key {}, which isn't the one of keyid",
        portfolio.key_id()
    );
    assert_eq!(told(&sandbox, &signature.call()).await.1, expected);

    let mut signature = HttpSignature::of(&sandbox);
    signature.key_id = merchant.id().to_owned();
    let (check, got) = told(&sandbox, &signature.call()).await;
    assert_eq!(check, AuthenticationCheck::KeyId);
    assert!(
        got.ends_with(&format!(
            "by the key {}: that is the keyid to send",
            merchant.key_id()
        )),
        "{got}"
    );
}

#[tokio::test]
async fn the_key_that_signed_a_jwt_is_named_where_kid_states_another() {
    let sandbox = start(Policy::tolerant().with_explanations());
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    let file = keystore::open(merchant.keystore().unwrap(), merchant.keystore_password());
    let key_pair = KeyPair::from_pkcs8(&file.key).unwrap();
    let right = merchant.certificate_key_id();
    for (algorithm, kid, check, what) in [
        // The common name, and another number of the certificate.
        (
            "RS256",
            merchant.id(),
            AuthenticationCheck::KeyId,
            format!("by the key {right}: that is the kid to send"),
        ),
        (
            "RS256",
            "123456",
            AuthenticationCheck::KeyId,
            format!("by the key {right}: that is the kid to send"),
        ),
        (
            "RS256",
            merchant.key_id(),
            AuthenticationCheck::Algorithm,
            format!("by the key {right}: that is the kid to send"),
        ),
        (
            "RS256",
            portfolio.certificate_key_id(),
            AuthenticationCheck::Signature,
            format!("by the key {right}, which isn't the one of kid"),
        ),
    ] {
        let _ = portfolio.keystore().unwrap();
        let jwt = Jwt::new(algorithm, kid, merchant.id(), merchant.id());
        let call = bearer(&jwt.signed(Signing::Rsa(&key_pair)));
        let (failed, got) = told(&sandbox, &call).await;
        assert_eq!(failed, check);
        assert!(got.ends_with(&what), "{got}");
    }
    let key = secret(merchant.shared_secret());
    let jwt = Jwt::new("HS256", right, merchant.id(), merchant.id());
    let (check, got) = told(&sandbox, &bearer(&jwt.signed(Signing::Hmac(&key)))).await;
    assert_eq!(check, AuthenticationCheck::Algorithm);
    let key_id = merchant.key_id();
    assert_eq!(
        got,
        format!("HS256 and a signature by the key {key_id}: that is the kid to send")
    );
    let jwt = Jwt::of(&sandbox);
    let text = merchant.shared_secret().as_bytes();
    let (_, got) = told(&sandbox, &bearer(&jwt.signed(Signing::Hmac(text)))).await;
    assert!(
        got.starts_with("a signature by the shared secret as text"),
        "{got}"
    );
}

/// Without a signature that fits, nothing is said of other keys.
#[tokio::test]
async fn a_stranger_is_told_nothing_of_keys() {
    let sandbox = start(Policy::tolerant().with_explanations());
    let merchant = sandbox.merchant();
    let mut signature = HttpSignature::of(&sandbox);
    signature.secret = b"guessed".to_vec();
    let (_, got) = told(&sandbox, &signature.call()).await;
    assert_eq!(got, "a signature over another text, or by another secret");
    signature.key_id = merchant.id().to_owned();
    assert_eq!(
        told(&sandbox, &signature.call()).await.1,
        "a text of 16 characters"
    );
    for kid in [
        merchant.key_id(),
        merchant.certificate_key_id(),
        merchant.id(),
        "x",
    ] {
        let jwt = Jwt::new("HS256", kid, "a", "b");
        let call = bearer(&jwt.signed(Signing::Hmac(b"guessed")));
        let (answer, outcome) = examined(&sandbox, &call).await;
        assert!(!answer.body.contains("by the key"), "{}", answer.body);
        let ids = [merchant.key_id(), merchant.certificate_key_id()];
        let others = ids.iter().filter(|id| **id != kid);
        for other in others {
            assert!(!format!("{outcome:?} {}", answer.body).contains(*other));
        }
    }
}

#[tokio::test]
async fn what_a_digest_is_of_is_named() {
    let sandbox = start(Policy::strict().with_explanations());
    let body = "{\"transactionType\":\"ECOM\",\"paymentCredentialType\":\"CRYPTOGRAM\"}\n";
    let raw = STANDARD.decode(digest(body)).unwrap();
    let hexadecimal: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let hexadecimal = hexadecimal.concat();
    let line_feed = format!("{body}\n");
    for (got, what) in [
        (digest(&line_feed), "with a line feed at its end"),
        (
            digest(body.trim_end()),
            "without the white space at its end",
        ),
        (digest(""), "the digest of no body"),
        (
            digest(body.replace(',', ", ").replace(':', ": ").trim_end()),
            "the same JSON in another form",
        ),
        (
            digest("{\"paymentCredentialType\":\"CRYPTOGRAM\",\"transactionType\":\"ECOM\"}"),
            "the same JSON in another form",
        ),
        (hexadecimal.clone(), "in hexadecimal; it is in base64"),
        (
            STANDARD.encode(&hexadecimal),
            "base64 of the digest in hexadecimal",
        ),
        (
            URL_SAFE_NO_PAD.encode(&raw),
            "it is in standard base64, with padding",
        ),
    ] {
        let jwt = Jwt::of(&sandbox).claim("digest", got.as_str());
        let (check, told_jwt) = told(&sandbox, &jwt.call(&sandbox).body(body)).await;
        assert_eq!(check, AuthenticationCheck::Digest);
        assert!(told_jwt.contains(what), "{told_jwt} for {what}");
        let mut signature = HttpSignature::of(&sandbox);
        signature.digest = format!("SHA-256={got}");
        let (check, told_header) = told(&sandbox, &signature.call().body(body)).await;
        assert_eq!(check, AuthenticationCheck::Digest);
        assert!(told_header.contains(what), "{told_header} for {what}");
    }
    let mut signature = HttpSignature::of(&sandbox);
    signature.digest = digest(BODY);
    let (_, got) = told(&sandbox, &signature.call()).await;
    assert_eq!(got, format!("{}, without SHA-256= before it", digest(BODY)));
    let jwt = Jwt::of(&sandbox).claim("digest", format!("SHA-256={}", digest(BODY)));
    let (_, got) = told(&sandbox, &jwt.call(&sandbox)).await;
    assert!(
        got.ends_with("which has no SHA-256= before it in a JWT"),
        "{got}"
    );
    // Of a digest that fits nothing, nothing is said.
    let jwt = Jwt::of(&sandbox).claim("digest", digest("other"));
    assert_eq!(told(&sandbox, &jwt.call(&sandbox)).await.1, digest("other"));
}

#[tokio::test]
async fn credentials_in_another_form_are_named() {
    let sandbox = start(Policy::strict().with_explanations());
    let signature = HttpSignature::of(&sandbox);
    let parameters = signature.parameters();
    let as_authorization = |value: &str| {
        let call = signature.call().without("Signature");
        call.with("Authorization", value)
    };
    let sent = |value: &str| signature.call().instead("Signature", value);
    let jwt = Jwt::of(&sandbox);
    let whole = jwt.signed(Signing::Hmac(&secret(sandbox.merchant().shared_secret())));
    let (start, end) = whole.rsplit_once('.').unwrap();
    let standard = STANDARD.encode([0xfb; 32]);
    for (call, what) in [
        (
            as_authorization(&format!("Signature {parameters}")),
            "stands in the header Signature, from keyid on",
        ),
        (as_authorization(&whole), "a JWT without Bearer before it"),
        (
            as_authorization("Bearer a b"),
            "Bearer and none or several words",
        ),
        (as_authorization("Basic YTpi"), "Authorization: Basic"),
        (
            sent(&parameters.replace("keyid", "keyId")),
            "keyId; its name is keyid",
        ),
        (
            sent(&parameters.replace("keyid", "key-id")),
            "key-id; its name is keyid",
        ),
        (
            sent(&parameters.replace("algorithm=\"HmacSHA256\", ", "")),
            "no algorithm",
        ),
        (
            sent(&parameters.replace("\"HmacSHA256\"", "HmacSHA256")),
            "algorithm without quotation marks",
        ),
        (sent(&format!("{parameters}, keyid=\"a\"")), "keyid 2 times"),
        (bearer(&format!("{start}.{end}=")), "one with padding"),
        (
            bearer(&format!("{start}.{}", standard.trim_end_matches('='))),
            "standard base64, which has + and /",
        ),
    ] {
        let (_, got) = told(&sandbox, &call).await;
        assert!(got.contains(what), "{got} for {what}");
    }
}

#[tokio::test]
async fn a_time_in_milliseconds_or_with_a_fraction_is_named() {
    let sandbox = start(Policy::strict().with_explanations());
    let jwt = Jwt::of(&sandbox);
    for (call, what) in [
        (
            jwt.clone().claim("iat", NOW * 1000).call(&sandbox),
            "milliseconds in place of seconds",
        ),
        (
            jwt.clone().claim("exp", NOW * 1000).call(&sandbox),
            "milliseconds in place of seconds",
        ),
        (
            jwt.clone().claim("iat", 1_780_000_000.5).call(&sandbox),
            "a fraction in place of a whole number",
        ),
        (
            jwt.clone()
                .claim("iat", format!("{}", NOW * 1000))
                .call(&sandbox),
            "milliseconds in place of seconds",
        ),
    ] {
        let (_, got) = told(&sandbox, &call).await;
        assert!(got.contains(what), "{got} for {what}");
    }
}

/// A stranger could have thousands of lines tried, and this server has one thread.
#[tokio::test]
async fn of_many_lines_nothing_is_tried() {
    let sandbox = start(Policy::tolerant().with_explanations());
    for (count, expected) in [
        (16, "a signature by the shared secret as text"),
        (17, "a signature over another text, or by another secret"),
    ] {
        let mut signature = HttpSignature::of(&sandbox);
        signature.secret = sandbox.merchant().shared_secret().as_bytes().to_vec();
        signature.headers += &" host".repeat(count - 5);
        let (_, outcome) = examined(&sandbox, &signature.call()).await;
        let failure = outcome.failures().last().unwrap();
        assert_eq!(failure.check(), AuthenticationCheck::Signature);
        assert!(failure.got().starts_with(expected), "{count} {failure}");
    }
}
