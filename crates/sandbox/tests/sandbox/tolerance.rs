//! Formats of other clients that are either rejected with an explanation or accepted with a note.

use std::time::{Duration, SystemTime};

use payment_credentials_sandbox::{AuthenticationCheck, Policy, Sandbox, Tolerated};

use super::client::Call;
use super::signer::{HttpSignature, Jwt, NOW, assert_admitted, assert_refused, examined, start};

#[tokio::test]
async fn other_spellings_pass_where_tolerated_and_only_there() {
    let (strict, tolerant) = (start(Policy::strict()), start(Policy::tolerant()));
    for (number, (_, check, expected)) in spellings(&strict).into_iter().enumerate() {
        let [refused, noted] =
            [&strict, &tolerant].map(|sandbox| spellings(sandbox)[number].0.clone());
        let what = format!("{expected:?}");
        assert_refused(&examined(&strict, &refused).await, check, &what);
        assert_admitted(&examined(&tolerant, &noted).await, &what);
        let requests = tolerant.requests();
        assert_eq!(requests.last().unwrap().tolerated(), expected);
    }
    assert_eq!(strict.minted(), 0);
    assert!(
        strict
            .requests()
            .iter()
            .all(|request| request.tolerated().is_empty())
    );
}

#[tokio::test]
async fn media_types_without_a_charset_pass_where_tolerated_and_only_there() {
    for (name, bare) in [
        ("Content-Type", "application/json"),
        ("Accept", "application/jose"),
    ] {
        let (strict, tolerant) = (start(Policy::strict()), start(Policy::tolerant()));
        let call = |sandbox| Jwt::of(sandbox).call(sandbox).instead(name, bare);
        assert_eq!(call(&strict).answer(&strict).await.status, 400, "{name}");
        assert_admitted(&examined(&tolerant, &call(&tolerant)).await, name);
        assert_eq!(tolerant.requests()[0].tolerated(), [Tolerated::NoCharset]);
        let other = call(&tolerant).instead(name, "text/plain");
        assert_eq!(other.answer(&tolerant).await.status, 400, "{name}");
    }
}

#[tokio::test]
async fn other_accept_headers_pass_where_tolerated_and_only_there() {
    let lists = [
        "application/jose;charset=utf-8, application/json",
        "application/json, application/jose;charset=utf-8",
        "*/*",
    ];
    for accept in lists.map(Some).into_iter().chain([None]) {
        let (strict, tolerant) = (start(Policy::strict()), start(Policy::tolerant()));
        let call = |sandbox| {
            let call = Jwt::of(sandbox).call(sandbox);
            match accept {
                Some(accept) => call.instead("Accept", accept),
                None => call.without("Accept"),
            }
        };
        let what = format!("{accept:?}");
        assert_eq!(call(&strict).answer(&strict).await.status, 400, "{what}");
        assert_admitted(&examined(&tolerant, &call(&tolerant)).await, &what);
        let noted = tolerant.requests()[0].tolerated().to_vec();
        assert!(noted.contains(&Tolerated::Accept), "{what}: {noted:?}");
    }
    let tolerant = start(Policy::tolerant());
    let other = Jwt::of(&tolerant)
        .call(&tolerant)
        .instead("Accept", "text/html, application/json");
    assert_eq!(other.answer(&tolerant).await.status, 400);
}

type Spelling = (Call, AuthenticationCheck, Vec<Tolerated>);

fn spellings(sandbox: &Sandbox) -> Vec<Spelling> {
    let jwts = jwts(sandbox).map(|(jwt, check, noted)| (jwt.call(sandbox), check, noted));
    jwts.into_iter().chain(signatures(sandbox)).collect()
}

fn jwts(sandbox: &Sandbox) -> [(Jwt, AuthenticationCheck, Vec<Tolerated>); 9] {
    use Tolerated::{DigestAlgorithmCase, DigestAlgorithmName, LifeTime, MethodCase, TextTime};
    let jwt = || Jwt::of(sandbox);
    let old_name = |value: &str| {
        let jwt = jwt().without("digestAlgorithm");
        jwt.claim("digest-algorithm", value)
    };
    let text = |seconds: u64| seconds.to_string();
    let both = jwt().claim("iat", text(NOW)).claim("exp", text(NOW + 120));
    [
        (
            jwt().claim("request-method", "POST"),
            AuthenticationCheck::RequestMethod,
            vec![MethodCase],
        ),
        (
            jwt().claim("request-method", "Post"),
            AuthenticationCheck::RequestMethod,
            vec![MethodCase],
        ),
        (
            jwt().claim("digestAlgorithm", "sha-256"),
            AuthenticationCheck::DigestAlgorithm,
            vec![DigestAlgorithmCase],
        ),
        (
            old_name("SHA-256"),
            AuthenticationCheck::DigestAlgorithm,
            vec![DigestAlgorithmName],
        ),
        (
            old_name("sha-256"),
            AuthenticationCheck::DigestAlgorithm,
            vec![DigestAlgorithmName, DigestAlgorithmCase],
        ),
        (
            jwt().claim("iat", text(NOW)),
            AuthenticationCheck::IssuedAt,
            vec![TextTime],
        ),
        (
            jwt().claim("exp", text(NOW + 120)),
            AuthenticationCheck::ExpiresAt,
            vec![TextTime],
        ),
        (both, AuthenticationCheck::IssuedAt, vec![TextTime]),
        (
            jwt().claim("exp", NOW + 900),
            AuthenticationCheck::LifeTime,
            vec![LifeTime],
        ),
    ]
}

fn signatures(sandbox: &Sandbox) -> [Spelling; 6] {
    use Tolerated::{DigestAlgorithmCase, IsoDate, ParenthesisedTarget, VcDate};
    let signed = |headers: &str| {
        let mut signature = HttpSignature::of(sandbox);
        signature.headers = headers.to_owned();
        signature.call()
    };
    let mut lower = HttpSignature::of(sandbox);
    lower.digest = lower.digest.replace("SHA", "sha");
    [
        (
            signed("host v-c-date request-target digest v-c-merchant-id"),
            AuthenticationCheck::SignedHeaders,
            vec![VcDate],
        ),
        (
            signed("host date (request-target) digest v-c-merchant-id"),
            AuthenticationCheck::SignedHeaders,
            vec![ParenthesisedTarget],
        ),
        (
            signed("host v-c-date (request-target) digest v-c-merchant-id"),
            AuthenticationCheck::SignedHeaders,
            vec![VcDate, ParenthesisedTarget],
        ),
        (
            lower.call(),
            AuthenticationCheck::Digest,
            vec![DigestAlgorithmCase],
        ),
        (
            dated(sandbox, "2026-05-28 20:26:40.998 +00:00:00"),
            AuthenticationCheck::Date,
            vec![IsoDate],
        ),
        (
            dated(sandbox, "2026-05-28 20:26:41.566 +0000 UTC"),
            AuthenticationCheck::Date,
            vec![IsoDate],
        ),
    ]
}

fn dated(sandbox: &Sandbox, date: &'static str) -> Call {
    let mut signature = HttpSignature::of(sandbox);
    signature.date = date;
    signature.call()
}

#[tokio::test]
async fn a_date_in_another_form_has_to_be_near_the_clock_too() {
    // 2026-11-04 09:05:02, when the day and the hour have one digit each.
    let morning = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_783_102);
    let (strict, tolerant) = (Policy::strict(), Policy::tolerant());
    let [strict, tolerant] = [strict, tolerant].map(|policy| {
        Sandbox::start_blocking(policy.with_clock(morning).into()).expect("a sandbox")
    });
    for date in [
        "Wed, 4 Nov 2026 09:05:02 GMT",
        "Wed, 04 Nov 2026 9:05:02 GMT",
    ] {
        let refused = examined(&strict, &dated(&strict, date)).await;
        assert_refused(&refused, AuthenticationCheck::Date, date);
        assert_admitted(&examined(&tolerant, &dated(&tolerant, date)).await, date);
        let requests = tolerant.requests();
        let noted = requests.last().expect("a request").tolerated();
        assert_eq!(noted, [Tolerated::UnpaddedDate]);
    }
    for date in [
        "Wed, 4 Nov 2026 8:05:02 GMT",
        "2026-11-04 10:05:02 +0000 UTC",
    ] {
        let refused = examined(&tolerant, &dated(&tolerant, date)).await;
        assert_refused(&refused, AuthenticationCheck::Date, date);
    }
}

#[tokio::test]
async fn tolerance_is_for_spellings_not_for_what_they_say() {
    let sandbox = start(Policy::tolerant());
    let jwt = || Jwt::of(&sandbox);
    for (jwt, check) in [
        (
            jwt().claim("request-method", "GET"),
            AuthenticationCheck::RequestMethod,
        ),
        (jwt().claim("iat", "soon"), AuthenticationCheck::IssuedAt),
        (
            jwt().claim("iat", (NOW + 6).to_string()),
            AuthenticationCheck::IssuedAt,
        ),
        (
            jwt().claim("exp", (NOW - 1).to_string()),
            AuthenticationCheck::ExpiresAt,
        ),
        (
            jwt().claim("digestAlgorithm", "sha-512"),
            AuthenticationCheck::DigestAlgorithm,
        ),
        (
            jwt().claim("request-host", "APITEST.cybersource.com"),
            AuthenticationCheck::RequestHost,
        ),
    ] {
        let what = jwt.claims.to_string();
        assert_refused(&examined(&sandbox, &jwt.call(&sandbox)).await, check, &what);
    }
    let both = jwt().claim("digest-algorithm", "nonsense");
    assert_admitted(
        &examined(&sandbox, &both.call(&sandbox)).await,
        "a claim nobody reads",
    );
}
