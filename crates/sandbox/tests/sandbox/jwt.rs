//! JWT: which JWTs are accepted, and which check rejects the others.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use payment_credentials_sandbox::{AuthenticationCheck, AuthenticationScheme, Policy, Sandbox};
use rcgen::{CertificateParams, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use super::signer::{
    BODY, Jwt, NOW, Signing, assert_admitted, assert_refused, bearer, examined, secret, start,
};

const KID: &str = "4178000000000000000001";

/// A certificate and its key, created once.
static HOLDER: LazyLock<(Vec<u8>, String, KeyPair)> = LazyLock::new(|| {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(der.as_ref());
    let signer = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::default().self_signed(&signer).unwrap();
    (certificate.der().to_vec(), certificate.pem(), key)
});

fn with_certificate() -> Sandbox {
    let policy = Policy::strict().with_certificate("holder", KID, &HOLDER.0);
    start(policy.unwrap())
}

#[tokio::test]
async fn a_shared_secret_lets_its_merchant_in() {
    let sandbox = start(Policy::strict());
    let validated = examined(&sandbox, &Jwt::of(&sandbox).call(&sandbox)).await;
    assert_admitted(&validated, "HS256");
    let outcome = validated.1;
    assert_eq!(outcome.scheme(), Some(AuthenticationScheme::Jwt));
    assert_eq!(outcome.key_id(), Some(sandbox.merchant().key_id()));
    assert_eq!(outcome.key_owner(), Some("sandbox_merchant"));
    assert_eq!(outcome.merchant_id(), Some("sandbox_merchant"));
    assert!(outcome.tolerated().is_empty());
    assert_eq!(sandbox.minted(), 1);
}

#[tokio::test]
async fn a_certificate_lets_its_holder_in_whether_der_or_pem() {
    let jwt = Jwt::new("RS256", KID, "holder", "holder");
    for certificate in [&HOLDER.0, HOLDER.1.as_bytes()] {
        let policy = Policy::strict().with_certificate("holder", KID, certificate);
        let sandbox = start(policy.unwrap());
        let call = bearer(&jwt.signed(Signing::Rsa(&HOLDER.2)));
        assert_admitted(&examined(&sandbox, &call).await, "RS256");
    }
}

async fn assert_all_refused(sandbox: &Sandbox, broken: &[(Jwt, AuthenticationCheck)]) {
    for (jwt, check) in broken {
        let what = jwt.claims.to_string();
        assert_refused(&examined(sandbox, &jwt.call(sandbox)).await, *check, &what);
    }
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn who_it_is_is_held_against_the_keys() {
    let sandbox = start(Policy::strict());
    let good = || Jwt::of(&sandbox);
    let broken = [
        (
            good().claim("v-c-jwt-version", 2),
            AuthenticationCheck::JwtVersion,
        ),
        (
            good().claim("v-c-jwt-version", "1"),
            AuthenticationCheck::JwtVersion,
        ),
        (
            good().without("v-c-jwt-version"),
            AuthenticationCheck::JwtVersion,
        ),
        (good().claim("iss", "somebody"), AuthenticationCheck::Issuer),
        (
            good().claim("iss", "sandbox_portfolio"),
            AuthenticationCheck::Issuer,
        ),
        (good().without("iss"), AuthenticationCheck::Issuer),
        (
            good().claim("v-c-merchant-id", "stranger"),
            AuthenticationCheck::MerchantId,
        ),
        (
            good().claim("v-c-merchant-id", 1),
            AuthenticationCheck::MerchantId,
        ),
        (
            good().without("v-c-merchant-id"),
            AuthenticationCheck::MerchantId,
        ),
        (
            good().claim("v-c-merchant-id", "sandbox_merchant_2"),
            AuthenticationCheck::Relation,
        ),
        (
            good().claim("v-c-merchant-id", "sandbox_portfolio"),
            AuthenticationCheck::Relation,
        ),
    ];
    assert_all_refused(&sandbox, &broken).await;
}

#[tokio::test]
async fn what_is_asked_is_held_against_the_request() {
    let sandbox = start(Policy::strict());
    let good = || Jwt::of(&sandbox);
    let broken = [
        (
            good().claim("request-host", "api.cybersource.com"),
            AuthenticationCheck::RequestHost,
        ),
        (
            good().claim("request-host", "apitest.cybersource.com:443"),
            AuthenticationCheck::RequestHost,
        ),
        (
            good().claim("request-host", "APITEST.cybersource.com"),
            AuthenticationCheck::RequestHost,
        ),
        (
            good().without("request-host"),
            AuthenticationCheck::RequestHost,
        ),
        (
            good().claim("request-method", "get"),
            AuthenticationCheck::RequestMethod,
        ),
        (
            good().without("request-method"),
            AuthenticationCheck::RequestMethod,
        ),
        (
            good().claim("request-resource-path", "/"),
            AuthenticationCheck::RequestPath,
        ),
        (
            good().claim("request-resource-path", json!(["/"])),
            AuthenticationCheck::RequestPath,
        ),
        (
            good().without("request-resource-path"),
            AuthenticationCheck::RequestPath,
        ),
        (
            good().claim("digestAlgorithm", "SHA-512"),
            AuthenticationCheck::DigestAlgorithm,
        ),
        (
            good().without("digestAlgorithm"),
            AuthenticationCheck::DigestAlgorithm,
        ),
        (
            good().claim("digest", "SHA-256=RBNvo1WzZ4oRRq0W9"),
            AuthenticationCheck::Digest,
        ),
        (good().without("digest"), AuthenticationCheck::Digest),
    ];
    assert_all_refused(&sandbox, &broken).await;
}

/// Row E7: a signature is valid for a limited time.
#[tokio::test]
async fn times_and_id_are_held_against_the_clock() {
    let sandbox = start(Policy::strict());
    let good = || Jwt::of(&sandbox);
    let long = "x".repeat(257);
    let broken = [
        (
            good().claim("iat", NOW + 6).claim("exp", NOW + 100),
            AuthenticationCheck::IssuedAt,
        ),
        (
            good().claim("iat", 1_780_000_000.5),
            AuthenticationCheck::IssuedAt,
        ),
        (good().without("iat"), AuthenticationCheck::IssuedAt),
        (
            good().claim("iat", NOW - 121).claim("exp", NOW - 1),
            AuthenticationCheck::ExpiresAt,
        ),
        (
            good().claim("iat", NOW).claim("exp", NOW),
            AuthenticationCheck::ExpiresAt,
        ),
        (
            good().claim("exp", Value::Null),
            AuthenticationCheck::ExpiresAt,
        ),
        (good().without("exp"), AuthenticationCheck::ExpiresAt),
        (
            good().claim("exp", NOW + 121),
            AuthenticationCheck::LifeTime,
        ),
        (
            good().claim("iat", i64::MIN).claim("exp", i64::MAX),
            AuthenticationCheck::LifeTime,
        ),
        (good().without("jti"), AuthenticationCheck::JwtId),
        (good().claim("jti", ""), AuthenticationCheck::JwtId),
        (good().claim("jti", long), AuthenticationCheck::JwtId),
    ];
    assert_all_refused(&sandbox, &broken).await;
}

#[tokio::test]
async fn what_the_edges_allow_is_let_in() {
    let sandbox = start(Policy::strict());
    let good = || Jwt::of(&sandbox);
    for jwt in [
        good().claim("iat", NOW + 5).claim("exp", NOW + 125),
        good().claim("iat", NOW - 120).claim("exp", NOW),
        good().claim("jti", "x".repeat(256)),
        good().claim("nobody-heard-of", json!({"it": [1]})),
    ] {
        let what = jwt.claims.to_string();
        assert_admitted(&examined(&sandbox, &jwt.call(&sandbox)).await, &what);
    }
}

#[tokio::test]
async fn the_host_is_signed_without_its_port_and_in_lower_case() {
    let sandbox = start(Policy::strict());
    for host in ["APITEST.cybersource.com", "apitest.cybersource.com:8443"] {
        let call = Jwt::of(&sandbox).call(&sandbox).instead("Host", host);
        assert_admitted(&examined(&sandbox, &call).await, host);
    }
    let jwt = Jwt::of(&sandbox).claim("request-host", "[::1]");
    let call = jwt.call(&sandbox).instead("Host", "[::1]:443");
    assert_admitted(&examined(&sandbox, &call).await, "[::1]");
}

#[tokio::test]
async fn the_digest_is_that_of_the_very_body() {
    let sandbox = start(Policy::strict());
    for body in [format!(" {BODY}"), "{}".to_owned()] {
        let call = Jwt::of(&sandbox).call(&sandbox).body(body);
        assert_refused(
            &examined(&sandbox, &call).await,
            AuthenticationCheck::Digest,
            "another body",
        );
    }
    let empty = Jwt::of(&sandbox).call(&sandbox).body("");
    assert_refused(
        &examined(&sandbox, &empty).await,
        AuthenticationCheck::Digest,
        "no body",
    );
    let bare = Jwt::of(&sandbox)
        .without("digest")
        .without("digestAlgorithm");
    let (answer, outcome) = examined(&sandbox, &bare.call(&sandbox).body("")).await;
    assert!(outcome.failure().is_none());
    assert_eq!(
        answer.status, 400,
        "the body is missed after authentication"
    );
}

#[tokio::test]
async fn the_header_names_key_type_and_algorithm() {
    let sandbox = start(Policy::strict());
    for (name, value, check) in [
        ("kid", json!("somebody"), AuthenticationCheck::KeyId),
        ("kid", json!(7), AuthenticationCheck::KeyId),
        ("kid", Value::Null, AuthenticationCheck::KeyId),
        ("typ", json!("jwt"), AuthenticationCheck::JwtType),
        ("typ", Value::Null, AuthenticationCheck::JwtType),
        ("alg", json!("HS512"), AuthenticationCheck::Algorithm),
        ("alg", json!("hs256"), AuthenticationCheck::Algorithm),
        ("alg", Value::Null, AuthenticationCheck::Algorithm),
        ("crit", json!(["exp"]), AuthenticationCheck::Format),
    ] {
        let mut jwt = Jwt::of(&sandbox);
        jwt.header[name] = value;
        let what = jwt.header.to_string();
        assert_refused(&examined(&sandbox, &jwt.call(&sandbox)).await, check, &what);
    }
}

#[tokio::test]
async fn the_key_decides_about_the_algorithm() {
    let sandbox = with_certificate();
    let rs256 = Jwt::new("RS256", KID, "holder", "holder");
    let hs256 = Jwt::new("HS256", KID, "holder", "holder");
    let none = Jwt::new("none", KID, "holder", "holder");
    let spki: PublicKeyX509Der<'_> = HOLDER.2.public_key().as_der().unwrap();
    let pkcs1 = HOLDER.2.public_key().as_ref();
    for (jwt, signing) in [
        (&hs256, Signing::Hmac(spki.as_ref())),
        (&hs256, Signing::Hmac(pkcs1)),
        (&hs256, Signing::Hmac(HOLDER.1.as_bytes())),
        (&hs256, Signing::Rsa(&HOLDER.2)),
        (&none, Signing::Unsigned),
        (&none, Signing::Rsa(&HOLDER.2)),
    ] {
        let validated = examined(&sandbox, &bearer(&jwt.signed(signing))).await;
        assert_refused(
            &validated,
            AuthenticationCheck::Algorithm,
            &jwt.header.to_string(),
        );
    }
    for signing in [Signing::Hmac(pkcs1), Signing::Unsigned] {
        let validated = examined(&sandbox, &bearer(&rs256.signed(signing))).await;
        assert_refused(&validated, AuthenticationCheck::Signature, "RS256");
    }
    let mut confused = Jwt::of(&sandbox);
    for algorithm in ["RS256", "none"] {
        confused.header["alg"] = json!(algorithm);
        let validated = examined(&sandbox, &confused.call(&sandbox)).await;
        assert_refused(&validated, AuthenticationCheck::Algorithm, algorithm);
    }
}

#[tokio::test]
async fn only_the_keys_own_signature_will_do() {
    let sandbox = with_certificate();
    let jwt = Jwt::of(&sandbox);
    let portfolio = secret(sandbox.portfolio().shared_secret());
    let base64 = sandbox.merchant().shared_secret().as_bytes();
    for secret in [&portfolio, base64, b""] {
        let validated = examined(&sandbox, &bearer(&jwt.signed(Signing::Hmac(secret)))).await;
        assert_refused(&validated, AuthenticationCheck::Signature, "another secret");
    }
    let other = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let jwt = Jwt::new("RS256", KID, "holder", "holder");
    let validated = examined(&sandbox, &bearer(&jwt.signed(Signing::Rsa(&other)))).await;
    assert_refused(&validated, AuthenticationCheck::Signature, "another key");

    // Claims that were changed after they were signed.
    let signed = jwt.signed(Signing::Rsa(&HOLDER.2));
    let claims = jwt.claim("iss", "somebody").claims.to_string();
    let parts: Vec<&str> = signed.split('.').collect();
    let forged = format!("{}.{}.{}", parts[0], BASE64URL.encode(claims), parts[2]);
    assert_refused(
        &examined(&sandbox, &bearer(&forged)).await,
        AuthenticationCheck::Signature,
        "forged",
    );
}

/// Row E7: a signature is valid once.
#[tokio::test]
async fn an_id_is_good_for_one_request() {
    let sandbox = start(Policy::strict());
    let jwt = Jwt::of(&sandbox);
    let call = jwt.call(&sandbox);
    // A request that is refused because of its body doesn't use up its JWT ID.
    let validated = examined(&sandbox, &call.clone().body("{}")).await;
    assert_refused(&validated, AuthenticationCheck::Digest, "another body");
    assert_admitted(&examined(&sandbox, &call).await, "first");
    assert_refused(
        &examined(&sandbox, &call).await,
        AuthenticationCheck::Replay,
        "second",
    );
    let signed_anew = jwt.claim("exp", NOW + 119).call(&sandbox);
    assert_refused(
        &examined(&sandbox, &signed_anew).await,
        AuthenticationCheck::Replay,
        "third",
    );
    assert_eq!(sandbox.minted(), 1);
}

#[tokio::test]
async fn a_portfolio_acts_for_its_merchants_alone() {
    let policy = Policy::strict()
        .with_shared_secret("stranger", "their-key", "c2VjcmV0")
        .unwrap()
        .with_relation("stranger", "theirs");
    let sandbox = start(policy);
    let portfolio = sandbox.portfolio();
    let key = secret(portfolio.shared_secret());
    let call = |merchant_id: &str| {
        let jwt = Jwt::new("HS256", portfolio.key_id(), portfolio.id(), merchant_id);
        bearer(&jwt.signed(Signing::Hmac(&key)))
    };
    assert_eq!(
        portfolio.merchant_ids(),
        [sandbox.merchant().id(), "sandbox_merchant_2"]
    );
    for merchant_id in portfolio.merchant_ids() {
        let validated = examined(&sandbox, &call(merchant_id)).await;
        assert_admitted(&validated, merchant_id);
        assert_eq!(validated.1.key_owner(), Some("sandbox_portfolio"));
        assert_eq!(validated.1.merchant_id(), Some(merchant_id.as_str()));
    }
    for stranger in ["stranger", "theirs"] {
        let validated = examined(&sandbox, &call(stranger)).await;
        assert_refused(&validated, AuthenticationCheck::Relation, stranger);
    }
    let jwt = Jwt::new("HS256", "their-key", "stranger", "theirs");
    let validated = examined(&sandbox, &bearer(&jwt.signed(Signing::Hmac(b"secret")))).await;
    assert_admitted(&validated, "theirs");
}

#[tokio::test]
async fn what_is_no_jwt_is_refused_as_such() {
    let sandbox = start(Policy::strict());
    let good = Jwt::of(&sandbox).signed(Signing::Unsigned);
    let twice = BASE64URL.encode(r#"{"alg":"none","alg":"HS256"}"#);
    for word in [
        ".",
        "..",
        "a.b.c",
        "e30.e30",
        "e30=.e30.AA",
        "e30.W10.AA",
        "e30.e30.A",
        &format!("{good}.e30"),
        &format!("{twice}.e30.AA"),
    ] {
        assert_refused(
            &examined(&sandbox, &bearer(word)).await,
            AuthenticationCheck::Format,
            word,
        );
    }
}
