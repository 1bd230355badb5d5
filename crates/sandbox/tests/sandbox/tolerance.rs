//! The spellings of other clients: refused and named, or let pass and noted.

use payment_credentials_sandbox::{Check, Policy, Sandbox, Tolerated};

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

type Spelling = (Call, Check, Vec<Tolerated>);

fn spellings(sandbox: &Sandbox) -> Vec<Spelling> {
    let jwts = jwts(sandbox).map(|(jwt, check, noted)| (jwt.call(sandbox), check, noted));
    jwts.into_iter().chain(signatures(sandbox)).collect()
}

fn jwts(sandbox: &Sandbox) -> [(Jwt, Check, Vec<Tolerated>); 9] {
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
            Check::RequestMethod,
            vec![MethodCase],
        ),
        (
            jwt().claim("request-method", "Post"),
            Check::RequestMethod,
            vec![MethodCase],
        ),
        (
            jwt().claim("digestAlgorithm", "sha-256"),
            Check::DigestAlgorithm,
            vec![DigestAlgorithmCase],
        ),
        (
            old_name("SHA-256"),
            Check::DigestAlgorithm,
            vec![DigestAlgorithmName],
        ),
        (
            old_name("sha-256"),
            Check::DigestAlgorithm,
            vec![DigestAlgorithmName, DigestAlgorithmCase],
        ),
        (
            jwt().claim("iat", text(NOW)),
            Check::IssuedAt,
            vec![TextTime],
        ),
        (
            jwt().claim("exp", text(NOW + 120)),
            Check::ExpiresAt,
            vec![TextTime],
        ),
        (both, Check::IssuedAt, vec![TextTime]),
        (
            jwt().claim("exp", NOW + 900),
            Check::LifeTime,
            vec![LifeTime],
        ),
    ]
}

fn signatures(sandbox: &Sandbox) -> [Spelling; 4] {
    use Tolerated::{DigestAlgorithmCase, ParenthesisedTarget, VcDate};
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
            Check::SignedHeaders,
            vec![VcDate],
        ),
        (
            signed("host date (request-target) digest v-c-merchant-id"),
            Check::SignedHeaders,
            vec![ParenthesisedTarget],
        ),
        (
            signed("host v-c-date (request-target) digest v-c-merchant-id"),
            Check::SignedHeaders,
            vec![VcDate, ParenthesisedTarget],
        ),
        (lower.call(), Check::Digest, vec![DigestAlgorithmCase]),
    ]
}

#[tokio::test]
async fn tolerance_is_for_spellings_not_for_what_they_say() {
    let sandbox = start(Policy::tolerant());
    let jwt = || Jwt::of(&sandbox);
    for (jwt, check) in [
        (jwt().claim("request-method", "GET"), Check::RequestMethod),
        (jwt().claim("iat", "soon"), Check::IssuedAt),
        (jwt().claim("iat", (NOW + 6).to_string()), Check::IssuedAt),
        (jwt().claim("exp", (NOW - 1).to_string()), Check::ExpiresAt),
        (
            jwt().claim("digestAlgorithm", "sha-512"),
            Check::DigestAlgorithm,
        ),
        (
            jwt().claim("request-host", "APITEST.cybersource.com"),
            Check::RequestHost,
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
