//! The explanations in refusals, if the policy enables them.

use payment_credentials_sandbox::vault::VISA_GUIDE_7010;
use payment_credentials_sandbox::{AuthenticationCheck, Policy};
use serde_json::{Value, json};

use super::client::Call;
use super::signer::{
    BODY, DATE, HttpSignature, Jwt, NOW, assert_refused, bearer, digest, examined, start,
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
        let (answer, _) = examined(&sandbox, &jwt.call(&sandbox)).await;
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
