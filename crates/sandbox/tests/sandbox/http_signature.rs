//! HTTP Signature: which signatures are accepted, and which check rejects the others.

use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{AuthenticationCheck, AuthenticationScheme, Policy};

use super::client::Call;
use super::signer::{
    HttpSignature, READINGS, assert_admitted, assert_refused, digest, examined, secret, start,
};

#[tokio::test]
async fn a_shared_secret_lets_its_merchant_in() {
    let sandbox = start(Policy::strict());
    let signature = HttpSignature::of(&sandbox);
    // A signature may be used again: its date is valid for five minutes.
    for _ in 0..2 {
        let validated = examined(&sandbox, &signature.call()).await;
        assert_admitted(&validated, "signed");
        assert_eq!(
            validated.1.scheme(),
            Some(AuthenticationScheme::HttpSignature)
        );
        assert_eq!(validated.1.key_id(), Some(sandbox.merchant().key_id()));
        assert_eq!(validated.1.merchant_id(), Some("sandbox_merchant"));
    }
    assert_eq!(sandbox.minted(), 2);
}

type Breaking = (fn(&mut HttpSignature), AuthenticationCheck, &'static str);

const BROKEN: [Breaking; 20] = [
    (
        |it| it.key_id = "somebody".to_owned(),
        AuthenticationCheck::KeyId,
        "key",
    ),
    (
        |it| it.algorithm = "HmacSHA512",
        AuthenticationCheck::Algorithm,
        "algorithm",
    ),
    (
        |it| it.algorithm = "hmac-sha256",
        AuthenticationCheck::Algorithm,
        "spelling",
    ),
    (
        |it| it.secret = b"other".to_vec(),
        AuthenticationCheck::Signature,
        "secret",
    ),
    (
        |it| it.host = "api.cybersource.com",
        AuthenticationCheck::Signature,
        "host",
    ),
    (
        |it| it.target.push('/'),
        AuthenticationCheck::Signature,
        "path",
    ),
    (
        |it| it.target = it.target.to_ascii_uppercase(),
        AuthenticationCheck::Signature,
        "method",
    ),
    (
        |it| it.owner = "sandbox_portfolio".to_owned(),
        AuthenticationCheck::Signature,
        "line",
    ),
    (
        |it| it.merchant_id = "stranger".to_owned(),
        AuthenticationCheck::MerchantId,
        "merchant",
    ),
    (
        |it| it.merchant_id = "sandbox_merchant_2".to_owned(),
        AuthenticationCheck::Relation,
        "second",
    ),
    (
        |it| it.digest = format!("SHA-256={}", digest("{}")),
        AuthenticationCheck::Digest,
        "digest",
    ),
    (
        |it| it.digest = format!("sha-256={}", digest("{}")),
        AuthenticationCheck::Digest,
        "another digest with the tolerated prefix",
    ),
    (
        |it| it.digest = it.digest.replace("SHA-256=", ""),
        AuthenticationCheck::Digest,
        "prefix",
    ),
    (
        |it| it.date = "Thu, 28 May 2026 20:21:39 GMT",
        AuthenticationCheck::Date,
        "301 s ago",
    ),
    (
        |it| it.date = "Thu, 28 May 2026 20:31:41 GMT",
        AuthenticationCheck::Date,
        "in 301 s",
    ),
    (
        |it| it.date = "2026-05-28 20:26:40",
        AuthenticationCheck::Date,
        "another format",
    ),
    (
        |it| it.date = "Thursday, 28-May-26 20:26:40 GMT",
        AuthenticationCheck::Date,
        "an obsolete format",
    ),
    (
        |it| it.headers.push_str(" host"),
        AuthenticationCheck::SignedHeaders,
        "twice",
    ),
    (
        |it| it.headers.push_str(" x-unsent"),
        AuthenticationCheck::SignedHeaders,
        "unsent",
    ),
    (
        |it| it.headers.push_str(" date v-c-date"),
        AuthenticationCheck::SignedHeaders,
        "two dates",
    ),
];

#[tokio::test]
async fn each_part_is_held_against_the_request() {
    for policy in READINGS {
        let sandbox = start(policy());
        for (change, check, what) in BROKEN {
            let mut signature = HttpSignature::of(&sandbox);
            change(&mut signature);
            assert_refused(&examined(&sandbox, &signature.call()).await, check, what);
        }
        assert_eq!(sandbox.minted(), 0);
    }
}

#[tokio::test]
async fn every_line_is_wanted() {
    for policy in READINGS {
        let sandbox = start(policy());
        let whole = HttpSignature::of(&sandbox).headers;
        for name in whole.split(' ') {
            let mut signature = HttpSignature::of(&sandbox);
            let others = whole.split(' ').filter(|other| *other != name);
            signature.headers = others.collect::<Vec<_>>().join(" ");
            let validated = examined(&sandbox, &signature.call()).await;
            assert_refused(&validated, AuthenticationCheck::SignedHeaders, name);
        }
    }
}

#[tokio::test]
async fn lines_may_stand_in_any_order_and_be_more() {
    let sandbox = start(Policy::strict());
    let mut signature = HttpSignature::of(&sandbox);
    signature.headers = "content-type digest v-c-merchant-id request-target date host".to_owned();
    assert_admitted(&examined(&sandbox, &signature.call()).await, "reordered");
    for edge in [
        "Thu, 28 May 2026 20:21:40 GMT",
        "Thu, 28 May 2026 20:31:40 GMT",
    ] {
        signature.date = edge;
        assert_admitted(&examined(&sandbox, &signature.call()).await, edge);
    }
}

#[tokio::test]
async fn a_secret_header_cannot_be_signed() {
    let sandbox = start(Policy::strict().with_explanations());
    let mut signature = HttpSignature::of(&sandbox);
    signature.headers.push_str(" cookie");
    let call = signature.call().with("Cookie", "hush");
    let validated = examined(&sandbox, &call).await;
    assert_refused(&validated, AuthenticationCheck::SignedHeaders, "cookie");
    assert!(!validated.0.body.contains("hush"));
}

#[tokio::test]
async fn the_header_has_four_parameters_each_once() {
    for policy in READINGS {
        let sandbox = start(policy());
        let signature = HttpSignature::of(&sandbox);
        let good = signature.parameters();
        for (broken, what) in [
            (String::new(), "empty"),
            (good.replace('"', ""), "no quotes"),
            (good.replace("keyid", "keyId"), "another name"),
            (format!("{good}, {good}"), "twice"),
            (format!("{good},"), "a comma too many"),
            (good.replace(", signature=", ", other="), "no signature"),
        ] {
            let call = signature.call().instead("Signature", &broken);
            assert_refused(
                &examined(&sandbox, &call).await,
                AuthenticationCheck::Format,
                what,
            );
        }
        let not_base64 = good.replace("signature=\"", "signature=\"*");
        let call = signature.call().instead("Signature", &not_base64);
        assert_refused(
            &examined(&sandbox, &call).await,
            AuthenticationCheck::Signature,
            "no base64",
        );
        let unheard = format!("{good}, created=\"1\"");
        let call = signature.call().instead("Signature", &unheard);
        assert_admitted(&examined(&sandbox, &call).await, "unheard of");
    }
}

#[tokio::test]
async fn a_portfolio_signs_its_own_line_for_its_merchants() {
    for policy in READINGS {
        let sandbox = start(policy());
        let portfolio = sandbox.portfolio();
        let mut signature = HttpSignature::of(&sandbox);
        signature.key_id = portfolio.key_id().to_owned();
        signature.secret = secret(portfolio.shared_secret());
        signature.owner = portfolio.id().to_owned();
        for merchant_id in portfolio.merchant_ids() {
            signature.merchant_id = merchant_id.clone();
            let validated = examined(&sandbox, &signature.call()).await;
            assert_admitted(&validated, merchant_id);
            assert_eq!(validated.1.key_owner(), Some("sandbox_portfolio"));
        }
        signature.owner = sandbox.merchant().id().to_owned();
        let validated = examined(&sandbox, &signature.call()).await;
        assert_refused(
            &validated,
            AuthenticationCheck::Signature,
            "the merchant's line",
        );
    }
}

#[tokio::test]
async fn a_certificates_key_signs_no_http() {
    for policy in READINGS {
        let sandbox = start(policy());
        sandbox.merchant().keystore().unwrap();
        let mut signature = HttpSignature::of(&sandbox);
        signature.key_id = sandbox.merchant().certificate_key_id().to_owned();
        let validated = examined(&sandbox, &signature.call()).await;
        assert_refused(&validated, AuthenticationCheck::Algorithm, "certificate");
    }
}

#[tokio::test]
async fn missing_headers_are_named_in_the_front_ends_words() {
    for policy in READINGS {
        let sandbox = start(policy());
        let bare = Call::v3(VISA);
        for (call, missing) in [
            (bare.clone(), "v-c-merchant-id,signature,date,"),
            (bare.clone().with("Date", "x"), "v-c-merchant-id,signature,"),
            (
                bare.clone().with("v-c-date", "x"),
                "v-c-merchant-id,signature,",
            ),
            (bare.clone().with("v-c-merchant-id", "x"), "signature,date,"),
            (bare.clone().with("Signature", "x"), "v-c-merchant-id,date,"),
        ] {
            let validated = examined(&sandbox, &call).await;
            assert_refused(&validated, AuthenticationCheck::Credentials, missing);
            let body =
                format!(r#"{{"response":{{"rmsg":"missing http required header : {missing}"}}}}"#);
            assert_eq!(validated.0.body, body);
        }
    }
}

#[tokio::test]
async fn a_signature_in_another_encoding_is_refused_and_named() {
    for policy in READINGS {
        let sandbox = start(policy());
        let signature = HttpSignature::of(&sandbox);
        let parameters = signature.parameters();
        let (_, value) = parameters.rsplit_once("signature=").unwrap();
        let value = value.trim_matches('"');
        let tag = secret(value);
        let digits: Vec<String> = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        let url_safe = value.replace('+', "-").replace('/', "_").replace('=', "");
        for (other, named) in [(digits.concat(), "hexadecimal"), (url_safe, "base64url")] {
            let call = signature
                .call()
                .instead("Signature", &parameters.replace(value, &other));
            let validated = examined(&sandbox, &call).await;
            assert_refused(&validated, AuthenticationCheck::Signature, named);
            let got = validated.1.failure().unwrap().got();
            assert!(
                got.contains(named) && got.contains("standard base64"),
                "{got}"
            );
        }
    }
}
