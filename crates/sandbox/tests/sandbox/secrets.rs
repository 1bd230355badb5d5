//! What a client sends in the wrong place, as one with a mixed-up configuration does, is never repeated.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{Policy, Sandbox};

use super::client::{Answer, Call};
use super::signer::{BODY, HttpSignature, Jwt, READINGS, Signing, bearer, digest, secret, start};

/// Calls that send a text as something else.
fn misplaced(sandbox: &Sandbox, text: &str) -> Vec<Call> {
    let signing = secret(sandbox.merchant().shared_secret());
    let signed = |jwt: Jwt| bearer(&jwt.signed(Signing::Hmac(&signing)));
    let key_id = sandbox.merchant().key_id();
    let headers = "host date v-c-date request-target digest v-c-merchant-id";
    let parameters = format!(
        r#"keyid="{key_id}", algorithm="HmacSHA256", headers="{headers}", signature="c2ln""#
    );
    let plain = || Call::v3(VISA).body(BODY).with("Signature", &parameters);
    let token_id = text.replace('/', "_");
    let mut calls = vec![
        plain()
            .with("Date", text)
            .with("v-c-date", text)
            .with("Digest", "SHA-256=")
            .with("v-c-merchant-id", text),
        plain()
            .with("Date", "today")
            .with("v-c-date", text)
            .with("Digest", text)
            .with("v-c-merchant-id", "m"),
        signed(Jwt::of(sandbox)).with("profile-id", text),
        signed(Jwt::of(sandbox)).instead("Accept", text),
        Call::to(format!("/elsewhere?a={text}")),
        Call::to(format!("/tms/v3/tokens/{token_id}/payment-credentials")),
    ];
    for claim in [
        "iss",
        "v-c-merchant-id",
        "request-host",
        "jti",
        "v-c-jwt-version",
    ] {
        calls.push(signed(Jwt::of(sandbox).claim(claim, text)));
    }
    calls
}

/// All texts that the last request left behind.
fn left_behind(sandbox: &Sandbox, answer: Answer) -> Vec<String> {
    let request = sandbox.latest().unwrap();
    let mut texts = vec![
        answer.body,
        sandbox.journal(),
        format!(
            "{request:?} {:?} {:?}",
            request.jwt_claims(),
            request.query()
        ),
        request.path().to_owned(),
    ];
    let headers = request.headers().filter_map(|(_, value)| value);
    texts.extend(headers.map(str::to_owned));
    for check in request.checks() {
        texts.extend([check.name(), check.expected(), check.got()].map(str::to_owned));
    }
    texts
}

#[tokio::test]
async fn no_secret_and_no_whole_jwt_is_repeated_wherever_it_was_sent() {
    let sandbox = start(Policy::tolerant().with_explanations());
    let merchant = sandbox.merchant();
    let signing = secret(merchant.shared_secret());
    let jwt = Jwt::of(&sandbox).signed(Signing::Hmac(&signing));
    let (_, signature) = jwt.rsplit_once('.').unwrap();
    for (leaked, part) in [
        (merchant.shared_secret(), merchant.shared_secret()),
        (merchant.keystore_password(), merchant.keystore_password()),
        (
            merchant.bearer_access_token(),
            merchant.bearer_access_token(),
        ),
        (jwt.as_str(), signature),
    ] {
        for call in misplaced(&sandbox, leaked) {
            let answer = call.answer(&sandbox).await;
            for text in left_behind(&sandbox, answer) {
                assert!(!text.contains(&part[..16]), "{part} in {text}");
            }
        }
    }
}

/// Percent-encoded, hexadecimal and base64 in base64, as paths and queries have them.
fn encoded(secret: &str) -> [String; 4] {
    let bytes = |prefix: &str| {
        let bytes = secret.bytes().map(|byte| format!("{prefix}{byte:02X}"));
        bytes.collect::<Vec<_>>().concat()
    };
    let (percent, hexadecimal) = (bytes("%"), bytes(""));
    let usual = secret.replace('+', "%2B").replace('/', "%2F");
    let base64 = URL_SAFE_NO_PAD.encode(format!("user:{secret}"));
    [percent, usual, hexadecimal, base64]
}

#[tokio::test]
async fn an_encoded_secret_is_not_repeated_from_path_query_or_header() {
    let sandbox = start(Policy::tolerant().with_explanations());
    let secret = sandbox.merchant().shared_secret();
    let pieces = encoded(secret);
    for text in &pieces {
        for call in [
            Call::to(format!("/elsewhere/{text}")),
            Call::to(format!("{}?key={text}", Call::v3(VISA).target)),
            Call::to(format!("/tms/v3/tokens/{text}/payment-credentials")),
            Call::v3(VISA).with("User-Agent", text),
        ] {
            let answer = call.answer(&sandbox).await;
            for left in left_behind(&sandbox, answer) {
                for piece in &pieces {
                    assert!(!left.contains(&piece[24..40]), "{piece} in {left}");
                }
            }
        }
    }
}

/// The record has all else that a call with the signature needs.
#[tokio::test]
async fn a_valid_signature_is_not_repeated_where_it_was_sent_once_more() {
    for policy in READINGS {
        let sandbox = start(policy().with_explanations());
        let call = HttpSignature::of(&sandbox).call();
        let parameters = HttpSignature::of(&sandbox).parameters();
        let signature = parameters
            .split("signature=\"")
            .nth(1)
            .unwrap()
            .trim_end_matches('"');
        let jwt = Jwt::of(&sandbox).call(&sandbox);
        for call in [
            call.clone().with("User-Agent", signature),
            call.clone().instead("v-c-merchant-id", signature),
            call.clone().instead("Date", signature),
            call.clone().instead("Accept", signature),
            call.clone().with("profile-id", signature),
            jwt.clone().with("User-Agent", signature),
            jwt.clone().instead("Content-Type", signature),
            Call::to(format!(
                "{}?s={}",
                call.target,
                signature.replace('=', "%3D")
            )),
            call.clone()
                .body(format!(r#"{{"transactionType":"{signature}"}}"#)),
        ] {
            let answer = call.answer(&sandbox).await;
            for left in left_behind(&sandbox, answer) {
                assert!(!left.contains(&signature[..16]), "{left}");
            }
        }
        // Another one's path, and the digest, are told as ever.
        let digest = sandbox.requests()[0].header("digest").unwrap().to_owned();
        assert!(digest.len() > 50, "{digest}");
    }
}

#[tokio::test]
async fn a_correlation_id_that_holds_a_secret_is_counted_and_not_shown() {
    let sandbox = start(Policy::strict());
    let id = &sandbox.merchant().shared_secret()[..36];
    let body = format!(r#"{{"clientCorrelationId":"{id}"}}"#);
    let jwt = Jwt::of(&sandbox).claim("digest", digest(&body));
    let call = jwt.call(&sandbox).body(body);
    assert_eq!(call.answer(&sandbox).await.status, 201);
    assert_eq!(sandbox.minted_for(id), 1);
    let request = sandbox.latest().unwrap();
    assert_eq!(request.client_correlation_id(), Some("[secret hidden]"));
}
