//! What a client sends in the wrong place, as one with a mixed-up configuration does, is never repeated.

use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{Policy, Sandbox};

use super::client::{Answer, Call};
use super::signer::{BODY, Jwt, Signing, bearer, secret, start};

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
