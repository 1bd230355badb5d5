//! The explanations in refusals, if the policy enables them.

use payment_credentials_sandbox::vault::VISA_GUIDE_7010;
use payment_credentials_sandbox::{AuthenticationCheck, Checked, Policy, Stage, Verdict};
use serde_json::{Value, json};

use super::client::Call;
use super::mle_sealing::{Sealed, asking};
use super::signer::{
    BODY, DATE, HttpSignature, Jwt, NOW, READINGS, Signing, assert_refused, bearer, digest,
    examined, start,
};

fn errors(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).unwrap();
    let words = body["response"]["rmsg"].as_str().unwrap();
    assert_eq!(words, "Authentication Failed");
    body["errors"].clone()
}

#[tokio::test]
async fn a_claim_is_told_with_what_it_should_have_been() {
    let sandbox = start(Policy::strict().with_explanations());
    let path = Call::v3(payment_credentials_sandbox::vault::VISA).target;
    let good = || Jwt::of(&sandbox);
    for (jwt, check, explanation) in [
        (
            good().claim("request-host", "localhost"),
            "requestHost",
            "expected request-host apitest.cybersource.com, got localhost".to_owned(),
        ),
        (
            good().claim("request-resource-path", "/x"),
            "requestPath",
            format!("expected request-resource-path {path}, got /x"),
        ),
        (
            good().claim("digest", digest("{}")),
            "digest",
            format!("expected digest {}, got {}", digest(BODY), digest("{}")),
        ),
        (
            good().claim("iat", NOW + 60),
            "issuedAt",
            "expected iat at most 5 s after 1780000000, got 1780000060".to_owned(),
        ),
        (
            good().claim("request-method", json!(["post"])),
            "requestMethod",
            "expected request-method post, got an array".to_owned(),
        ),
        (
            good().without("v-c-jwt-version"),
            "jwtVersion",
            "expected v-c-jwt-version 2, got nothing".to_owned(),
        ),
    ] {
        let (answer, _) = examined(&sandbox, &jwt.call(&sandbox)).await;
        let message = format!("Authentication Failed: {explanation}");
        assert_eq!(
            errors(&answer.body),
            json!([{"type": check, "message": message}])
        );
    }
}

#[tokio::test]
async fn the_string_to_sign_is_told_line_by_line_with_all_its_digits() {
    let sandbox = start(Policy::strict().with_explanations());
    let mut signature = HttpSignature::of(&sandbox);
    signature.secret = b"other".to_vec();
    let mut call = signature.call();
    call.target = Call::v3(VISA_GUIDE_7010).target;
    let validated = examined(&sandbox, &call).await;
    assert_refused(&validated, AuthenticationCheck::Signature, "another secret");
    let lines = [
        "host: apitest.cybersource.com".to_owned(),
        format!("date: {DATE}"),
        format!("request-target: post {}", call.target),
        format!("digest: SHA-256={}", digest(BODY)),
        "v-c-merchant-id: sandbox_merchant".to_owned(),
    ];
    let explanation = errors(&validated.0.body);
    assert_eq!(explanation[0]["type"], "signature");
    let explanation: Vec<&str> = explanation.as_array().unwrap()[1..]
        .iter()
        .map(|error| error["message"].as_str().unwrap())
        .collect();
    assert_eq!(explanation, lines);
    let failure = validated.1.failure().unwrap();
    assert_eq!(failure.expected(), lines.join("\n"));
    let shown = format!("{failure} {failure:?} {:?}", sandbox.requests());
    assert!(!shown.contains(VISA_GUIDE_7010), "{shown}");
}

#[tokio::test]
async fn a_key_id_is_told_but_not_what_may_be_a_secret() {
    let sandbox = start(Policy::strict().with_explanations());
    let explanation = async |key_id: &str| {
        let jwt = Jwt::new("HS256", key_id, "a", "b");
        let call = bearer(&jwt.signed(Signing::Hmac(b"a stranger's")));
        let (answer, _) = examined(&sandbox, &call).await;
        errors(&answer.body)[0]["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let expected = "Authentication Failed: expected the kid of an enrolled key, got";
    let key_id = "08c94330-f618-42a3-b09d-e1e43be5efda";
    assert_eq!(explanation(key_id).await, format!("{expected} {key_id}"));
    let digits = "4178000000000000000002";
    assert_eq!(explanation(digits).await, format!("{expected} {digits}"));
    let secret = sandbox.merchant().shared_secret();
    assert_eq!(
        explanation(secret).await,
        format!("{expected} a text of 44 characters")
    );
    assert_eq!(
        explanation("4111111111111111").await,
        format!("{expected} a text of 16 characters")
    );
    assert_eq!(
        explanation("").await,
        format!("{expected} a text of 0 characters")
    );
}

#[tokio::test]
async fn the_record_tells_even_if_the_response_does_not() {
    let sandbox = start(Policy::strict());
    let jwt = Jwt::of(&sandbox).claim("request-host", "localhost");
    let (answer, outcome) = examined(&sandbox, &jwt.call(&sandbox)).await;
    assert_eq!(
        answer.body,
        r#"{"response":{"rmsg":"Authentication Failed"}}"#
    );
    let failure = outcome.failure().unwrap();
    assert_eq!(failure.check(), AuthenticationCheck::RequestHost);
    assert_eq!(failure.expected(), "request-host apitest.cybersource.com");
    assert_eq!(failure.got(), "localhost");
    let explanation = "requestHost: expected request-host apitest.cybersource.com, got localhost";
    assert_eq!(failure.to_string(), explanation);
}

#[tokio::test]
async fn a_missing_header_is_explained_beside_the_front_ends_words() {
    let sandbox = start(Policy::strict().with_explanations());
    let call = bearer("x").without("Authorization").with("Date", DATE);
    let (answer, _) = examined(&sandbox, &call).await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let words = "missing http required header : v-c-merchant-id,signature,";
    let message = format!(
        "{words}: expected Authorization, or v-c-merchant-id, signature and date, \
         got no v-c-merchant-id,signature,"
    );
    let errors = json!([{"type": "credentials", "message": message}]);
    assert_eq!(body, json!({"response": {"rmsg": words}, "errors": errors}));
}

#[tokio::test]
async fn the_objections_of_all_stages_are_told_at_once_under_the_first_ones_status() {
    let sandbox = start(Policy::strict().with_explanations());
    let sealed = Sealed::of(&sandbox)
        .without("cty")
        .with("iat", NOW - 301)
        .jwe(r#"{"transactionType":"X","clientCorrelationId":1}"#);
    let body = json!({"encryptedRequest": sealed}).to_string();
    let jwt = Jwt::of(&sandbox)
        .claim("v-c-jwt-version", 2)
        .claim("request-method", "POST")
        .claim("digest", digest(&body))
        .claim("v-c-response-mle-kid", "1234");
    let call = jwt.call(&sandbox).body(body);
    let broken = call
        .clone()
        .instead("Accept", "text/html")
        .with("profile-id", "x");
    let credentials = ["jwtVersion", "requestMethod"];
    let rest = [
        "responseKeyId",
        "contentType",
        "issuedAt",
        "invalidFields",
        "invalidFields",
    ];
    for (call, status, first) in [
        (broken, 400, &["invalidHeaders", "invalidHeaders"][..]),
        (call, 401, &[][..]),
    ] {
        let (answer, outcome) = examined(&sandbox, &call).await;
        assert_eq!(answer.status, status);
        let told: Vec<String> = answer.errors().into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(told, [first, &credentials, &rest].concat());
        assert_eq!(outcome.failures().len(), 2);
        let requests = sandbox.requests();
        let request = requests.last().unwrap();
        let refused = request
            .checks()
            .iter()
            .filter(|made| made.verdict() == Verdict::Refused);
        assert_eq!(refused.count(), told.len());
        let stages: Vec<Stage> = request.checks().iter().map(Checked::stage).collect();
        let stage_order = [
            Stage::Head,
            Stage::Authentication,
            Stage::Encryption,
            Stage::Body,
        ];
        let mut distinct = stages.clone();
        distinct.dedup();
        assert_eq!(distinct, stage_order);
        // Nobody who is refused gets an encrypted response, whichever key the claim names.
        assert_eq!(request.mle().unwrap().response_key_id(), None);
    }
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn without_explanations_the_first_stage_speaks_alone() {
    let sandbox = start(Policy::strict());
    let call = Jwt::of(&sandbox).claim("iss", "x").call(&sandbox).body("{");
    let answer = call.answer(&sandbox).await;
    let body = r#"{"response":{"rmsg":"Authentication Failed"}}"#;
    assert_eq!((answer.status, &*answer.body), (401, body));
    let answer = call.instead("Accept", "text/html").answer(&sandbox).await;
    assert_eq!((answer.status, answer.errors().len()), (400, 1));
}

/// Not even a valid JWT uses up its id where the head of the request is refused.
#[tokio::test]
async fn a_request_that_is_refused_by_its_head_uses_up_no_id() {
    let sandbox = start(Policy::strict().with_explanations());
    let call = Jwt::of(&sandbox).call(&sandbox);
    let refused = call.clone().without("Accept");
    assert_eq!(refused.answer(&sandbox).await.status, 400);
    let large = call.clone().body("x".repeat(256 * 1024 + 1));
    assert_eq!(large.answer(&sandbox).await.status, 413);
    assert_eq!(call.answer(&sandbox).await.status, 201);
    let again = call.without("Accept").answer(&sandbox).await;
    let kinds: Vec<String> = again.errors().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["missingHeaders", "replay"]);
}

#[tokio::test]
async fn a_refusal_of_the_head_is_encrypted_for_nobody() {
    for policy in READINGS {
        let sandbox = start(policy());
        let key_id = sandbox.merchant().response_key_id();
        let call = asking(&sandbox, key_id).instead("Accept", "text/html");
        let answer = call.answer(&sandbox).await;
        assert_eq!((answer.status, answer.errors().len()), (400, 1));
        let requests = sandbox.requests();
        assert!(requests[0].authentication().unwrap().failure().is_none());
        assert_eq!(requests[0].mle().unwrap().response_key_id(), None);
    }
}

#[tokio::test]
async fn types_are_named_where_values_look_alike() {
    let sandbox = start(Policy::strict().with_explanations());
    let good = || Jwt::of(&sandbox);
    for (jwt, explanation) in [
        (
            good().claim("v-c-jwt-version", 2),
            r#"expected v-c-jwt-version "2", a text, got the number 2"#,
        ),
        (
            good().claim("iat", NOW.to_string()),
            r#"expected iat as a whole number of seconds, got the text "1780000000""#,
        ),
        (
            good().claim("jti", 7),
            "expected jti as a text of 1 to 256 characters, got the number 7",
        ),
        (
            good().claim("v-c-merchant-id", true),
            "expected v-c-merchant-id as text, got a boolean",
        ),
    ] {
        let (answer, outcome) = examined(&sandbox, &jwt.call(&sandbox)).await;
        let message = format!("Authentication Failed: {explanation}");
        assert_eq!(errors(&answer.body)[0]["message"], message);
        let failure = outcome.failure().unwrap().to_string();
        assert!(failure.ends_with(explanation), "{failure}");
    }
}

#[tokio::test]
async fn an_algorithm_that_the_sandbox_lacks_is_no_mistake_of_the_client() {
    let sandbox = start(Policy::strict().with_explanations());
    let mut jwt = Jwt::of(&sandbox);
    jwt.header["alg"] = json!("HS512");
    let (answer, outcome) = examined(&sandbox, &jwt.call(&sandbox)).await;
    let failure = outcome.failure().unwrap();
    assert_eq!(failure.check(), AuthenticationCheck::Algorithm);
    let limit = "HS512, which the guide allows too: that the sandbox verifies HS256 alone is a limit of \
        the sandbox, and no mistake of the client";
    assert_eq!(failure.got(), limit);
    assert!(answer.body.contains(limit), "{}", answer.body);
    // Of a key that no such algorithm is for, the client has to choose another.
    jwt.header["alg"] = json!("PS256");
    let (_, outcome) = examined(&sandbox, &jwt.call(&sandbox)).await;
    assert_eq!(outcome.failure().unwrap().got(), "PS256");
}

#[tokio::test]
async fn the_string_to_sign_has_a_line_each_in_every_rendering() {
    let sandbox = start(Policy::strict().with_explanations());
    let mut signature = HttpSignature::of(&sandbox);
    signature.secret = b"other".to_vec();
    let (answer, outcome) = examined(&sandbox, &signature.call()).await;
    let failure = outcome.failure().unwrap();
    let lines: Vec<&str> = failure.expected().lines().collect();
    assert_eq!(lines.len(), 5);
    let displayed = failure.to_string();
    let displayed: Vec<&str> = displayed.lines().collect();
    assert!(
        displayed[0].starts_with("signature: expected the signature of the lines below, got a")
    );
    let indented: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    assert_eq!(displayed[1..], indented);
    let debugged = format!("{failure:?}");
    for line in &lines {
        assert!(debugged.contains(&format!("{line:?}")), "{debugged}");
        assert!(
            answer.body.contains(&json!(line).to_string()),
            "{}",
            answer.body
        );
    }
    let checked = outcome.checks().last().unwrap().to_string();
    assert!(checked.ends_with(&displayed[1..].join("\n")), "{checked}");
}

/// What a program of nonsense found: a card number in the place of a time, a path or a signed header.
#[tokio::test]
async fn a_card_number_in_any_signed_value_is_not_told() {
    const CARD: &str = "4111111111111111";
    let number: u64 = CARD.parse().unwrap();
    for policy in READINGS {
        let sandbox = start(policy().with_explanations());
        let jwt = |name: &str, value: Value| Jwt::of(&sandbox).claim(name, value).call(&sandbox);
        let signed = HttpSignature::of(&sandbox).call();
        for call in [
            jwt("iat", json!(number)),
            jwt("exp", json!(number)),
            jwt("iat", json!(-4_111_111_111_111_111_i64)),
            jwt("iat", json!(CARD)),
            jwt("request-resource-path", json!(CARD)),
            signed.clone().instead("Date", CARD),
            signed.clone().instead("Digest", CARD),
            signed.clone().instead("Host", CARD),
            signed.clone().instead("Host", "4111-1111-1111-1111"),
        ] {
            let answer = call.answer(&sandbox).await;
            assert_ne!(answer.status, 201);
            let request = sandbox.latest().unwrap();
            let checks = request.checks().iter();
            let checks: Vec<&str> = checks.flat_map(|it| [it.expected(), it.got()]).collect();
            let checks = checks.join(" ");
            let told = format!("{} {request:?} {checks} {}", answer.body, sandbox.journal());
            assert!(
                !told.contains(CARD) && !told.contains("4111-1111"),
                "{told}"
            );
        }
    }
}
