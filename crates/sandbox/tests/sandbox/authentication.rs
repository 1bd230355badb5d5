//! Which callers are authenticated, when, by which clock, and what is recorded.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{
    Authentication, AuthenticationCheck, AuthenticationScheme, Policy, Sandbox,
};

use super::client::{Call, shared};
use super::signer::{
    DATE, HttpSignature, Jwt, NOW, READINGS, assert_admitted, assert_refused, bearer, examined,
    start,
};

#[tokio::test]
async fn a_stranger_is_refused_in_the_front_ends_words_and_mints_nothing() {
    for policy in READINGS {
        let sandbox = start(policy());
        let (answer, outcome) = examined(&sandbox, &bearer("stranger")).await;
        assert_eq!(answer.status, 401);
        assert_eq!(
            answer.body,
            r#"{"response":{"rmsg":"Authentication Failed"}}"#
        );
        assert_eq!(
            answer.header("content-type"),
            "application/json;charset=utf-8"
        );
        answer.header("v-c-correlation-id");
        assert_eq!(outcome.scheme(), Some(AuthenticationScheme::Bearer));
        assert_eq!(
            outcome.failure().unwrap().check(),
            AuthenticationCheck::BearerAccessToken
        );
        assert_eq!(sandbox.minted(), 0);
    }
}

#[tokio::test]
async fn a_bearer_access_credential_is_known_or_not() {
    let policy = Policy::strict().with_bearer_access_token("theirs", "a.jwt.of-another-kind");
    let sandbox = start(policy);
    for (word, merchant_id) in [
        (sandbox.merchant().bearer_access_token(), "sandbox_merchant"),
        (
            sandbox.portfolio().bearer_access_token(),
            "sandbox_portfolio",
        ),
        ("a.jwt.of-another-kind", "theirs"),
    ] {
        let validated = examined(&sandbox, &bearer(word)).await;
        assert_admitted(&validated, merchant_id);
        assert_eq!(validated.1.scheme(), Some(AuthenticationScheme::Bearer));
        assert_eq!(validated.1.merchant_id(), Some(merchant_id));
        let longer = examined(&sandbox, &bearer(&format!("{word}x"))).await;
        assert_eq!(longer.0.status, 401);
    }
}

#[tokio::test]
async fn credentials_are_of_one_known_scheme() {
    for policy in READINGS {
        let sandbox = start(policy());
        let both = HttpSignature::of(&sandbox)
            .call()
            .with("Authorization", "Bearer x");
        assert_refused(
            &examined(&sandbox, &both).await,
            AuthenticationCheck::Credentials,
            "both",
        );
        for value in ["Basic eDp5", "Bearer", "Bearer ", "Bearer a b", "x", ""] {
            let call = Call::v3(VISA).with("Authorization", value);
            assert_refused(
                &examined(&sandbox, &call).await,
                AuthenticationCheck::Credentials,
                value,
            );
        }
        let word = sandbox.merchant().bearer_access_token();
        let call = Call::v3(VISA).with("Authorization", &format!("bearer {word}"));
        assert_admitted(&examined(&sandbox, &call).await, "schemes have no case");
    }
}

#[tokio::test]
async fn whoever_is_refused_learns_nothing_of_the_vault_or_the_body() {
    let sandbox = start(Policy::strict());
    for call in [
        bearer("x").body("{"),
        bearer("x").with("profile-id", "93B32398-AD51-4CC2-A682-EA3E93614EB2"),
        Call::v3("1").with("Authorization", "Bearer x"),
    ] {
        assert_eq!(call.answer(&sandbox).await.status, 401);
    }
    let word = sandbox.merchant().bearer_access_token();
    let known = bearer(word);
    let other = "93B32398-AD51-4CC2-A682-EA3E93614EB2";
    assert_eq!(known.clone().body("{").answer(&sandbox).await.status, 400);
    assert_eq!(
        known
            .with("profile-id", other)
            .answer(&sandbox)
            .await
            .status,
        424
    );
    // Path and headers are checked first, and need no credentials.
    assert_eq!(bearer("x").method("GET").answer(&sandbox).await.status, 405);
    assert_eq!(
        bearer("x").without("Accept").answer(&sandbox).await.status,
        400
    );
    // The record says what the credentials were all the same.
    let requests = sandbox.requests();
    let outcome = requests.last().unwrap().authentication().unwrap();
    assert!(outcome.failure().is_some());
}

#[tokio::test]
async fn where_nobody_is_asked_nothing_is_examined() {
    let call = bearer("x").with("Signature", "y");
    assert_eq!(call.answer(shared()).await.status, 201);
    let requests = shared().requests();
    assert!(
        requests
            .iter()
            .all(|request| request.authentication().is_none())
    );
}

#[tokio::test]
async fn answers_bear_the_date_of_the_sandboxs_clock() {
    let sandbox = start(Policy::strict());
    let fine = Jwt::of(&sandbox).call(&sandbox).answer(&sandbox).await;
    assert_eq!((fine.status, fine.header("date")), (201, DATE));
    let late = Jwt::of(&sandbox)
        .claim("iat", NOW + 60)
        .claim("exp", NOW + 180)
        .call(&sandbox)
        .answer(&sandbox)
        .await;
    assert_eq!((late.status, late.header("date")), (401, DATE));
}

#[tokio::test]
async fn a_clock_of_any_year_is_no_obstacle() {
    for (time, date) in [
        (UNIX_EPOCH, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (
            UNIX_EPOCH + Duration::from_secs(253_402_300_799),
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ),
    ] {
        let sandbox = Sandbox::start_blocking(Policy::strict().with_clock(move || time).into());
        let answer = bearer("x").answer(&sandbox.unwrap()).await;
        assert_eq!((answer.status, answer.header("date")), (401, date));
    }
    for time in [
        UNIX_EPOCH - Duration::from_secs(1),
        UNIX_EPOCH + Duration::from_secs(253_402_300_800),
        UNIX_EPOCH + Duration::from_secs(1 << 62),
    ] {
        let sandbox =
            Sandbox::start_blocking(Policy::strict().with_clock(move || time).into()).unwrap();
        let call = HttpSignature::of(&sandbox).call();
        assert_eq!(call.answer(&sandbox).await.status, 401);
        let word = sandbox.merchant().bearer_access_token();
        assert_eq!(bearer(word).answer(&sandbox).await.status, 201);
    }
}

#[tokio::test]
async fn the_systems_clock_is_the_default() {
    let sandbox = Sandbox::start_blocking(Authentication::strict()).unwrap();
    let validated = examined(&sandbox, &Jwt::of(&sandbox).call(&sandbox)).await;
    assert_refused(
        &validated,
        AuthenticationCheck::ExpiresAt,
        "a JWT of May 2026",
    );
}

#[tokio::test]
async fn credentials_are_not_recorded_unless_asked_for() {
    let sandbox = start(Policy::strict());
    let call = Jwt::of(&sandbox).call(&sandbox);
    call.answer(&sandbox).await;
    let request = &sandbox.requests()[0];
    assert!(request.captured_authentication().is_none());
    assert_eq!(request.header("authorization"), None);

    let sandbox = start(Policy::strict().with_captured_authentication());
    let jwt = Jwt::of(&sandbox).call(&sandbox);
    let signature = HttpSignature::of(&sandbox);
    jwt.answer(&sandbox).await;
    signature.call().answer(&sandbox).await;
    let requests = sandbox.requests();
    let captured = requests[0].captured_authentication().unwrap();
    let authorization = captured.expose_authorization().unwrap();
    assert!(authorization.starts_with("Bearer eyJ"));
    assert_eq!(captured.expose_signature(), None);
    let captured = requests[1].captured_authentication().unwrap();
    assert_eq!(captured.expose_authorization(), None);
    assert_eq!(captured.expose_signature(), Some(&*signature.parameters()));
    assert_eq!(requests[0].header("authorization"), None);
    let shown = format!("{requests:?} {captured:?}");
    assert!(
        !shown.contains("eyJ") && !shown.contains("keyid"),
        "{shown}"
    );
}

#[tokio::test]
async fn no_secret_is_shown_or_explained() {
    let policy = Policy::strict()
        .with_explanations()
        .with_shared_secret("theirs", "their-key", "aHVzaA==")
        .unwrap()
        .with_bearer_access_token("theirs", "hush-hush");
    let mut shown = format!("{policy:?}");
    let sandbox = start(policy);
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    merchant.keystore().unwrap();
    let mut tampered = HttpSignature::of(&sandbox);
    tampered.host = "api.cybersource.com";
    let misplaced = Jwt::new("HS256", merchant.shared_secret(), "a", "b");
    let right = HttpSignature::of(&sandbox).parameters();
    let right = right.split("signature=").nth(1).unwrap().trim_matches('"');
    for call in [
        Jwt::of(&sandbox).claim("iss", "x").call(&sandbox),
        misplaced.call(&sandbox),
        tampered.call(),
        bearer(merchant.shared_secret()),
        bearer(&format!("{}.", merchant.bearer_access_token())),
    ] {
        let (answer, _) = examined(&sandbox, &call).await;
        assert_eq!(answer.status, 401);
        shown.push_str(&answer.body);
    }
    let requests = sandbox.requests();
    write!(shown, "{sandbox:?} {merchant:?} {portfolio:?} {requests:?}").unwrap();
    for secret in [
        "aHVzaA==",
        "hush",
        right,
        merchant.shared_secret(),
        merchant.keystore_password(),
        merchant.bearer_access_token(),
        portfolio.shared_secret(),
        portfolio.keystore_password(),
        portfolio.bearer_access_token(),
        "eyJ",
        "signature=",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("sandbox_portfolio"));
}

#[test]
fn what_cannot_be_enrolled_is_told_without_being_repeated() {
    let error_text = |outcome: Result<Policy, payment_credentials_sandbox::PolicyError>| {
        outcome.unwrap_err().to_string()
    };
    let policy = || Policy::strict().with_shared_secret("m", "k", "aHVzaA==");
    for secret in ["", "hush!", "aHVzaA"] {
        let fault = error_text(Policy::strict().with_shared_secret("m", "k", secret));
        assert_eq!(fault, "shared secret must be standard base64");
    }
    let taken = error_text(policy().unwrap().with_shared_secret("m", "k", "aHVzaA=="));
    assert_eq!(
        taken,
        "key id must not be empty or enrolled already; give each key its own"
    );
    let empty = error_text(Policy::strict().with_shared_secret("m", "", "aHVzaA=="));
    assert_eq!(empty, taken);
    let no_merchant = error_text(Policy::strict().with_shared_secret("", "k", "aHVzaA=="));
    assert_eq!(no_merchant, "merchant id must not be empty");
    let elliptic = rcgen::generate_simple_self_signed(Vec::new()).unwrap();
    for certificate in [
        b"".as_slice(),
        b"-----BEGIN CERTIFICATE-----",
        elliptic.cert.der(),
    ] {
        let fault = error_text(Policy::strict().with_certificate("m", "k", certificate));
        let rule = "certificate must be DER or PEM, with an RSA key of 2048 to 8192 bits";
        assert_eq!(fault, rule);
    }
}

#[test]
fn every_start_makes_its_own_credentials() {
    let (one, other) = (start(Policy::strict()), start(Policy::strict()));
    let (one, other) = (one.merchant(), other.merchant());
    assert_ne!(one.key_id(), other.key_id());
    assert_ne!(one.shared_secret(), other.shared_secret());
    assert_ne!(one.bearer_access_token(), other.bearer_access_token());
    assert_ne!(one.certificate_key_id(), other.certificate_key_id());
    assert_ne!(one.keystore_password(), other.keystore_password());
    assert_eq!(one.shared_secret().len(), 44);
    assert_eq!(one.key_id().len(), 36);
}
