//! Why encrypted requests are refused, and the texts of the refusals.

use payment_credentials_sandbox::{Mle, MleCheck, Policy, Sandbox, Tolerated};
use serde_json::{Value, json};

use super::mle_sealing::{Sealed, asking, examined, failed, last, signed};
use super::signer::{BODY, HttpSignature, Jwt, NOW, READINGS, bearer, digest, start};

/// What is said of an algorithm that the sandbox alone is the limit for.
const LIMIT: &str = ", which the sandbox can't open: that is a limit of the sandbox, and no source says whether \
    the service opens it";

fn explaining() -> Sandbox {
    start(Policy::strict().with_explanations())
}

fn explaining_in(policy: Policy) -> Sandbox {
    start(policy.with_explanations())
}

/// The one error of a response.
fn error(body: &str) -> (String, String) {
    let body: Value = serde_json::from_str(body).unwrap();
    let errors = body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{body}");
    let text = |name| errors[0][name].as_str().unwrap().to_owned();
    (text("type"), text("message"))
}

async fn assert_refused(sandbox: &Sandbox, body: &str, check: MleCheck, explanation: &str) {
    let call = signed(sandbox, Jwt::of(sandbox), body);
    let (answer, outcome) = examined(sandbox, &call).await;
    assert_eq!(failed(&outcome), Some(check), "{explanation}");
    assert_eq!(answer.status, 400, "{explanation}");
    let (kind, message) = error(&answer.body);
    assert_eq!(kind, check.name());
    assert_eq!(
        message,
        format!("Message-level encryption failed: {explanation}")
    );
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn a_broken_envelope_is_explained() {
    for policy in READINGS {
        let sandbox = explaining_in(policy());
        let jwe = Sealed::of(&sandbox).jwe(BODY);
        let explanation =
            "expected encryptedRequest as the only member, and a text, got something else";
        for body in [
            json!({"encryptedRequest": jwe, "paymentCredentialType": "CRYPTOGRAM"}),
            json!({"encryptedRequest": {"encryptedRequest": jwe}}),
            json!({"encryptedRequest": null}),
        ] {
            assert_refused(&sandbox, &body.to_string(), MleCheck::Envelope, explanation).await;
        }
        let explanation = "expected a compact JWE: five parts of base64url, the first a JSON object, \
        got something else";
        let [header, rest] = jwe.split_once('.').map(<[&str; 2]>::from).unwrap();
        for jwe in [
            String::new(),
            header.to_owned(),
            format!("{jwe}.AAAA"),
            format!("AAAA.{rest}"),
            format!("{header}=.{rest}"),
        ] {
            let body = json!({"encryptedRequest": jwe}).to_string();
            assert_refused(&sandbox, &body, MleCheck::Format, explanation).await;
        }
    }
}

#[tokio::test]
async fn an_envelope_within_the_envelope_is_no_body() {
    for policy in READINGS {
        let sandbox = explaining_in(policy());
        let inner = Sealed::of(&sandbox).body();
        let body = json!({"encryptedRequest": Sealed::of(&sandbox).jwe(&inner)}).to_string();
        let call = signed(&sandbox, Jwt::of(&sandbox), &body);
        let answer = call.answer(&sandbox).await;
        let explanation =
            "encryptedRequest must be the envelope of a request, got a member of its content";
        let expected = ("invalidFields".to_owned(), explanation.to_owned());
        assert_eq!((answer.status, error(&answer.body)), (400, expected));
        assert_eq!(sandbox.minted(), 0);
    }
}

#[tokio::test]
async fn a_wrong_header_is_explained() {
    for policy in READINGS {
        let sandbox = explaining_in(policy());
        let good = || Sealed::of(&sandbox);
        let key_id = sandbox.recipient_key_id().unwrap();
        for (sealed, check, explanation) in [
            (
                good().with("alg", "rsa-oaep-256"),
                MleCheck::Algorithm,
                "expected alg RSA-OAEP-256, got rsa-oaep-256".to_owned(),
            ),
            (
                good().without("enc"),
                MleCheck::Algorithm,
                "expected enc A256GCM, got none".to_owned(),
            ),
            (
                good().with("zip", "DEF"),
                MleCheck::Algorithm,
                "expected neither zip nor crit in the header, got zip".to_owned(),
            ),
            (
                good().with("kid", "sjc"),
                MleCheck::RecipientKeyId,
                format!("expected the kid {key_id} of the service's certificate, got sjc"),
            ),
            (
                good().without("kid"),
                MleCheck::RecipientKeyId,
                format!("expected the kid {key_id} of the service's certificate, got none"),
            ),
            (
                good().with("cty", "JSON"),
                MleCheck::ContentType,
                "expected cty JWT, got another cty".to_owned(),
            ),
            (
                good().with("iat", "soon"),
                MleCheck::IssuedAt,
                format!("expected iat as seconds, at most 300 s off {NOW}, got a string"),
            ),
            (
                good().with("iat", NOW - 301),
                MleCheck::IssuedAt,
                format!(
                    "expected iat as seconds, at most 300 s off {NOW}, got {}",
                    NOW - 301
                ),
            ),
        ] {
            assert_refused(&sandbox, &sealed.body(), check, &explanation).await;
        }
        let milliseconds = good().with("iat", NOW * 1000).body();
        let call = signed(&sandbox, Jwt::of(&sandbox), &milliseconds);
        let (_, outcome) = examined(&sandbox, &call).await;
        assert_eq!(failed(&outcome), Some(MleCheck::IssuedAt));
    }
}

#[tokio::test]
async fn an_algorithm_that_the_sandbox_lacks_is_a_limit_of_the_sandbox() {
    let sandbox = explaining();
    for (name, wanted, got) in [
        ("alg", "RSA-OAEP-256", "RSA-OAEP-512"),
        ("enc", "A256GCM", "A128GCM"),
    ] {
        let body = Sealed::of(&sandbox).with(name, got).body();
        let explanation = format!("expected {name} {wanted}, got {got}{LIMIT}");
        assert_refused(&sandbox, &body, MleCheck::Algorithm, &explanation).await;
    }
}

#[tokio::test]
async fn what_does_not_open_is_refused_whichever_part_is_spoilt() {
    for policy in READINGS {
        let sandbox = explaining_in(policy());
        let explanation = "expected a JWE that opens with the key of the service's certificate, \
        got one that doesn't";
        for at in 1..5 {
            let (one, other) = (
                Sealed::of(&sandbox).jwe(BODY),
                Sealed::of(&sandbox).jwe("{}"),
            );
            let mut parts: Vec<&str> = one.split('.').collect();
            parts[at] = other.split('.').nth(at).unwrap();
            let body = json!({"encryptedRequest": parts.join(".")}).to_string();
            assert_refused(&sandbox, &body, MleCheck::Decryption, explanation).await;
        }
        // The tag covers the header.
        let jwe = Sealed::of(&sandbox).jwe(BODY);
        let header = Sealed::of(&sandbox).with("iat", NOW - 1).jwe(BODY);
        let (_, rest) = jwe.split_once('.').unwrap();
        let (header, _) = header.split_once('.').unwrap();
        let body = json!({"encryptedRequest": format!("{header}.{rest}")}).to_string();
        assert_refused(&sandbox, &body, MleCheck::Decryption, explanation).await;
    }
}

#[tokio::test]
async fn who_is_not_told_hears_that_the_body_is_invalid() {
    let sandbox = start(Policy::strict());
    let sealed = Sealed::of(&sandbox).with("kid", "sjc").body();
    let call = signed(&sandbox, Jwt::of(&sandbox), &sealed);
    let (answer, outcome) = examined(&sandbox, &call).await;
    assert_eq!(failed(&outcome), Some(MleCheck::RecipientKeyId));
    let invalid = ("invalidRequest".to_owned(), "Invalid HTTP Body".to_owned());
    assert_eq!(error(&answer.body), invalid);
}

#[tokio::test]
async fn an_http_signature_carries_no_encryption() {
    let sandbox = explaining();
    let sealed = Sealed::of(&sandbox).body();
    let mut signature = HttpSignature::of(&sandbox);
    signature.digest = format!("SHA-256={}", digest(&sealed));
    let (answer, outcome) = examined(&sandbox, &signature.call().body(sealed)).await;
    assert_eq!(failed(&outcome), Some(MleCheck::AuthenticationScheme));
    let (kind, _) = error(&answer.body);
    assert_eq!((&*kind, sandbox.minted()), ("scheme", 0));
}

#[tokio::test]
async fn a_bearer_access_token_carries_no_encryption_in_either_reading() {
    for policy in READINGS {
        let sandbox = explaining_in(policy());
        let sealed = Sealed::of(&sandbox).body();
        let call = bearer(sandbox.merchant().bearer_access_token()).body(sealed);
        let (answer, outcome) = examined(&sandbox, &call).await;
        assert_eq!(failed(&outcome), Some(MleCheck::AuthenticationScheme));
        let (kind, _) = error(&answer.body);
        assert_eq!(
            (answer.status, &*kind, sandbox.minted()),
            (400, "scheme", 0)
        );
    }
}

#[tokio::test]
async fn what_has_content_is_encrypted_where_demanded_in_either_reading() {
    for policy in READINGS {
        let sandbox = start(policy().with_request_mle(Mle::Mandatory));
        for body in [BODY, "{\"a\":1}", "[]", "x"] {
            let call = signed(&sandbox, Jwt::of(&sandbox), body);
            let (answer, outcome) = examined(&sandbox, &call).await;
            assert_eq!(failed(&outcome), Some(MleCheck::RequestMle), "{body}");
            assert_eq!((answer.status, sandbox.minted()), (400, 0), "{body}");
        }
    }
}

#[tokio::test]
async fn an_encrypted_request_without_content_is_no_body_in_either_reading() {
    for policy in READINGS {
        let sandbox = start(policy());
        let body = json!({"encryptedRequest": Sealed::of(&sandbox).jwe("")}).to_string();
        let call = signed(&sandbox, Jwt::of(&sandbox), &body);
        let (answer, outcome) = examined(&sandbox, &call).await;
        assert_eq!(outcome.opened_body(), Some(&b""[..]));
        assert_eq!((answer.status, sandbox.minted()), (400, 0));
    }
}

#[tokio::test]
async fn a_tolerated_signature_over_encryption_holds_every_other_guard() {
    let sandbox = start(Policy::tolerant());
    let sealed = Sealed::of(&sandbox).body();
    let other = Sealed::of(&sandbox).body();
    let mut signature = HttpSignature::of(&sandbox);
    signature.digest = format!("SHA-256={}", digest(&sealed));
    let swapped = signature.call().body(other);
    assert_eq!(swapped.answer(&sandbox).await.status, 401);
    signature.secret = b"other".to_vec();
    let forged = signature.call().body(sealed);
    assert_eq!(forged.answer(&sandbox).await.status, 401);
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn an_unknown_response_key_resets_the_connection_or_is_explained() {
    let sandbox = start(Policy::strict());
    let call = asking(&sandbox, "1234");
    let reset = call.send(&sandbox).await.map(drop).unwrap_err();
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(failed(&last(&sandbox)), Some(MleCheck::ResponseKeyId));
    assert_eq!(sandbox.requests()[0].status(), None);

    let sandbox = explaining();
    let (answer, _) = examined(&sandbox, &asking(&sandbox, "1234")).await;
    let explanation = "Message-level encryption failed: expected v-c-response-mle-kid to name a \
        response key of sandbox_merchant, got 1234";
    let expected = ("responseKeyId".to_owned(), explanation.to_owned());
    assert_eq!((answer.status, error(&answer.body)), (400, expected));
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn a_key_id_that_may_be_a_secret_is_not_repeated() {
    let sandbox = explaining();
    let number = "4111111111111111";
    let (answer, _) = examined(&sandbox, &asking(&sandbox, number)).await;
    assert!(!answer.body.contains(number), "{}", answer.body);
    let record = format!("{:?}", sandbox.requests());
    assert!(!record.contains(number), "{record}");
}

#[tokio::test]
async fn other_spellings_pass_where_tolerated_and_only_there() {
    let (strict, tolerant) = (start(Policy::strict()), start(Policy::tolerant()));
    for (member, spelling, check) in [
        ("cty", Tolerated::NoContentType, MleCheck::ContentType),
        ("iat", Tolerated::NoIssuedAt, MleCheck::IssuedAt),
    ] {
        for sandbox in [&strict, &tolerant] {
            let sealed = Sealed::of(sandbox).without(member).body();
            let call = signed(sandbox, Jwt::of(sandbox), &sealed);
            let (answer, outcome) = examined(sandbox, &call).await;
            if std::ptr::eq(sandbox, &raw const strict) {
                assert_eq!(failed(&outcome), Some(check));
                assert_eq!(answer.status, 400);
            } else {
                assert_eq!(outcome.tolerated(), [spelling]);
                assert_eq!(answer.status, 201);
            }
        }
    }
}

#[tokio::test]
async fn a_time_as_text_passes_where_tolerated_and_near() {
    for (policy, time, passes) in [
        (Policy::strict(), NOW, false),
        (Policy::tolerant(), NOW, true),
        (Policy::tolerant(), NOW - 301, false),
    ] {
        let sandbox = start(policy);
        let sealed = Sealed::of(&sandbox).with("iat", time.to_string()).body();
        let call = signed(&sandbox, Jwt::of(&sandbox), &sealed);
        let (answer, outcome) = examined(&sandbox, &call).await;
        let check = (!passes).then_some(MleCheck::IssuedAt);
        assert_eq!(failed(&outcome), check);
        assert_eq!(answer.status == 201, passes);
        assert_eq!(outcome.tolerated() == [Tolerated::TextTime], passes);
    }
}

#[tokio::test]
async fn the_former_name_of_the_response_claim_is_tolerated_and_noted() {
    for policy in [Policy::strict(), Policy::tolerant()] {
        let sandbox = start(policy);
        let key_id = sandbox.merchant().response_key_id();
        let jwt = Jwt::of(&sandbox).claim("v-c-api-response-mle-kid", key_id);
        let answer = jwt.call(&sandbox).answer(&sandbox).await;
        let requests = sandbox.requests();
        let tolerated = requests[0].tolerated();
        if tolerated.is_empty() {
            let failure = requests[0].authentication().unwrap().failure().unwrap();
            assert_eq!(failure.check().name(), "responseKeyClaim");
            assert_eq!(answer.status, 401);
        } else {
            assert_eq!(tolerated, [Tolerated::ApiResponseKeyId]);
            assert!(answer.body.starts_with(r#"{"encryptedResponse":"#));
        }
    }
    let sandbox = explaining();
    let jwt = Jwt::of(&sandbox).claim("v-c-response-mle-kid", 1);
    let answer = jwt.call(&sandbox).answer(&sandbox).await;
    let explanation = "expected v-c-response-mle-kid as text, got the number 1";
    assert!(answer.body.contains(explanation), "{}", answer.body);
}
