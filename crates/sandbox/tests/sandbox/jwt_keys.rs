//! JWT: the key decides by which algorithm, and for which merchants, a JWT is valid.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use payment_credentials_sandbox::{AuthenticationCheck, Policy, Sandbox};
use serde_json::json;

use super::jwt::{HOLDER, KID};
use super::signer::{
    Jwt, READINGS, Signing, assert_admitted, assert_refused, bearer, examined, secret, start,
};

fn with_certificate(policy: Policy) -> Sandbox {
    let policy = policy.with_certificate("holder", KID, &HOLDER.0);
    start(policy.unwrap())
}

#[tokio::test]
async fn the_key_decides_about_the_algorithm() {
    for policy in READINGS {
        let sandbox = with_certificate(policy());
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
}

#[tokio::test]
async fn only_the_keys_own_signature_will_do() {
    for policy in READINGS {
        let sandbox = with_certificate(policy());
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
}

#[tokio::test]
async fn a_portfolio_acts_for_its_merchants_alone() {
    for reading in READINGS {
        let policy = reading()
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
}
