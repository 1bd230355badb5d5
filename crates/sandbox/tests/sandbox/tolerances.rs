//! Each tolerance by itself: strict reading refuses the form by one check, tolerant reading accepts and notes it.

use std::time::{Duration, UNIX_EPOCH};

use payment_credentials_sandbox::{Checked, Mle, Policy, Sandbox, Tolerated, Verdict};

use super::client::Call;
use super::jwt::{HOLDER, KID};
use super::mle_sealing::{Sealed, signed};
use super::signer::{HttpSignature, Jwt, NOW, Signing, bearer, digest, start};

/// A strict and a tolerant sandbox.
fn sandboxes(change: impl Fn(Policy) -> Policy) -> [Sandbox; 2] {
    [Policy::strict(), Policy::tolerant()].map(|policy| start(change(policy)))
}

/// A strict and a tolerant sandbox in a morning, when day and hour have one digit each.
fn in_the_morning() -> [Sandbox; 2] {
    let morning = || UNIX_EPOCH + Duration::from_secs(1_793_783_102);
    let policies = [Policy::strict(), Policy::tolerant()];
    policies.map(|policy| Sandbox::start_blocking(policy.with_clock(morning).into()).unwrap())
}

#[tokio::test]
async fn each_is_refused_by_one_check_or_accepted_and_noted() {
    let enrol = |policy: Policy| policy.with_certificate("holder", KID, &HOLDER.0).unwrap();
    let usual = sandboxes(enrol);
    let encrypted = sandboxes(|policy| policy.with_request_mle(Mle::Mandatory));
    let early = in_the_morning();
    for form in Tolerated::ALL {
        let [strict, tolerant] = if *form == Tolerated::EmptyInTheClear {
            &encrypted
        } else if *form == Tolerated::UnpaddedDate {
            &early
        } else {
            &usual
        };
        let (call, check) = example(*form, strict);
        let answer = call.answer(strict).await;
        let refused = strict.requests().pop().unwrap();
        assert_ne!(answer.status, 201, "{form}");
        let checks = refused.checks().iter();
        let refusing: Vec<&str> = checks
            .filter(|made| made.verdict() == Verdict::Refused)
            .map(Checked::name)
            .collect();
        assert_eq!(refusing, [check], "{form} {refused:?}");
        assert!(refused.tolerated().is_empty(), "{form}");

        let (call, check) = example(*form, tolerant);
        let answer = call.answer(tolerant).await;
        assert_eq!(answer.status, 201, "{form} {}", answer.body);
        let accepted = tolerant.requests().pop().unwrap();
        let forms: Vec<(&str, Tolerated)> = accepted
            .checks()
            .iter()
            .filter_map(|made| tolerated(made).map(|form| (made.name(), form)))
            .collect();
        assert_eq!(forms, [(check, *form)], "{form}");
        assert_eq!(accepted.tolerated(), [*form]);
    }
    assert_eq!(
        usual[0].minted() + encrypted[0].minted() + early[0].minted(),
        0
    );
}

fn tolerated(made: &Checked) -> Option<Tolerated> {
    if let Verdict::Tolerated(form) = made.verdict() {
        Some(form)
    } else {
        None
    }
}

/// A request with this form alone, and the name of the check that refuses it.
fn example(form: Tolerated, sandbox: &Sandbox) -> (Call, &'static str) {
    let jwt = || Jwt::of(sandbox);
    let claim = |name: &str, value: &str| jwt().claim(name, value).call(sandbox);
    match form {
        Tolerated::Accept => {
            let list = "application/json, application/jose;charset=utf-8";
            (jwt().call(sandbox).instead("Accept", list), "Accept")
        }
        Tolerated::ApiResponseKeyId => {
            let key_id = sandbox.merchant().response_key_id();
            (
                claim("v-c-api-response-mle-kid", key_id),
                "responseKeyClaim",
            )
        }
        Tolerated::DigestAlgorithmCase => (claim("digestAlgorithm", "sha-256"), "digestAlgorithm"),
        Tolerated::DigestAlgorithmName => {
            let jwt = jwt().without("digestAlgorithm");
            let jwt = jwt.claim("digest-algorithm", "SHA-256");
            (jwt.call(sandbox), "digestAlgorithm")
        }
        Tolerated::EmptyBody => {
            let jwt = jwt().without("digestAlgorithm").without("digest");
            (jwt.call(sandbox).body(""), "body")
        }
        Tolerated::EmptyInTheClear => (signed(sandbox, jwt(), "{}"), "requestMle"),
        Tolerated::HostWithPort => {
            let host = "apitest.cybersource.com:8443";
            (
                claim("request-host", host).instead("Host", host),
                "requestHost",
            )
        }
        Tolerated::JwtVersion1 => {
            let jwt = Jwt::version_1(&HOLDER.0, "holder");
            (bearer(&jwt.signed(Signing::Rsa(&HOLDER.2))), "jwtVersion")
        }
        Tolerated::JwtVersionNumber => (
            jwt().claim("v-c-jwt-version", 2).call(sandbox),
            "jwtVersion",
        ),
        Tolerated::LowerCasePath => {
            let path = Call::v3(payment_credentials_sandbox::vault::VISA).target;
            (
                claim("request-resource-path", &path.to_lowercase()),
                "requestPath",
            )
        }
        Tolerated::MethodCase => (claim("request-method", "POST"), "requestMethod"),
        Tolerated::OtherHost => (claim("request-host", "api.cybersource.com"), "requestHost"),
        Tolerated::TextTime => (claim("iat", &NOW.to_string()), "issuedAt"),
        Tolerated::HttpSignatureMle
        | Tolerated::NoContentType
        | Tolerated::NoIssuedAt
        | Tolerated::RsaOaep => encrypted(form, sandbox),
        Tolerated::IsoDate
        | Tolerated::ParenthesisedTarget
        | Tolerated::UnpaddedDate
        | Tolerated::VcDate => signature(form, sandbox),
        form => panic!("{form} has no test"),
    }
}

fn encrypted(form: Tolerated, sandbox: &Sandbox) -> (Call, &'static str) {
    let sealed = Sealed::of(sandbox);
    if form == Tolerated::HttpSignatureMle {
        let body = sealed.body();
        let mut signature = HttpSignature::of(sandbox);
        signature.digest = format!("SHA-256={}", digest(&body));
        return (signature.call().body(body), "scheme");
    }
    let (sealed, check) = if form == Tolerated::NoContentType {
        (sealed.without("cty"), "contentType")
    } else if form == Tolerated::NoIssuedAt {
        (sealed.without("iat"), "issuedAt")
    } else {
        (sealed.with("alg", "RSA-OAEP"), "algorithm")
    };
    (signed(sandbox, Jwt::of(sandbox), &sealed.body()), check)
}

fn signature(form: Tolerated, sandbox: &Sandbox) -> (Call, &'static str) {
    let mut signature = HttpSignature::of(sandbox);
    if form == Tolerated::IsoDate {
        signature.date = "2026-05-28 20:26:40.998 +00:00:00";
        return (signature.call(), "date");
    }
    if form == Tolerated::UnpaddedDate {
        signature.date = "Wed, 4 Nov 2026 9:05:02 GMT";
        return (signature.call(), "date");
    }
    let (guide, other) = if form == Tolerated::VcDate {
        ("date", "v-c-date")
    } else {
        ("request-target", "(request-target)")
    };
    signature.headers = signature.headers.replace(guide, other);
    (signature.call(), "signedHeaders")
}
