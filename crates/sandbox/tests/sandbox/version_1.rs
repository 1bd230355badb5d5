//! JWTs of version 1: which are accepted where reading is tolerant, and which check rejects the others.

use std::sync::LazyLock;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use payment_credentials_sandbox::{
    AuthenticationCheck, AuthenticationFailure, Policy, Sandbox, Tolerated,
};
use serde_json::{Value, json};

use super::jwt::{HOLDER, KID};
use super::signer::{
    BODY, DATE, Jwt, NOW, READINGS, Signing, assert_admitted, assert_refused, bearer, digest,
    examined, start,
};

fn knowing(policy: Policy) -> Sandbox {
    let policy = policy.with_relation("holder", "theirs");
    start(policy.with_certificate("holder", KID, &HOLDER.0).unwrap())
}

fn version_1() -> Jwt {
    Jwt::version_1(&HOLDER.0, "holder")
}

fn with(name: &str, value: Value) -> Jwt {
    let mut jwt = version_1();
    jwt.header[name] = value;
    jwt
}

fn signed(jwt: &Jwt) -> super::client::Call {
    bearer(&jwt.signed(Signing::Rsa(&HOLDER.2)))
}

#[tokio::test]
async fn the_forms_of_the_older_sdks_are_accepted_and_noted() {
    let sandbox = knowing(Policy::tolerant());
    let lines: Vec<String> = STANDARD
        .encode(&HOLDER.0)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let chain = json!([STANDARD.encode(&HOLDER.0), "of nobody's interest"]);
    for (jwt, what) in [
        (version_1(), "the guide to security keys"),
        (with("kid", "".into()), "an empty kid"),
        (with("typ", "JWT".into()), "a type"),
        (
            with("x5c", json!([lines.join("\n")])),
            "the PHP SDK's lines",
        ),
        (with("x5c", chain), "a chain"),
        (with("v-c-merchant-id", "theirs".into()), "a MetaKey"),
        (version_1().claim("iat", NOW), "the Ruby SDK's number"),
        (version_1().claim("iat", NOW.to_string()), "seconds as text"),
        (version_1().claim("iat", NOW - 300), "the oldest"),
    ] {
        let validated = examined(&sandbox, &signed(&jwt)).await;
        assert_admitted(&validated, what);
        let outcome = validated.1;
        assert_eq!(outcome.tolerated(), [Tolerated::JwtVersion1], "{what}");
        assert_eq!(outcome.key_id(), Some(KID), "{what}");
        assert_eq!(outcome.key_owner(), Some("holder"), "{what}");
    }
}

#[tokio::test]
async fn a_morning_of_the_php_sdk_is_read() {
    let morning = || std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_793_783_102);
    let policy = Policy::tolerant().with_certificate("holder", KID, &HOLDER.0);
    let policy = policy.unwrap().with_clock(morning);
    let sandbox = Sandbox::start_blocking(policy.into()).unwrap();
    let jwt = version_1().claim("iat", "Wed, 04 Nov 2026 9:05:02 GMT");
    assert_admitted(&examined(&sandbox, &signed(&jwt)).await, "9 o'clock");
}

#[tokio::test]
async fn strict_reading_says_that_this_is_version_1() {
    let sandbox = knowing(Policy::strict().with_explanations());
    let validated = examined(&sandbox, &signed(&version_1())).await;
    assert_refused(&validated, AuthenticationCheck::JwtVersion, "version 1");
    assert_eq!(validated.1.failures().len(), 1, "{:?}", validated.1);
    let text = "this is a JWT of version 1";
    assert!(validated.0.body.contains(text), "{}", validated.0.body);
}

/// Another certificate with the holder's own key.
static RENEWED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    let der: Pkcs8V1Der<'_> = HOLDER.2.as_der().unwrap();
    let der = rustls::pki_types::PrivatePkcs8KeyDer::from(der.as_ref());
    let key = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.serial_number = Some(7_u64.into());
    params.self_signed(&key).unwrap().der().to_vec()
});

#[tokio::test]
async fn the_certificate_is_the_enrolled_one_byte_for_byte() {
    for policy in READINGS {
        let sandbox = knowing(policy());
        let leaf = STANDARD.encode(&HOLDER.0);
        let mut longer = HOLDER.0.clone();
        longer.push(0);
        for certificates in [
            json!([]),
            json!(leaf),
            json!([BASE64URL.encode(&HOLDER.0)]),
            json!(["", leaf]),
            json!([STANDARD.encode(&longer)]),
            json!([STANDARD.encode(&*RENEWED), leaf]),
            Value::Null,
        ] {
            let jwt = with("x5c", certificates);
            let (answer, outcome) = examined(&sandbox, &signed(&jwt)).await;
            let failed: Vec<_> = outcome
                .failures()
                .iter()
                .map(AuthenticationFailure::check)
                .collect();
            let what = jwt.header.to_string();
            assert!(failed.contains(&AuthenticationCheck::KeyId), "{what}");
            assert_eq!((answer.status, outcome.key_id()), (401, None), "{what}");
        }
        assert_eq!(sandbox.minted(), 0);
    }
}

#[tokio::test]
async fn the_signature_is_that_of_the_certificates_key() {
    use AuthenticationCheck::{Algorithm, Signature};
    let sandbox = knowing(Policy::tolerant());
    let other = KeyPair::generate(KeySize::Rsa2048).unwrap();
    for signing in [
        Signing::Rsa(&other),
        Signing::Hmac(&HOLDER.0),
        Signing::Unsigned,
    ] {
        let validated = examined(&sandbox, &bearer(&version_1().signed(signing))).await;
        assert_refused(&validated, Signature, "another key");
    }
    for algorithm in ["none", "HS256", "PS256"] {
        let jwt = with("alg", algorithm.into());
        for signing in [
            Signing::Unsigned,
            Signing::Hmac(&HOLDER.0),
            Signing::Rsa(&HOLDER.2),
        ] {
            let validated = examined(&sandbox, &bearer(&jwt.signed(signing))).await;
            assert_refused(&validated, Algorithm, algorithm);
        }
    }
    // Claims that were changed after they were signed.
    let good = version_1().signed(Signing::Rsa(&HOLDER.2));
    let parts: Vec<&str> = good.split('.').collect();
    let claims = BASE64URL.encode(version_1().claim("iat", NOW).claims.to_string());
    let forged = format!("{}.{claims}.{}", parts[0], parts[2]);
    assert_refused(
        &examined(&sandbox, &bearer(&forged)).await,
        Signature,
        "forged",
    );
    assert_eq!(sandbox.minted(), 0);
}

#[tokio::test]
async fn body_merchant_and_date_are_held_against_the_request() {
    use AuthenticationCheck as Check;
    let sandbox = knowing(Policy::tolerant());
    let tampered = signed(&version_1()).body(format!(" {BODY}"));
    assert_refused(&examined(&sandbox, &tampered).await, Check::Digest, "body");
    for (jwt, check) in [
        (version_1().claim("digest", digest("{}")), Check::Digest),
        (version_1().without("digest"), Check::Digest),
        (
            version_1().without("digestAlgorithm"),
            Check::DigestAlgorithm,
        ),
        (
            with("v-c-merchant-id", "stranger".into()),
            Check::MerchantId,
        ),
        (with("v-c-merchant-id", Value::Null), Check::MerchantId),
        (
            with("v-c-merchant-id", "sandbox_merchant".into()),
            Check::Relation,
        ),
        (with("typ", "jwt".into()), Check::JwtType),
        (with("crit", json!(["iat"])), Check::Format),
        (version_1().claim("iat", NOW - 301), Check::IssuedAt),
        (version_1().claim("iat", NOW + 301), Check::IssuedAt),
        (
            version_1().claim("iat", "Thu, 28 May 2026 20:21:39 GMT"),
            Check::IssuedAt,
        ),
        (
            version_1().claim("iat", "Wed, 28 May 2026 20:26:40 GMT"),
            Check::IssuedAt,
        ),
        (
            version_1().claim("iat", "2026-05-28T20:26:40Z"),
            Check::IssuedAt,
        ),
        (version_1().without("iat"), Check::IssuedAt),
    ] {
        let what = format!("{} {}", jwt.header, jwt.claims);
        assert_refused(&examined(&sandbox, &signed(&jwt)).await, check, &what);
    }
    assert_eq!(sandbox.minted(), 0);
}

/// With a key id, a JWT is of version 2, whatever certificate its header holds.
#[tokio::test]
async fn a_key_id_makes_it_version_2() {
    for policy in READINGS {
        let sandbox = knowing(policy());
        let mut jwt = Jwt::new("RS256", KID, "holder", "holder");
        jwt.header["x5c"] = json!([STANDARD.encode(&HOLDER.0)]);
        assert_admitted(&examined(&sandbox, &signed(&jwt)).await, "version 2");
        let old = with("kid", KID.into());
        let validated = examined(&sandbox, &signed(&old)).await;
        assert_refused(&validated, AuthenticationCheck::JwtType, DATE);
    }
}

/// The sandbox's own keystore signs version 1 too, once it exists.
#[tokio::test]
async fn the_sandboxs_own_certificate_is_enrolled() {
    let sandbox = knowing(Policy::tolerant());
    let merchant = sandbox.merchant();
    let opened = super::keystore::open(merchant.keystore().unwrap(), merchant.keystore_password());
    let key = KeyPair::from_pkcs8(&opened.key).unwrap();
    let own = Jwt::version_1(&opened.certificates[0], merchant.id());
    let validated = examined(&sandbox, &bearer(&own.signed(Signing::Rsa(&key)))).await;
    assert_admitted(&validated, "its own");
    let service = Jwt::version_1(&opened.certificates[1], merchant.id());
    let validated = examined(&sandbox, &bearer(&service.signed(Signing::Rsa(&key)))).await;
    assert_refused(&validated, AuthenticationCheck::KeyId, "the service's");
}
