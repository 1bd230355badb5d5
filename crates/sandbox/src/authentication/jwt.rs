//! JWT of version 2, as the guide "Getting Started with REST" specifies it.

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Map, Value};

use super::check::{AuthenticationCheck, AuthenticationScheme};
use super::directory::VerifyingKey;
use super::examination::{Examination, Examined, reported};
use super::outcome::{AuthenticationFailure, fail};
use crate::checks;
use crate::masking::{quoted, shown_key_id};
use crate::reading::Tolerated;

/// Seconds from `iat` to `exp`, at most.
const LIFE_TIME: i64 = 120;
/// Seconds by which `iat` may be ahead.
const LEEWAY: i64 = 5;
/// Characters of the longest `jti`; a UUID has 36.
const MAX_JWT_ID: usize = 256;

type Members = Map<String, Value>;

/// Validates the text after `Bearer`.
pub(super) fn validate(jwt: &str, at: &mut Examination<'_>) -> Examined {
    at.outcome.scheme = Some(AuthenticationScheme::Jwt);
    let parts: Vec<&str> = jwt.split('.').collect();
    let &[header, claims, signature] = parts.as_slice() else {
        let got = format!("{} of them", parts.len());
        return Err(fail(
            AuthenticationCheck::Format,
            "three parts, divided by dots",
            got,
        ));
    };
    let signed = format!("{header}.{claims}");
    let header = members("the JWT's header", header)?;
    let claims = members("the JWT's claims", claims)?;
    let signature = BASE64URL.decode(signature).map_err(|_fault| {
        fail(
            AuthenticationCheck::Format,
            "a signature in base64url",
            "something else",
        )
    })?;
    if header.contains_key("crit") {
        return Err(fail(
            AuthenticationCheck::Format,
            "no header member crit",
            "crit",
        ));
    }
    let owner = verify(&header, signed.as_bytes(), &signature, at)?;
    validate_claims(&claims, &owner, at)
}

fn members(name: &str, part: &str) -> Result<Members, AuthenticationFailure> {
    let parsed = BASE64URL
        .decode(part)
        .ok()
        .and_then(|json| checks::parse(&json).ok());
    let expected = || format!("{name} as one JSON object in base64url without padding");
    parsed.ok_or_else(|| fail(AuthenticationCheck::Format, expected(), "something else"))
}

/// Verifies the signature, and returns the owner of the key. The key determines the algorithm.
fn verify(
    header: &Members,
    signed: &[u8],
    signature: &[u8],
    at: &mut Examination<'_>,
) -> Result<String, AuthenticationFailure> {
    let Some(key_id) = header.get("kid").and_then(Value::as_str) else {
        let got = reported(header.get("kid"));
        return Err(fail(
            AuthenticationCheck::KeyId,
            "a kid in the JWT's header",
            got,
        ));
    };
    let Some((owner, key)) = at.directory.key(key_id) else {
        return Err(fail(
            AuthenticationCheck::KeyId,
            "the kid of an enrolled key",
            shown_key_id(key_id),
        ));
    };
    at.outcome.key_id = Some(key_id.to_owned());
    at.outcome.key_owner = Some(owner.to_owned());
    let wanted = match key {
        VerifyingKey::Secret(_) => "HS256",
        VerifyingKey::Rsa(_) => "RS256",
    };
    same(header, "alg", wanted, AuthenticationCheck::Algorithm)?;
    same(header, "typ", "JWT", AuthenticationCheck::JwtType)?;
    let good = match key {
        VerifyingKey::Secret(key) => hmac::verify(key, signed, signature).is_ok(),
        VerifyingKey::Rsa(key) => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(signed, signature)
            .is_ok(),
    };
    if !good {
        let expected = format!("a {wanted} signature by {owner}'s key over the first two parts");
        return Err(fail(
            AuthenticationCheck::Signature,
            expected,
            "another signature",
        ));
    }
    Ok(owner.to_owned())
}

fn validate_claims(claims: &Members, owner: &str, at: &mut Examination<'_>) -> Examined {
    same(
        claims,
        "v-c-jwt-version",
        "2",
        AuthenticationCheck::JwtVersion,
    )?;
    same(claims, "iss", owner, AuthenticationCheck::Issuer)?;
    let Some(merchant_id) = claims.get("v-c-merchant-id").and_then(Value::as_str) else {
        let got = reported(claims.get("v-c-merchant-id"));
        return Err(fail(
            AuthenticationCheck::MerchantId,
            "v-c-merchant-id as text",
            got,
        ));
    };
    at.transacting(owner, merchant_id)?;
    validate_host(claims, at)?;
    validate_method(claims, at)?;
    validate_path(claims, at)?;
    validate_digest(claims, at)?;
    validate_response_key(claims, at)?;
    validate_times(claims, at)
}

fn validate_host(claims: &Members, at: &mut Examination<'_>) -> Examined {
    let Err(failure) = same(
        claims,
        "request-host",
        &at.host(),
        AuthenticationCheck::RequestHost,
    ) else {
        return Ok(());
    };
    let got = claims.get("request-host").and_then(Value::as_str);
    if got.is_some() && got == at.host_with_port().as_deref() {
        return at.tolerate(Tolerated::HostWithPort, failure);
    }
    Err(failure)
}

fn validate_method(claims: &Members, at: &mut Examination<'_>) -> Examined {
    let wanted = at.method();
    let Err(failure) = same(
        claims,
        "request-method",
        &wanted,
        AuthenticationCheck::RequestMethod,
    ) else {
        return Ok(());
    };
    let got = claims.get("request-method").and_then(Value::as_str);
    if got.is_some_and(|got| got.eq_ignore_ascii_case(&wanted)) {
        return at.tolerate(Tolerated::MethodCase, failure);
    }
    Err(failure)
}

fn validate_path(claims: &Members, at: &Examination<'_>) -> Examined {
    let value = claims.get("request-resource-path");
    let got = value.and_then(Value::as_str);
    if got == Some(at.path()) {
        return Ok(());
    }
    let expected = format!("request-resource-path {}", quoted(at.path()));
    let got = got.map_or_else(|| reported(value), quoted);
    Err(fail(AuthenticationCheck::RequestPath, expected, got))
}

fn validate_digest(claims: &Members, at: &mut Examination<'_>) -> Examined {
    if at.body.is_empty() {
        let unwanted = ["digest", "digestAlgorithm", "digest-algorithm"]
            .iter()
            .find(|name| claims.contains_key(**name));
        let failure = |name: &&str| {
            fail(
                AuthenticationCheck::Digest,
                "no digest, as there is no body",
                *name,
            )
        };
        return unwanted.map(failure).map_or(Ok(()), Err);
    }
    validate_digest_algorithm(claims, at)?;
    let wanted = STANDARD.encode(digest::digest(&SHA256, at.body));
    same(claims, "digest", &wanted, AuthenticationCheck::Digest)
}

fn validate_digest_algorithm(claims: &Members, at: &mut Examination<'_>) -> Examined {
    let (guide, other) = ("digestAlgorithm", "digest-algorithm");
    let name = if !claims.contains_key(guide) && claims.contains_key(other) {
        let failure = fail(AuthenticationCheck::DigestAlgorithm, guide, other);
        at.tolerate(Tolerated::DigestAlgorithmName, failure)?;
        other
    } else {
        guide
    };
    let Err(failure) = same(
        claims,
        name,
        "SHA-256",
        AuthenticationCheck::DigestAlgorithm,
    ) else {
        return Ok(());
    };
    let got = claims.get(name).and_then(Value::as_str);
    if got.is_some_and(|got| got.eq_ignore_ascii_case("SHA-256")) {
        return at.tolerate(Tolerated::DigestAlgorithmCase, failure);
    }
    Err(failure)
}

/// Notes for which key an encrypted response is requested; the key itself is validated later.
///
/// The guide named the claim `v-c-api-response-mle-kid` until its revision of April 2026.
fn validate_response_key(claims: &Members, at: &mut Examination<'_>) -> Examined {
    let (guide, other) = ("v-c-response-mle-kid", "v-c-api-response-mle-kid");
    let check = AuthenticationCheck::ResponseKeyClaim;
    let name = if !claims.contains_key(guide) && claims.contains_key(other) {
        at.tolerate(Tolerated::ApiResponseKeyId, fail(check, guide, other))?;
        other
    } else {
        guide
    };
    let Some(value) = claims.get(name) else {
        return Ok(());
    };
    let Some(key_id) = value.as_str() else {
        return Err(fail(
            check,
            format!("{name} as text"),
            reported(Some(value)),
        ));
    };
    at.outcome.response_key_id = Some(key_id.to_owned());
    Ok(())
}

fn validate_times(claims: &Members, at: &mut Examination<'_>) -> Examined {
    let issued = time(claims, "iat", AuthenticationCheck::IssuedAt, at)?;
    let expires = time(claims, "exp", AuthenticationCheck::ExpiresAt, at)?;
    let now = at.now;
    if issued > now.saturating_add(LEEWAY) {
        let expected = format!("iat at most {LEEWAY} s after {now}");
        return Err(fail(
            AuthenticationCheck::IssuedAt,
            expected,
            issued.to_string(),
        ));
    }
    if expires < now || expires <= issued {
        let expected = format!("exp after iat {issued} and not before {now}");
        return Err(fail(
            AuthenticationCheck::ExpiresAt,
            expected,
            expires.to_string(),
        ));
    }
    if expires.saturating_sub(issued) > LIFE_TIME {
        let expected = format!("at most {LIFE_TIME} s from iat to exp");
        let got = expires.saturating_sub(issued).to_string();
        at.tolerate(
            Tolerated::LifeTime,
            fail(AuthenticationCheck::LifeTime, expected, got),
        )?;
    }
    validate_jwt_id(claims, expires, at)
}

/// Seconds since the epoch.
fn time(
    claims: &Members,
    name: &str,
    check: AuthenticationCheck,
    at: &mut Examination<'_>,
) -> Result<i64, AuthenticationFailure> {
    let value = claims.get(name);
    if let Some(seconds) = value.and_then(Value::as_i64) {
        return Ok(seconds);
    }
    let expected = format!("{name} as a whole number of seconds");
    let failure = fail(check, expected, reported(value));
    let Some(seconds) = value
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
    else {
        return Err(failure);
    };
    at.tolerate(Tolerated::TextTime, failure)?;
    Ok(seconds)
}

/// This check is the last, so that a request that another check refuses doesn't use up its id.
fn validate_jwt_id(claims: &Members, expires: i64, at: &Examination<'_>) -> Examined {
    let jwt_id = claims
        .get("jti")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !(1..=MAX_JWT_ID).contains(&jwt_id.len()) {
        let expected = format!("jti as a text of 1 to {MAX_JWT_ID} characters");
        return Err(fail(
            AuthenticationCheck::JwtId,
            expected,
            reported(claims.get("jti")),
        ));
    }
    let key_id = at.outcome.key_id().unwrap_or_default();
    if at.replays.admit(key_id, jwt_id, expires, at.now) {
        return Ok(());
    }
    Err(fail(
        AuthenticationCheck::Replay,
        "a jti that this key has not used before",
        reported(claims.get("jti")),
    ))
}

/// Checks that a member is this text.
fn same(members: &Members, name: &str, wanted: &str, check: AuthenticationCheck) -> Examined {
    let value = members.get(name);
    if value.and_then(Value::as_str) == Some(wanted) {
        return Ok(());
    }
    Err(fail(check, format!("{name} {wanted}"), reported(value)))
}
