//! The claims of version 2.

use aws_lc_rs::digest::{self, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::check::AuthenticationCheck;
use super::super::examination::{Examination, reported};
use super::super::mistakes;
use super::super::outcome::fail;
use super::{Members, same, unequal};
use crate::hosts;
use crate::masking::{quoted, shown};
use crate::reading::Tolerated;

/// Seconds from `iat` to `exp`, at most.
const LIFE_TIME: i64 = 120;
/// Seconds by which `iat` may be ahead.
const LEEWAY: i64 = 5;
/// Characters of the longest `jti`; a UUID has 36.
const MAX_JWT_ID: usize = 256;

/// Validates the claims. The owner of the key is unknown where the key is.
pub(super) fn validate(claims: &Members, owner: Option<&str>, at: &mut Examination<'_>) {
    validate_version(claims, at);
    if let Some(owner) = owner {
        same(claims, "iss", owner, AuthenticationCheck::Issuer, at);
    }
    validate_merchant(claims, owner, at);
    validate_host(claims, at);
    validate_method(claims, at);
    validate_path(claims, at);
    validate_digest(claims, at);
    validate_response_key(claims, at);
    validate_times(claims, at);
}

fn validate_version(claims: &Members, at: &mut Examination<'_>) {
    let (name, check) = ("v-c-jwt-version", AuthenticationCheck::JwtVersion);
    if claims.get(name).and_then(Value::as_u64) == Some(2) {
        let failure = unequal(claims, name, "2", check);
        return at.tolerate(Tolerated::JwtVersionNumber, failure);
    }
    same(claims, name, "2", check, at);
}

fn validate_merchant(claims: &Members, owner: Option<&str>, at: &mut Examination<'_>) {
    let value = claims.get("v-c-merchant-id");
    if let Some(merchant_id) = value.and_then(Value::as_str) {
        return at.transacting(owner, merchant_id);
    }
    let expected = "v-c-merchant-id as text";
    at.object(fail(
        AuthenticationCheck::MerchantId,
        expected,
        reported(value),
    ));
}

fn validate_host(claims: &Members, at: &mut Examination<'_>) {
    let (name, wanted) = ("request-host", at.host());
    let got = claims.get(name).and_then(Value::as_str);
    let form = match got {
        Some(got) if got == wanted => None,
        Some(got) if at.host_with_port().as_deref() == Some(got) => Some(Tolerated::HostWithPort),
        Some(got) if hosts::is_on_certificate(got) => Some(Tolerated::OtherHost),
        Some(_) | None => None,
    };
    let check = AuthenticationCheck::RequestHost;
    match form {
        Some(form) => at.tolerate(form, unequal(claims, name, &wanted, check)),
        None => same(claims, name, &wanted, check, at),
    }
}

fn validate_method(claims: &Members, at: &mut Examination<'_>) {
    let (name, wanted) = ("request-method", at.method());
    let check = AuthenticationCheck::RequestMethod;
    let got = claims.get(name).and_then(Value::as_str);
    if got == Some(&wanted.to_ascii_uppercase()) {
        let failure = unequal(claims, name, &wanted, check);
        return at.tolerate(Tolerated::MethodCase, failure);
    }
    same(claims, name, &wanted, check, at);
}

fn validate_path(claims: &Members, at: &mut Examination<'_>) {
    let value = claims.get("request-resource-path");
    let text = value.and_then(Value::as_str);
    let expected = format!("request-resource-path {}", quoted(at.path()));
    // A path keeps all its digits, since it has to be compared.
    let path = text.filter(|text| text.starts_with('/'));
    let got = path.map_or_else(|| reported(value), quoted);
    let failure = fail(AuthenticationCheck::RequestPath, expected, got);
    let is_same = text == Some(at.path());
    if !is_same && text == Some(&at.path().to_ascii_lowercase()) {
        return at.tolerate(Tolerated::LowerCasePath, failure);
    }
    at.require(is_same, failure);
}

/// Validates the digest of a body, which both versions state in the same claims.
pub(super) fn validate_digest(claims: &Members, at: &mut Examination<'_>) {
    let Some(body) = at.body else {
        return;
    };
    if body.is_empty() {
        let names = ["digest", "digestAlgorithm", "digest-algorithm"];
        if let Some(name) = names.iter().find(|name| claims.contains_key(**name)) {
            let expected = "no digest, as there is no body";
            at.object(fail(AuthenticationCheck::Digest, expected, *name));
        }
        return;
    }
    validate_digest_algorithm(claims, at);
    let wanted = STANDARD.encode(digest::digest(&SHA256, body));
    let (check, got) = (AuthenticationCheck::Digest, claims.get("digest"));
    let value = got.and_then(Value::as_str).unwrap_or_default();
    let mistake = match value.strip_prefix("SHA-256=") {
        Some(value) if value == wanted => Some("which has no SHA-256= before it in a JWT"),
        Some(_) | None if value == wanted => None,
        Some(_) | None => mistakes::digest(body, value),
    };
    match mistake {
        Some(mistake) => {
            let got = format!("{}, {mistake}", reported(got));
            at.object(fail(check, format!("digest {wanted}"), got));
        }
        None => same(claims, "digest", &wanted, check, at),
    }
}

fn validate_digest_algorithm(claims: &Members, at: &mut Examination<'_>) {
    let (guide, other) = ("digestAlgorithm", "digest-algorithm");
    let check = AuthenticationCheck::DigestAlgorithm;
    let name = if !claims.contains_key(guide) && claims.contains_key(other) {
        let failure = fail(
            check,
            format!("the claim {guide}"),
            format!("the claim {other}"),
        );
        at.tolerate(Tolerated::DigestAlgorithmName, failure);
        other
    } else {
        guide
    };
    if claims.get(name).and_then(Value::as_str) == Some("sha-256") {
        let failure = unequal(claims, name, "SHA-256", check);
        return at.tolerate(Tolerated::DigestAlgorithmCase, failure);
    }
    same(claims, name, "SHA-256", check, at);
}

/// Notes for which key an encrypted response is requested; the key itself is validated later.
///
/// The guide named the claim `v-c-api-response-mle-kid` until its revision of April 2026.
pub(super) fn validate_response_key(claims: &Members, at: &mut Examination<'_>) {
    let (guide, other) = ("v-c-response-mle-kid", "v-c-api-response-mle-kid");
    let check = AuthenticationCheck::ResponseKeyClaim;
    let name = if !claims.contains_key(guide) && claims.contains_key(other) {
        let failure = fail(
            check,
            format!("the claim {guide}"),
            format!("the claim {other}"),
        );
        at.tolerate(Tolerated::ApiResponseKeyId, failure);
        other
    } else {
        guide
    };
    let Some(value) = claims.get(name) else {
        return;
    };
    match value.as_str() {
        Some(key_id) => at.outcome.response_key_id = Some(key_id.to_owned()),
        None => at.object(fail(
            check,
            format!("{name} as text"),
            reported(Some(value)),
        )),
    }
}

fn validate_times(claims: &Members, at: &mut Examination<'_>) {
    let now = at.now;
    let issued = time(claims, "iat", AuthenticationCheck::IssuedAt, at);
    if let Some(issued) = issued {
        let expected = format!("iat at most {LEEWAY} s after {now}");
        let got = told_time(claims, "iat", issued);
        let failure = fail(AuthenticationCheck::IssuedAt, expected, got);
        at.require(issued <= now.saturating_add(LEEWAY), failure);
    }
    let expires = time(claims, "exp", AuthenticationCheck::ExpiresAt, at);
    if let (Some(issued), Some(expires)) = (issued, expires) {
        let start = shown(&issued.to_string());
        let expected = format!("exp after iat {start} and not before {now}");
        let got = told_time(claims, "exp", expires);
        let failure = fail(AuthenticationCheck::ExpiresAt, expected, got);
        at.require(expires >= now && expires > issued, failure);
        let length = expires.saturating_sub(issued);
        let expected = format!("at most {LIFE_TIME} s from iat to exp");
        let got = told_time(claims, "exp", length);
        let failure = fail(AuthenticationCheck::LifeTime, expected, got);
        at.require(length <= LIFE_TIME, failure);
    }
    validate_jwt_id(claims, expires, at);
}

/// A time, or the seconds up to it, with what is wrong with the form of the claim.
fn told_time(claims: &Members, name: &str, time: i64) -> String {
    match mistakes::time(claims.get(name)) {
        Some(mistake) => format!("{}: {name} has {mistake}", shown(&time.to_string())),
        None => shown(&time.to_string()),
    }
}

/// Seconds since the epoch.
fn time(
    claims: &Members,
    name: &str,
    check: AuthenticationCheck,
    at: &mut Examination<'_>,
) -> Option<i64> {
    let value = claims.get(name);
    if let Some(seconds) = value.and_then(Value::as_i64) {
        return Some(seconds);
    }
    let expected = format!("{name} as a whole number of seconds");
    let mistake = mistakes::time(value).map(|it| format!(": {it}"));
    let got = reported(value) + &mistake.unwrap_or_default();
    let failure = fail(check, expected, got);
    let text = value.and_then(Value::as_str);
    let Some(seconds) = text.and_then(seconds) else {
        at.object(failure);
        return None;
    };
    at.tolerate(Tolerated::TextTime, failure);
    Some(seconds)
}

/// Seconds as text: digits alone.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// This check is the last, so that a request that another check refuses doesn't use up its id.
fn validate_jwt_id(claims: &Members, expires: Option<i64>, at: &mut Examination<'_>) {
    let value = claims.get("jti");
    let jwt_id = value.and_then(Value::as_str).unwrap_or_default();
    let expected = format!("jti as a text of 1 to {MAX_JWT_ID} characters");
    let failure = fail(AuthenticationCheck::JwtId, expected, reported(value));
    if !at.require((1..=MAX_JWT_ID).contains(&jwt_id.len()), failure) {
        return;
    }
    let key_id = at.outcome.key_id().unwrap_or_default();
    let is_new = match expires {
        Some(expires) if at.is_acceptable && at.outcome.failure().is_none() => {
            at.replays.admit(key_id, jwt_id, expires, at.now)
        }
        Some(_) | None => at.replays.is_new(key_id, jwt_id),
    };
    let expected = "a jti that this key has not used before";
    at.require(
        is_new,
        fail(AuthenticationCheck::Replay, expected, reported(value)),
    );
}
