//! Formats of other clients that are either rejected with an explanation or accepted with a note.

use std::time::{Duration, SystemTime};

use payment_credentials_sandbox::{AuthenticationCheck, Policy, Sandbox, Tolerated};

use super::client::Call;
use super::signer::{
    HttpSignature, Jwt, NOW, READINGS, assert_admitted, assert_refused, examined, start,
};

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
async fn media_types_without_a_charset_pass_as_the_guide_prescribes_them() {
    for policy in READINGS {
        let sandbox = start(policy());
        for (name, bare) in [
            ("Content-Type", "application/json"),
            ("Accept", "application/jose"),
        ] {
            let call = Jwt::of(&sandbox).call(&sandbox);
            let bare = call.clone().instead(name, bare);
            assert_admitted(&examined(&sandbox, &bare).await, name);
            for other in [
                "text/plain".to_owned(),
                format!(
                    "{bare};charset=utf-8;charset=utf-8",
                    bare = "application/json"
                ),
                "application/json;charset=latin1".to_owned(),
            ] {
                let other = call.clone().instead(name, &other);
                assert_eq!(other.answer(&sandbox).await.status, 400, "{name}");
            }
        }
        let requests = sandbox.requests();
        assert!(
            requests
                .iter()
                .all(|request| request.tolerated().is_empty())
        );
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
        let noted = tolerant.requests()[0].tolerated();
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

fn jwts(sandbox: &Sandbox) -> [(Jwt, AuthenticationCheck, Vec<Tolerated>); 7] {
    use Tolerated::{DigestAlgorithmCase, DigestAlgorithmName, MethodCase, TextTime};
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
async fn what_no_source_backs_is_refused_in_both() {
    for policy in READINGS {
        let sandbox = start(policy());
        for (jwt, check) in unbacked(&sandbox) {
            let what = jwt.claims.to_string();
            assert_refused(&examined(&sandbox, &jwt.call(&sandbox)).await, check, &what);
        }
        for date in [
            "Wed, 28 May 2026 20:26:40 GMT",
            "Thu, 28 May 2026 20:26:40 UTC",
            "2026-05-28 22:26:40 +0200",
            "2026-05-28 20:26:40",
            "1780000000",
        ] {
            let refused = examined(&sandbox, &dated(&sandbox, date)).await;
            assert_refused(&refused, AuthenticationCheck::Date, date);
        }
        let both = Jwt::of(&sandbox).claim("digest-algorithm", "nonsense");
        assert_admitted(
            &examined(&sandbox, &both.call(&sandbox)).await,
            "a claim nobody reads",
        );
    }
}

/// Names that look like one of the vendor's, or like one on the certificate.
const LOOKALIKES: [&str; 13] = [
    "apitest.cybersource.com.example",
    "apitest.cybersource.com.",
    "xapitest.cybersource.com",
    "apitest-cybersource.com",
    "apitest.cybersource.com@example.com",
    "example.com#apitest.cybersource.com",
    "apitest.cybersource.com:443:443",
    "apitest.cybersource.com:443.example",
    "cybersource.com",
    "apitest.cyber\u{455}ource.com",
    "apitest.cybersource.com\u{200b}",
    "localhost.example",
    "127.0.0.1.example",
];

#[tokio::test]
async fn names_that_look_like_the_vendors_are_refused_in_both() {
    for policy in READINGS {
        let sandbox = start(policy());
        for name in LOOKALIKES {
            let call = Jwt::of(&sandbox).call(&sandbox).instead("Host", name);
            assert_eq!(call.answer(&sandbox).await.status, 400, "{name}");
            let jwt = Jwt::of(&sandbox).claim("request-host", name);
            let (answer, outcome) = examined(&sandbox, &jwt.call(&sandbox)).await;
            let check = AuthenticationCheck::RequestHost;
            assert_refused(&(answer, outcome), check, name);
            let both = jwt.call(&sandbox).instead("Host", name);
            assert_eq!(both.answer(&sandbox).await.status, 400, "{name}");
            let mut signature = HttpSignature::of(&sandbox);
            signature.host = name;
            let check = AuthenticationCheck::Signature;
            assert_refused(&examined(&sandbox, &signature.call()).await, check, name);
            let both = signature.call().instead("Host", name);
            assert_eq!(both.answer(&sandbox).await.status, 400, "{name}");
        }
        assert_eq!(sandbox.minted(), 0);
    }
}

fn unbacked(sandbox: &Sandbox) -> [(Jwt, AuthenticationCheck); 13] {
    use AuthenticationCheck as Check;
    let jwt = || Jwt::of(sandbox);
    [
        (jwt().claim("request-method", "GET"), Check::RequestMethod),
        (jwt().claim("request-method", "Post"), Check::RequestMethod),
        (jwt().claim("iat", "soon"), Check::IssuedAt),
        (jwt().claim("iat", format!("+{NOW}")), Check::IssuedAt),
        (jwt().claim("iat", (NOW + 6).to_string()), Check::IssuedAt),
        (jwt().claim("exp", (NOW - 1).to_string()), Check::ExpiresAt),
        (jwt().claim("exp", NOW + 900), Check::LifeTime),
        (
            jwt().claim("digestAlgorithm", "sha-512"),
            Check::DigestAlgorithm,
        ),
        (
            jwt().claim("digestAlgorithm", "Sha-256"),
            Check::DigestAlgorithm,
        ),
        (
            jwt().claim("request-host", "APITEST.cybersource.com"),
            Check::RequestHost,
        ),
        (
            jwt().claim("request-resource-path", "/TMS"),
            Check::RequestPath,
        ),
        (jwt().claim("v-c-jwt-version", 1), Check::JwtVersion),
        (jwt().claim("v-c-jwt-version", 2.0), Check::JwtVersion),
    ]
}
